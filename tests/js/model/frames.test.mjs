import assert from "node:assert/strict";
import { test } from "node:test";
import { clippedOf, hexOf, nameOf, numberOf } from "../../../zmqlab/view/js/model/frames.js";
import { frame } from "../story.mjs";

const auto = { hex: "006b8b4567", size: 5 };

test("hex says that it goes on", () => {
  assert.equal(hexOf(auto), "00 6b 8b 45 67");
  assert.equal(hexOf(frame("abcdef"), 2), "61 62 …");
});

test("routing ids read as names or as bytes", () => {
  assert.equal(nameOf(frame("alice").hex), "alice");
  assert.equal(nameOf(auto.hex), "00 6b 8b 45 67");
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
