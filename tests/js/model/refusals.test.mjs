import assert from "node:assert/strict";
import test from "node:test";

import { refusalAt } from "../../../zmqlab/view/js/model/refusals.js";
import { State } from "../../../zmqlab/view/js/model/state.js";
import { batch } from "../story.mjs";

const connection = (id, opened, closed, reason = "") => ({ id, client: "1.1", server: "", opened, closed, reason });

test("a socket has no connection from a refusal on until it has one", () => {
  const state = new State();
  state.apply(batch(0, 1, { connections: [connection("2", 9, null), connection("1", 5, 5, "Connection refused")] }));
  const at = (time) => refusalAt(state, "1.1", time);
  assert.deepEqual([4, 5, 8, 9].map(at), ["", "Connection refused", "Connection refused", ""]);
  state.apply({ ...batch(1, 2, { connections: [connection("3", 20, 20, "refused: 400")] }), since: 1 });
  assert.equal(at(21), ""); // at another endpoint
});

test("one that was opened and has closed was not refused", () => {
  const state = new State();
  state.apply(batch(0, 1, { connections: [connection("1", 5, 8, "the bound side closed it")] }));
  assert.equal(refusalAt(state, "1.1", 9), "");
});
