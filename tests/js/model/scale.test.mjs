import assert from "node:assert/strict";
import { test } from "node:test";
import {
  liesUnread,
  MARGIN,
  Steps,
  stepScale,
  ticks,
  timeScale,
  timeTicks,
  Viewport,
} from "../../../zmqlab/view/js/model/scale.js";
import { message } from "../story.mjs";

const steps = (...batches) => {
  const made = new Steps();
  for (const messages of batches) made.add(messages);
  return made;
};
const timesOf = (made) => [...made.times.subarray(made.first, made.end)];

test("each send and receive is a step, in the order of time, once", () => {
  const quick = message(1, { sent: 1, arrived: 1.2, received: 1.3 });
  const slow = message(2, { sent: 1.1, received: 2000 });
  assert.deepEqual(timesOf(steps([slow, quick])), [1, 1.1, 1.3, 2000]);
});

test("steps taken in bit by bit are those taken in at once", () => {
  const all = Array.from({ length: 3000 }, (_, i) =>
    message(i, { sent: (i * 7919) % 5000, received: ((i * 7919) % 5000) + 3 }),
  );
  const bitwise = new Steps();
  for (let i = 0; i < all.length; i += 37) bitwise.add(all.slice(i, i + 37));
  assert.deepEqual(timesOf(bitwise), timesOf(steps(all)));
  assert.deepEqual(
    timesOf(bitwise),
    [...new Set(timesOf(bitwise))].sort((a, b) => a - b),
  );
});

test("a message that comes again adds only what is new", () => {
  const one = message(1, { sent: 1 });
  const made = steps([one], [one]);
  one.received = 4;
  made.add([one]);
  assert.deepEqual(timesOf(made), [1, 4]);
});

test("what was before a time can be let go", () => {
  const made = steps([message(1), message(2), message(3)]);
  made.drop(2);
  made.add([message(4)]);
  assert.deepEqual(timesOf(made), [2, 3, 4]);
});

test("the scale of steps goes through every event and back", () => {
  const scale = stepScale(steps([message(1, { sent: 10, received: 10.3 }), message(2, { sent: 500, received: 900 })]));
  assert.deepEqual([10, 10.3, 500, 900].map(scale.u), [0, 1, 2, 3]);
  assert.deepEqual([0, 1, 2, 3].map(scale.t), [10, 10.3, 500, 900]);
  assert.equal(scale.u(700), 2.5);
  assert.ok(scale.u(5000) > 3);
  assert.ok(scale.u(1) < 0);
  for (let t = 0; t < 1000; t += 13) assert.ok(scale.u(t) <= scale.u(t + 13));
});

test("an empty run has a scale too", () => {
  const scale = stepScale(new Steps());
  assert.ok(scale.last > scale.first);
  assert.equal(Number.isFinite(scale.u(5)), true);
});

test("lying unread is waiting longer than the way took", () => {
  assert.equal(liesUnread(message(1, { sent: 0, arrived: 1, received: 500 })), true);
  assert.equal(liesUnread(message(1, { sent: 0, arrived: 1, received: 1.2 })), false);
  assert.equal(liesUnread(message(1, { sent: 0, arrived: 1 })), true);
  assert.equal(liesUnread(message(1, { sent: 0, received: 500 })), false);
  assert.equal(liesUnread(message(1, { sent: 0, arrived: 1, place: "outside" })), false);
});

test("zooming keeps the place under the mouse; fitting shows all; following shows the newest", () => {
  const view = new Viewport();
  view.width = 500;
  const scale = timeScale(0, 1000);
  view.fit(scale, 10);
  assert.ok(Math.abs(view.x(0) - MARGIN.left) < 1e-9);
  assert.ok(Math.abs(view.x(1000) - 500 + MARGIN.right) < 1e-9);
  const under = view.u(200);
  view.zoom(200, 3);
  assert.ok(Math.abs(view.u(200) - under) < 1e-9);
  assert.equal(view.follow, false);
  view.chase(scale, 5, 10);
  assert.equal(view.per, 5);
  assert.ok(Math.abs(view.x(1000) - 500 + MARGIN.right) < 1e-9);
});

test("panning stops a little past the ends", () => {
  const view = new Viewport();
  view.width = 100;
  const scale = timeScale(0, 1000);
  view.fit(scale, 10);
  view.zoom(0, 10);
  view.pan(1e9, scale);
  assert.ok(view.u(view.width) > 1000 && view.u(0) < 1000);
  view.pan(-1e9, scale);
  assert.ok(view.u(0) < 0 && view.u(view.width) > 0);
});

test("ticks are round and few", () => {
  assert.deepEqual(ticks(0, 100, 5), [0, 20, 40, 60, 80, 100]);
  assert.ok(ticks(3.2, 3.9, 8).length <= 9);
});

const shortened = () =>
  timeScale(0, 10_000, [
    { from: 1000, to: 2000, shrunk: 10, lies: false },
    { from: 4000, to: 9000, shrunk: 50, lies: false },
  ]);

test("a scale with lulls is true to scale beside them, and goes there and back", () => {
  const scale = shortened();
  assert.deepEqual([0, 1000, 2000, 4000, 9000, 10_000].map(scale.u), [0, 1000, 1010, 3010, 3060, 4060]);
  assert.deepEqual([scale.first, scale.last], [0, 4060]);
  assert.equal(scale.u(1500), 1005);
  for (let time = -100; time < 11_000; time += 7) {
    assert.ok(Math.abs(scale.t(scale.u(time)) - time) < 1e-6, `${time}`);
    assert.ok(scale.u(time) < scale.u(time + 7));
  }
});

test("its last moment is the very time, which sums would round", () => {
  const scale = timeScale(0.1, 600_000.3, [{ from: 0.7, to: 599_000.9, shrunk: 0.05, lies: false }]);
  assert.equal(scale.t(scale.last), 600_000.3);
});

test("round times stand beside the lulls, none in them", () => {
  const scale = shortened();
  const times = timeTicks(scale, scale.first, scale.last, 10).map((u) => Math.round(scale.t(u)));
  assert.deepEqual(times, [0, 500, 1000, 2000, 2500, 3000, 3500, 4000, 9000, 9500, 10_000]);
  assert.deepEqual(
    timeTicks(scale, 1005, 1510, 5).map((u) => Math.round(scale.t(u))),
    [2000, 2200, 2400],
  );
});

test("what is shown may begin with a run, and a stretch that was chosen fills the width", () => {
  const view = new Viewport();
  view.width = 500;
  const scale = timeScale(0, 1000);
  view.fit(scale, 10, 900);
  assert.ok(Math.abs(view.x(900) - MARGIN.left) < 1e-9);
  assert.ok(Math.abs(view.x(1000) - 500 + MARGIN.right) < 1e-9);
  view.follow = true;
  view.show(200, 300);
  assert.deepEqual([view.x(200), view.x(300), view.follow], [0, 500, false]);
  view.chase(scale, 1, 10, 400, 900);
  assert.ok(view.x(400) >= 0, "the moment that is shown, where that is before the run");
});
