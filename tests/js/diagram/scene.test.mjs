import assert from "node:assert/strict";
import { test } from "node:test";
import { Steps, stepScale, timeScale, Viewport } from "../../../zmqlab/view/js/model/scale.js";
import { arrowOf, flagAt, lullAt, hit, sceneOf } from "../../../zmqlab/view/js/diagram/scene.js";
import { State } from "../../../zmqlab/view/js/model/state.js";
import { Places } from "../../../zmqlab/view/js/diagram/thin.js";
import { batch, connection, message, pair } from "../story.mjs";

const scene = (messages, { ms = false, more = {} } = {}) => {
  const state = new State();
  state.apply(pair({ messages, now: 1000, ...more }));
  const steps = new Steps();
  steps.add(state.list);
  const scale = ms ? timeScale(0, state.now) : stepScale(steps);
  const view = new Viewport();
  view.width = 800;
  view.fit(scale, 100);
  const laneY = new Map([
    ["alice", 50],
    ["server", 100],
  ]);
  const frame = { scale, view, laneY, laneHeight: 50, tints: new Map(), places: new Places() };
  return { state, frame, drawn: sceneOf(state, frame) };
};

test("an arrow goes from the sender's lane to the receiver's, and never back in time", () => {
  const { drawn } = scene([message(1, { sent: 1, left: 1.1, arrived: 1.2, received: 1.3 })]);
  const [arrow] = drawn.arrows;
  assert.deepEqual([arrow.y1, arrow.y2, arrow.end], [50, 100, ""]);
  assert.ok(arrow.x0 <= arrow.x1 && arrow.x1 < arrow.x2 && arrow.x2 <= arrow.x3);
});

test("what lay unread is thick from its arrival on, and until now where nobody has received it", () => {
  const { drawn } = scene(
    [message(1, { sent: 1, left: 1.1, arrived: 1.2, received: 500 }), message(2, { sent: 2, left: 2.1, arrived: 2.2 })],
    { ms: true },
  );
  for (const arrow of drawn.arrows) assert.ok(arrow.x3 - arrow.x2 > 200);
});

test("what left the lab has no growing bar", () => {
  const { drawn, frame, state } = scene([], { more: { connections: [connection("1", "1.1", { server: "" })] } });
  frame.laneY.set("outside", 150);
  state.apply(
    batch(10, 11, {
      now: 900,
      messages: [message(1, { to: "", receiver: "outside", place: "outside", left: 1.1, arrived: 1.2 })],
    }),
  );
  const [arrow] = sceneOf(state, { ...frame, scale: timeScale(0, 900) }).arrows;
  assert.deepEqual([drawn.arrows.length, arrow.y2, arrow.x3 - arrow.x2], [0, 150, 0]);
});

test("the cross of a drop at the very end is inside, and so is what it says", () => {
  const last = message(1, {
    sent: 1000,
    to: "",
    end: "dropped",
    ended: 1000,
    reason: "ROUTER: no peer with routing id 'ghost'",
  });
  for (const ms of [false, true]) {
    const { drawn } = scene([message(0, { sent: 0, received: 1 }), last], { ms });
    assert.ok(drawn.arrows.at(-1).x2 + 4 < 800);
    assert.ok(
      drawn.labels.some(
        (label) => label.message.id === 1 && label.text.startsWith("Task-1 dropped") && label.x + label.width < 810,
      ),
    );
  }
});

test("a message with no end yet is a stub, one that ended badly says how and why", () => {
  const { drawn } = scene([message(1), message(2, { to: "", end: "dropped", ended: 2.5, reason: "ROUTER: no peer" })]);
  assert.deepEqual(
    drawn.arrows.map((a) => a.end),
    ["open", "dropped"],
  );
  assert.ok(drawn.labels.some((label) => label.text === "Task-2 dropped: ROUTER: no peer"));
});

test("labels never overlap", () => {
  const many = Array.from({ length: 60 }, (_, i) => message(i, { sent: i, received: i + 0.5 }));
  const { labels } = scene(many).drawn;
  assert.ok(labels.length > 5);
  for (const [i, a] of labels.entries()) {
    for (const b of labels.slice(0, i)) {
      assert.ok(Math.abs(a.y - b.y) >= 14 || a.x + a.width <= b.x || b.x + b.width <= a.x);
    }
  }
});

test("only what is in sight is drawn", () => {
  const { state, frame } = scene(
    Array.from({ length: 100 }, (_, i) => message(i, { sent: 10 * i, received: 10 * i + 1 })),
    { ms: true },
  );
  frame.view.per = 10;
  frame.view.from = 500;
  const ids = sceneOf(state, frame).arrows.map((a) => a.message.id);
  assert.ok(ids.includes(50) && ids.includes(57) && !ids.includes(10) && !ids.includes(90));
});

test("thousands that look the same are drawn once", () => {
  const many = Array.from({ length: 5000 }, (_, i) => message(i, { sent: i / 10, received: i / 10 + 0.05 }));
  const { drawn } = scene(many, { ms: true });
  assert.ok(drawn.arrows.length <= 2 * 800);
  assert.equal(drawn.arrows.length + drawn.merged, 5000);
  assert.ok(drawn.grains.bright >= 1);
});

test("the mouse finds the arrow, its label and nothing else", () => {
  const { state, frame, drawn } = scene([message(1, { sent: 1, received: 2 }), message(2, { sent: 3, received: 4 })]);
  const arrow = arrowOf(state, state.messages.get(2), frame);
  assert.equal(hit(drawn, (arrow.x1 + arrow.x2) / 2, 75)?.id, 2);
  const label = drawn.labels.find((l) => l.message.id === 1);
  assert.equal(hit(drawn, label.x + 2, label.y)?.id, 1);
  assert.equal(hit(drawn, 790, 20), null);
});

test("work is a bar on the lane of the one who works", () => {
  const { drawn } = scene([message(1, { sent: 1, received: 2 })], {
    ms: true,
    more: { work: [{ n: 1, actor: "server", message: 1, start: 2, end: 300 }] },
  });
  assert.equal(drawn.bars.length, 1);
  assert.equal(drawn.bars[0].y, 100);
});

test("what an actor printed can be pointed at", () => {
  const mark = { n: 1, actor: "server", time: 500, kind: "print", text: "hello" };
  const { drawn } = scene([message(1, { sent: 1, received: 2 })], { ms: true, more: { marks: [mark] } });
  assert.equal(flagAt(drawn, drawn.flags[0].x + 2, 90)?.text, "hello");
  assert.equal(flagAt(drawn, drawn.flags[0].x + 40, 90), null);
});

test("a receiver that is not known is no arrow to anywhere", () => {
  const { state, frame } = scene([]);
  state.apply(batch(10, 11, { messages: [message(1, { to: "", lane: "", received: 5 })] }));
  assert.equal(arrowOf(state, state.messages.get(1), frame), null);
});

test("an actor that hung has a box on its lane, with how long", () => {
  const { drawn } = scene([message(1, { sent: 1, received: 900 })], {
    ms: true,
    more: { hangs: [{ n: 1, actor: "server", start: 200, end: 700 }] },
  });
  const [hang] = drawn.hangs;
  assert.deepEqual([hang.y, hang.text], [100, "hung for 500 ms"]);
  assert.ok(hang.x2 - hang.x1 > 300);
});

test("what the person does not look at is dim, also where only some of it is drawn", () => {
  const { state, frame } = scene([message(1, { sent: 1, received: 2 }), message(2, { sent: 3, received: 4 })]);
  const { arrows } = sceneOf(state, { ...frame, lit: (one) => one.id === 1 });
  assert.deepEqual(
    arrows.map((arrow) => [arrow.message.id, arrow.dim ?? false]),
    [
      [2, true],
      [1, false],
    ],
  );
});

test("a lull is a strip with its true length, found by the mouse; where something lies, it is not idle", () => {
  const { frame, state } = scene([message(1, { sent: 1 })], { ms: true });
  const lulls = [
    { from: 100, to: 270, shrunk: 20, lies: false },
    { from: 300, to: 312_300, shrunk: 20, lies: true },
  ];
  const scale = timeScale(0, 312_400, lulls);
  frame.view.fit(scale, 100);
  const drawn = sceneOf(state, { ...frame, scale });
  const [idle, unchanged] = drawn.lulls;
  assert.deepEqual([idle.text, unchanged.text], ["170 ms idle", "5:12 unchanged"]);
  assert.ok(Math.abs(idle.x2 - idle.x1 - 20 * frame.view.per) < 1e-6);
  assert.equal(lullAt(drawn, (idle.x1 + idle.x2) / 2)?.text, "170 ms idle");
  assert.equal(lullAt(drawn, idle.x1 - 10), null);
  frame.view.show(200, 210);
  assert.deepEqual(sceneOf(state, { ...frame, scale }).lulls, [], "out of sight");
});

test("in steps a lull is marked between the two steps that it parts", () => {
  const { frame, state } = scene([message(1, { sent: 0, received: 10 }), message(2, { sent: 500, received: 510 })]);
  const steps = new Steps();
  steps.add(state.list);
  const scale = stepScale(steps, [{ from: 10, to: 500, shrunk: 5, lies: false }]);
  frame.view.fit(scale, 100);
  const [{ x1, x2, text }] = sceneOf(state, { ...frame, scale }).lulls;
  assert.deepEqual([x1, x2, text], [frame.view.x(1), frame.view.x(2), "490 ms idle"]);
});
