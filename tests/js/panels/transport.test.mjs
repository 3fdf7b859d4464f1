import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock } from "../../../zmqlab/view/js/model/clock.js";
import { timeScale } from "../../../zmqlab/view/js/model/scale.js";
import { modeWords, momentWords } from "../../../zmqlab/view/js/panels/transport.js";

test("a recording says that it is one, whatever is shown of it", () => {
  const clock = new Clock();
  const scale = timeScale(0, 10);
  const words = () => modeWords(clock, scale, "recorded", 0);
  assert.equal(words(), "recorded");
  clock.play(scale, 0);
  assert.match(words(), /^recorded · replay/);
  clock.pause(scale);
  assert.match(words(), /^recorded · paused/);
  assert.match(modeWords(clock, scale, "live", 0), /^paused/);
});

test("where there are several runs, the moment says which one, and counts from its beginning", () => {
  assert.equal(momentWords([1], 12.34, true), "12.3 ms");
  assert.equal(momentWords([1, 600_000], 601_060, true), "run 2 · 0:01.06");
  assert.equal(momentWords([1, 600_000], 9.25, true), "run 1 · 8.25 ms");
  assert.equal(momentWords([1, 600_000], 601_060, false), "this run · 0:01.06", "older ones are not kept");
});
