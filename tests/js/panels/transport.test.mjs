import assert from "node:assert/strict";
import { test } from "node:test";
import { Clock } from "../../../zmqlab/view/js/model/clock.js";
import { timeScale } from "../../../zmqlab/view/js/model/scale.js";
import { modeWords } from "../../../zmqlab/view/js/panels/transport.js";

test("a recording says that it is one, whatever is shown of it", () => {
  const clock = new Clock();
  const scale = timeScale(0, 10);
  const words = () => modeWords(clock, scale, "recorded", 0);
  assert.equal(words(), "recorded");
  clock.play(scale);
  assert.match(words(), /^recorded · replay/);
  clock.pause(scale);
  assert.match(words(), /^recorded · paused/);
  assert.match(modeWords(clock, scale, "live", 0), /^paused/);
});
