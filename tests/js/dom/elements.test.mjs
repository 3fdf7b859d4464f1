import assert from "node:assert/strict";
import { test } from "node:test";
import { keyed } from "../../../zmqlab/view/js/dom/elements.js";

const events = [];
const how = {
  make: (item, key) => {
    events.push(`make ${key}`);
    return { key, shown: "" };
  },
  show: (one, item) => (one.shown = item),
  drop: (one, key) => events.push(`drop ${key}`),
};

test("what is new is made, what stays is shown anew, what is gone is dropped", () => {
  const made = new Map();
  keyed(made, new Map(Object.entries({ a: "1", b: "2" })), how);
  const kept = made.get("b");
  keyed(made, new Map(Object.entries({ b: "3", c: "4" })), how);
  assert.deepEqual(events, ["make a", "make b", "drop a", "make c"]);
  assert.equal(made.get("b"), kept);
  assert.deepEqual(
    [...made.values()].map(({ key, shown }) => key + shown),
    ["b3", "c4"],
  );
});
