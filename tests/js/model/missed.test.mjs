import assert from "node:assert/strict";
import { test } from "node:test";
import { Steps } from "../../../zmqlab/view/js/model/scale.js";
import { Missed } from "../../../zmqlab/view/js/model/missed.js";
import { message } from "../story.mjs";

const steps = (...times) => {
  const made = new Steps();
  made.add(times.map((time, id) => message(id, { sent: time })));
  return made;
};

test("a short run is shown again from its first step", () => {
  assert.equal(new Missed().next(steps(3, 4, 900)), 3);
});

test("what was shown once is not shown again, what came after it is", () => {
  const unseen = new Missed();
  unseen.done(steps(3, 4, 5));
  assert.equal(unseen.next(steps(3, 4, 5)), null);
  assert.equal(unseen.next(steps(3, 4, 5, 80, 81)), 80);
});

test("what took seconds could be watched as it happened; idle times do not count", () => {
  const slow = Array.from({ length: 30 }, (_, i) => i * 300);
  assert.equal(new Missed().next(steps(...slow)), null);
  assert.equal(new Missed().next(steps(0, 1, 60_000, 60_001, 120_000)), 0);
});

test("a flood is not shown again", () => {
  assert.equal(new Missed().next(steps(...Array.from({ length: 1500 }, (_, i) => i / 10))), null);
});

test("nothing is nothing", () => {
  assert.equal(new Missed().next(new Steps()), null);
});
