import assert from "node:assert/strict";
import { test } from "node:test";
import { clippedOf, hexOf, labelOf, nameOf, numberOf, textOf } from "../../zmqlab/view/js/frames.js";
import { frame, message } from "./story.mjs";

const auto = { hex: "006b8b4567", size: 5 };
const empty = { hex: "", size: 0 };

test("text is what is printable UTF-8", () => {
  assert.equal(textOf(frame("naïve ✓")), "naïve ✓");
  assert.equal(textOf(auto), null);
  assert.equal(textOf({ hex: "ff", size: 1 }), null);
  assert.equal(textOf(empty), "");
});

test("a frame clipped within a character is still text", () => {
  const whole = Buffer.from("aé");
  assert.equal(textOf({ hex: whole.subarray(0, 2).toString("hex"), size: 300 }), "a");
  assert.equal(textOf({ hex: whole.subarray(0, 2).toString("hex"), size: 2 }), null);
});

test("hex says that it goes on", () => {
  assert.equal(hexOf(auto), "00 6b 8b 45 67");
  assert.equal(hexOf(frame("abcdef"), 2), "61 62 …");
});

test("a label is the last frame that is text", () => {
  assert.equal(labelOf(message(1, { frames: [frame("alice"), empty, frame("Task-7")] })), "Task-7");
  assert.equal(labelOf(message(1, { frames: [frame("Task-7"), { hex: "00000008", size: 4 }] })), "Task-7");
  assert.equal(labelOf(message(1, { frames: [frame("Processed: Task-7")] })), "Processed: Ta…");
  assert.equal(labelOf(message(1, { frames: [auto, empty] })), "");
  assert.equal(labelOf(message(1, { frames: null })), "");
});

test("routing ids read as names or as bytes", () => {
  assert.equal(nameOf(frame("alice").hex), "alice");
  assert.equal(nameOf(auto.hex), "00 6b 8b 45 67");
});

test("what a person wants to stand on a message comes first", () => {
  assert.equal(labelOf(message(1, { called: "job 7" })), "job 7");
  assert.equal(labelOf(message(1, { called: "x".repeat(20) })), `${"x".repeat(13)}…`);
  assert.equal(labelOf(message(1, { called: "" })), "");
  assert.equal(labelOf(message(1, { called: null })), "Task-1");
});

test("a short frame is a number, too", () => {
  assert.equal(numberOf({ hex: "00000008", size: 4 }), "8");
  assert.equal(numberOf({ hex: "ffffffffffffffff", size: 8 }), "18,446,744,073,709,551,615");
  assert.equal(numberOf({ hex: "", size: 0 }) + numberOf({ hex: "00".repeat(9), size: 9 }), "");
});

test("a clipped frame says so", () => {
  assert.equal(clippedOf({ hex: "00".repeat(256), size: 70_000 }), "first 256 of 70,000 bytes");
  assert.equal(clippedOf(frame("abc")), "");
});
