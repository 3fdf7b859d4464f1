import assert from "node:assert/strict";
import test from "node:test";
import { Store } from "../../zmqlab/view/js/store.js";

const EMPTY = { upto: 0, json: new TextEncoder().encode("{}") };

/** A store, the traits of its model, and what its listener hears. */
function started(at) {
  const traits = { title: "demo", live: false, at, snapshot: EMPTY };
  const acts = new Map();
  const store = new Store({ get: (name) => traits[name], on: (name, act) => acts.set(name, act), send: () => {} });
  const heard = [];
  store.listen((news) => heard.push(news.at));
  const change = (seconds) => {
    traits.at = seconds;
    acts.get("change:at")();
  };
  return { store, heard, change };
}

test("a view of no moment stands at none", () => {
  assert.equal(started(null).store.at, null);
  assert.equal(started(undefined).store.at, null); // a recorded page
});

test("a moment is in ms, and is told to who listens, the same one twice too", () => {
  const { store, heard, change } = started(1.5);
  assert.equal(store.at, 1500);
  for (const seconds of [null, 2, null, 2]) change(seconds);
  assert.deepEqual(heard, [2000, 2000]);
  change(0);
  assert.deepEqual(heard.at(-1), 0);
});
