import assert from "node:assert/strict";
import { test } from "node:test";
import { HALFWAY, lastAt, momentAt, momentNow, stateAt, waitsAt } from "../../../zmqlab/view/js/model/moment.js";
import { Steps, stepScale, timeScale } from "../../../zmqlab/view/js/model/scale.js";
import { State } from "../../../zmqlab/view/js/model/state.js";
import { actor, batch, message, pair } from "../story.mjs";

const told = (messages, more = {}) => {
  const state = new State();
  state.apply(pair({ messages, now: 1000, ...more }));
  const steps = new Steps();
  steps.add(state.list);
  return { state, scale: stepScale(steps) };
};
const ids = (moment) => ({ way: moment.way.map((t) => t.message.id), hands: moment.hands.map((m) => m.id) });

test("a message is in the out queue, on its way, in the in queue, in the program's hands, and gone", () => {
  const { state } = told([message(1, { sent: 10, left: 60, arrived: 70, received: 500 })], {
    work: [{ n: 1, actor: "server", message: 1, start: 500, end: 600 }],
  });
  const scale = timeScale(0, 1000);
  const at = (time) => momentAt(state, scale, time);
  assert.deepEqual([...at(5).queues, ...at(5).way], []);
  assert.deepEqual([...at(30).queues], [["1.1", [1, 0]]]);
  const { way } = at(65);
  assert.deepEqual([way[0].message.id, way[0].progress, way[0].held], [1, 0.5, false]);
  assert.deepEqual([...at(100).queues], [["1.2", [0, 1]]]);
  assert.deepEqual(ids(at(550)), { way: [], hands: [1] });
  assert.deepEqual(ids(at(700)), { way: [], hands: [] });
});

test("in steps the way is as long as it is drawn, so that it can be seen", () => {
  const { state, scale } = told([message(1, { sent: 1, left: 1.1, arrived: 1.2, received: 1.3 })]);
  const moment = momentAt(state, scale, scale.t(0.5));
  assert.ok(Math.abs(moment.way[0].progress - 0.5) < 1e-9);
  assert.equal(moment.queues.size, 0);
});

test("what has not left waits, what has not arrived stands halfway", () => {
  const { state, scale } = told(
    [message(1, { sent: 1 }), message(2, { sent: 2, left: 2.1 }), message(3, { sent: 3 })],
    { queues: { 1.1: [7, 0] } },
  );
  const now = momentNow(state, scale);
  assert.deepEqual(ids(now), { way: [2], hands: [] });
  assert.deepEqual([now.way[0].progress, now.way[0].held], [HALFWAY, true]);
  assert.deepEqual([...now.queues], [["1.1", [7, 0]]]); // all there are, drawn or not
  assert.deepEqual([...momentAt(state, scale, 3).queues], [["1.1", [2, 0]]]);
});

test("one that was dropped goes no further than halfway, and is shown a step longer", () => {
  const { state, scale } = told([
    message(1, { sent: 1, to: "", end: "dropped", ended: 2 }),
    ...[3, 4, 5].map((sent) => message(sent, { sent })),
  ]);
  assert.ok(momentAt(state, scale, 1.5).way[0].progress < HALFWAY);
  assert.deepEqual(ids(momentAt(state, scale, 2)).way, [1]);
  assert.deepEqual(ids(momentAt(state, scale, 4)).way, []);
});

test("an actor as it was", () => {
  const { state } = told([], {
    actors: [actor("server", { started: 10, ended: 90, state: "failed" })],
    hangs: [{ n: 1, actor: "server", start: 40, end: 60 }],
    marks: [
      { n: 1, actor: "server", time: 20, kind: "print", text: "one" },
      { n: 2, actor: "server", time: 70, kind: "print", text: "two" },
    ],
  });
  const words = (at) => [stateAt(state, "server", { at }), lastAt(state, "server", { at })?.text];
  assert.deepEqual([5, 30, 50, 80, 95].map(words), [
    ["not yet started", undefined],
    ["started", "one"],
    ["hung", "one"],
    ["started", "two"],
    ["failed", "two"],
  ]);
  assert.equal(stateAt(state, "server", { live: true }), "failed");
});

test("an actor that was started again was there before, and was not there between", () => {
  const { state } = told([], {
    actors: [
      actor("server", {
        started: 500,
        earlier: [
          [10, 100, "ended"],
          [200, 300, "crashed"],
        ],
      }),
    ],
  });
  const words = [5, 50, 150, 250, 400, 600].map((at) => stateAt(state, "server", { at }));
  assert.deepEqual(words, ["not yet started", "started", "ended", "started", "crashed", "started"]);
});

test("of runs that are told no more nobody says whether it ran", () => {
  const { state } = told([], {
    actors: [actor("server", { first: 10, started: 500, earlier: [[200, 300, "ended"]] })],
  });
  const words = [5, 50, 150, 250, 400].map((at) => stateAt(state, "server", { at }));
  assert.deepEqual(words, ["not yet started", "unknown", "unknown", "started", "ended"]);
});

test("where an actor waits is told at every moment, and nothing where nobody saw it", () => {
  const wait = (n, call, start, end) => ({ n, actor: "alice", socket: "1.1", call, start, end });
  const { state } = told([], { waits: [wait(2, "poll", 200, null), wait(1, "recv", 100, 150)] });
  const scale = timeScale(0, 1000);
  const calls = (moment) => waitsAt(state, "alice", moment).map(({ call }) => call);
  assert.deepEqual(
    [50, 120, 150, 250].map((at) => calls(momentAt(state, scale, at))),
    [[], ["recv"], [], ["poll"]],
  );
  assert.deepEqual(calls(momentNow(state, scale)), ["poll"]);
  state.apply(batch(10, 20, { waits: [wait(2, "poll", 200, 300)] }));
  assert.deepEqual(calls(momentNow(state, scale)), []);
  assert.deepEqual(
    [250, 350].map((at) => calls(momentAt(state, scale, at))),
    [["poll"], []],
  );
  assert.deepEqual(waitsAt(state, "server", momentNow(state, scale)), []);
});
