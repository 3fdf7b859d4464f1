import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock, placeOfSpeed, SPEEDS, speedAt, speedWords } from "../../../zmqlab/view/js/model/clock.js";
import { Steps, stepScale, timeScale } from "../../../zmqlab/view/js/model/scale.js";
import { message } from "../story.mjs";

/** A scale of steps at these times. */
const at = (...times) => {
  const steps = new Steps();
  steps.add(times.map((time, id) => message(id, { sent: time })));
  return stepScale(steps);
};
const run = (clock, scale, seconds, from = 0) => {
  for (let now = from; now <= from + seconds * 1000; now += 20) if (!clock.tick(now, scale)) return now;
  return null;
};

test("a replay goes one step at a time, however long the steps took, and ends at now", () => {
  const scale = at(0, 0.1, 500, 500.2);
  const clock = new Clock();
  clock.play(scale, 0);
  const seen = [];
  for (let now = 0; clock.tick(now, scale); now += 20) seen.push(scale.u(clock.at));
  assert.equal(clock.mode, "live");
  assert.ok(seen.length > 40 && seen.length < 80, `${seen.length} frames for 3 steps`);
  for (const [i, u] of seen.slice(1).entries()) assert.ok(Math.abs(u - seen[i] - 0.05) < 1e-6);
});

test("a replay of one step alone ends", () => {
  const scale = at(298);
  const clock = new Clock();
  clock.play(scale, 0, true);
  assert.equal(run(clock, scale, 10), 0);
  assert.equal(clock.mode, "live");
});

test("on the scale of ms it is slower than life by what the slider says", () => {
  const scale = timeScale(0, 1000);
  const clock = new Clock();
  clock.choose(scale, 0.1);
  clock.play(scale, 0);
  run(clock, scale, 1);
  assert.ok(Math.abs(clock.at - 100) < 3, `${clock.at}`);
});

test("a long run is played faster, unless the person has chosen how fast", () => {
  const scale = at(...Array.from({ length: 400 }, (_, i) => i));
  const clock = new Clock();
  clock.play(scale, 0);
  assert.ok(clock.remaining(scale) <= 20.1);
  clock.choose(scale, 1);
  clock.live();
  clock.play(scale, 0);
  assert.equal(clock.speed(scale), 1);
});

test("a pause stays where it is while more comes; playing goes on from there", () => {
  const clock = new Clock();
  clock.play(at(0, 1, 2, 3), 0);
  run(clock, at(0, 1, 2, 3), 0.4);
  clock.pause(at(0, 1, 2, 3));
  const { at: moment } = clock;
  assert.equal(clock.tick(10_000, at(0, 1, 2, 3, 4, 5)), false);
  assert.equal(clock.at, moment);
  clock.play(at(0, 1, 2, 3, 4, 5), 0);
  clock.tick(20_000, at(0, 1, 2, 3, 4, 5));
  assert.equal(clock.at, moment);
});

test("playing at the end begins anew", () => {
  const scale = at(0, 1, 2);
  const clock = new Clock();
  clock.seek(2, scale);
  clock.play(scale, 0);
  assert.deepEqual([clock.mode, clock.at], ["replay", 0]);
});

test("it begins anew where the last run began", () => {
  const scale = at(0, 1, 600, 601);
  const clock = new Clock();
  clock.play(scale, 600);
  assert.deepEqual([clock.mode, clock.at], ["replay", 600]);
  clock.seek(1, scale);
  clock.play(scale, 600);
  assert.equal(clock.at, 1);
});

test("a lull is over as soon as it looks", () => {
  const scale = timeScale(0, 600_100, [{ from: 50, to: 600_050, shrunk: 10, lies: false }]);
  const clock = new Clock();
  clock.choose(scale, 0.1);
  clock.play(scale, 0);
  const over = run(clock, scale, 3);
  assert.ok(over > 1000 && over < 1200, `${over}`);
});

test("a moment outside of the run is its first or its last", () => {
  const scale = at(5, 6, 7);
  const clock = new Clock();
  clock.seek(-100, scale);
  assert.equal(clock.at, 5);
  clock.seek(100, scale);
  assert.equal(clock.at, 7);
});

test("a step goes to the next event or the one before, from wherever the moment is", () => {
  const scale = at(0, 10, 20, 30);
  const clock = new Clock();
  clock.step(-1, scale);
  assert.deepEqual([clock.mode, clock.at], ["paused", 20]);
  clock.seek(12, scale);
  clock.step(1, scale);
  assert.equal(clock.at, 20);
  clock.seek(12, scale);
  clock.step(-1, scale);
  assert.equal(clock.at, 10);
  clock.step(-1, scale);
  clock.step(-1, scale);
  assert.equal(clock.at, 0);
});

test("who wants no motion sees whole steps", () => {
  const scale = at(0, 10, 20);
  const clock = new Clock();
  clock.play(scale, 0);
  run(clock, scale, 0.5);
  assert.ok(clock.at > 10 && clock.at < 20);
  assert.equal(clock.shown(scale, true), 10);
});

test("a page that slept does not jump", () => {
  const scale = at(0, 10, 20, 30);
  const clock = new Clock();
  clock.play(scale, 0);
  clock.tick(0, scale);
  clock.tick(60_000, scale);
  assert.ok(scale.u(clock.at) < 0.5);
});

test("the slider of speeds is logarithmic and goes both ways", () => {
  for (const kind of ["steps", "ms"]) {
    const [least, most] = SPEEDS[kind];
    assert.ok(Math.abs(speedAt(kind, 0.5) - Math.sqrt(least * most)) < 1e-9);
    for (const place of [0, 0.3, 1]) assert.ok(Math.abs(placeOfSpeed(kind, speedAt(kind, place)) - place) < 1e-9);
  }
});

test("a speed in words", () => {
  assert.equal(speedWords("ms", 1 / 200), "200× slower");
  assert.equal(speedWords("ms", 1 / 12_345), "12,000× slower");
  assert.equal(speedWords("ms", 1), "as fast as it was");
  assert.equal(speedWords("ms", 3), "3× faster");
  assert.equal(speedWords("steps", 2.5), "2.5 steps a second");
});
