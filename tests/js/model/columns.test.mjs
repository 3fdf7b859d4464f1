import assert from "node:assert/strict";
import { test } from "node:test";
import { Columns } from "../../../zmqlab/view/js/model/columns.js";
import { State } from "../../../zmqlab/view/js/model/state.js";
import { batch, KEEP, message, pair } from "../story.mjs";

const quick = (id, more = {}) =>
  message(id, { sent: id, left: id + 0.1, arrived: id + 0.2, received: id + 0.3, ...more });

/** The columns are those of a list that is written at once. */
const same = (state) => {
  const { columns, list } = state;
  assert.equal(columns.length, list.length);
  for (const [i, message] of list.entries()) {
    assert.equal(state.placeInList(message.id), i);
    assert.deepEqual(
      [columns.start[i], columns.finish[i]],
      [message.sent, message.received ?? Number.POSITIVE_INFINITY],
    );
  }
};

test("they follow the list: what comes, what changes, what comes late", () => {
  const state = new State();
  state.apply(pair({ messages: [quick(1), message(5), quick(9)] }));
  same(state);
  state.apply(batch(10, 11, { messages: [quick(5), quick(12)] }));
  same(state);
  state.apply(batch(11, 12, { messages: [quick(3)] }));
  same(state);
});

test("they let go of what the list lets go of", () => {
  const state = new State();
  state.apply(pair({ messages: Array.from({ length: KEEP }, (_, i) => quick(i)) }));
  state.apply(batch(10, 11, { messages: [quick(KEEP), quick(KEEP + 1)] }));
  same(state);
});

test("a message counts as long as it is anywhere: also in a program's hands", () => {
  const state = new State();
  state.apply(
    pair({
      messages: [quick(1), quick(50), message(60)],
      work: [{ n: 1, actor: "server", message: 1, start: 1.3, end: 20 }],
    }),
  );
  assert.deepEqual(state.columns.between(15, 16), [0]);
  assert.deepEqual(state.columns.between(30, 40), []);
  assert.deepEqual(state.columns.between(900, 1000), [2]);
});

test("when a message has landed", () => {
  const columns = new Columns();
  columns.write(0, quick(1));
  columns.write(1, message(2, { left: 2.1, arrived: 2.2, received: 9 }));
  columns.write(2, message(3, { left: 3 }));
  assert.deepEqual([columns.land(0, true), columns.land(0, false)], [1.2, 1.3]);
  assert.deepEqual([columns.land(1, true), columns.land(1, false)], [2.2, 2.2]); // it lay unread
  assert.equal(columns.land(2, false), Number.POSITIVE_INFINITY);
});

test("a message that is out of sight waits in no queue", () => {
  const state = new State();
  state.apply(pair({ messages: [message(5, { to: "", lane: "", place: "unseen" }), message(6)] }));
  assert.deepEqual([...state.columns.gone.slice(0, 2)], [5, Number.POSITIVE_INFINITY]);
  assert.equal(state.columns.until[0], 5);
});
