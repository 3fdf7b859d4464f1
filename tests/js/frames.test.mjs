import assert from "node:assert/strict";
import { test } from "node:test";
import { hexOf, labelOf, nameOf, rolesOf, textOf } from "../../zmqlab/view/js/frames.js";
import { State } from "../../zmqlab/view/js/state.js";
import { batch, frame, message, socket } from "./story.mjs";

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

const between = (sender, receiver) => {
  const state = new State();
  state.apply(batch(0, 1, { sockets: [socket("1.1", "a", sender), socket("1.2", "b", receiver)] }));
  return (frames, end) => rolesOf(state, message(1), frames, end);
};

test("ROUTER's first frame is a routing id, at ROUTER's end alone", () => {
  assert.deepEqual(between("DEALER", "ROUTER")([auto, frame("x")], "receiver"), ["routing id", "payload"]);
  assert.deepEqual(between("DEALER", "ROUTER")([frame("x")], "sender"), ["payload"]);
  assert.deepEqual(between("ROUTER", "DEALER")([auto, frame("x")], "sender"), ["routing id", "payload"]);
});

test("an empty frame is a delimiter only where REQ or REP say so", () => {
  assert.deepEqual(between("REQ", "ROUTER")([auto, empty, frame("x")], "receiver"), ["routing id", "delimiter", "payload"]);
  assert.deepEqual(between("DEALER", "REP")([frame("id"), empty, frame("x")], "sender"), ["envelope", "delimiter", "payload"]);
  assert.deepEqual(between("DEALER", "ROUTER")([auto, empty, frame("x")], "receiver"), ["routing id", "empty", "payload"]);
  assert.deepEqual(between("REQ", "REP")([empty], "sender"), ["empty"]);
  assert.deepEqual(between("REQ", "REP")([empty, frame("x")], "wire"), ["delimiter", "payload"]);
});
