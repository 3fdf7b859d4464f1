import assert from "node:assert/strict";
import { test } from "node:test";
import { KEEP_MARKS, State } from "../../../zmqlab/view/js/model/state.js";
import { batch, KEEP, message, pair } from "../story.mjs";

const fold = (...batches) => {
  const state = new State();
  const results = batches.map((b) => state.apply(b));
  return { state, results };
};

test("batches follow on from one another", () => {
  const { state, results } = fold(
    pair(),
    batch(10, 12, { messages: [message(1)] }),
    batch(12, 15, { messages: [message(1, { received: 3 })] }),
  );
  assert.deepEqual(
    results.map((r) => r.gap),
    [false, false, false],
  );
  assert.deepEqual(
    results.map((r) => r.added.length),
    [0, 1, 0],
  );
  assert.equal(state.have, 15);
  assert.equal(state.messages.get(1).received, 3);
  assert.equal(state.list.length, 1);
});

test("a lost batch is noticed, what comes is used, and everything mends it", () => {
  const { state, results } = fold(
    pair(),
    batch(12, 15, { messages: [message(2)] }),
    batch(15, 16, { messages: [message(3)] }),
  );
  assert.deepEqual(
    results.map((r) => r.gap),
    [false, true, true],
  );
  assert.equal(state.have, 10);
  assert.equal(state.list.length, 2);
  const mended = state.apply(pair({ upto: 16, messages: [message(1), message(2), message(3)] }));
  assert.equal(mended.gap, false);
  assert.deepEqual(
    mended.added.map((m) => m.id),
    [1],
  );
  assert.equal(state.have, 16);
});

test("a batch that comes twice changes nothing", () => {
  const twice = batch(10, 12, {
    messages: [message(1)],
    marks: [{ n: 1, actor: "alice", time: 1, kind: "print", text: "hi" }],
  });
  const { state } = fold(pair(), twice, structuredClone(twice));
  assert.equal(state.list.length, 1);
  assert.equal(state.marks.length, 1);
});

test("everything replaces what was there, but a message stays the same object", () => {
  const { state } = fold(pair({ messages: [message(1), message(2)] }));
  const second = state.messages.get(2);
  state.apply(pair({ messages: [message(2, { received: 5 })] }));
  assert.deepEqual(state.list, [second]);
  assert.equal(second.received, 5);
});

test("messages are listed by id, also when an older one comes late", () => {
  const { state } = fold(pair({ messages: [message(5)] }), batch(10, 11, { messages: [message(2)] }));
  assert.deepEqual(
    state.list.map((m) => m.id),
    [2, 5],
  );
});

test("memory is bounded and what is let go is counted", () => {
  const state = new State();
  state.apply(pair());
  let upto = 10;
  for (let id = 1; id <= KEEP + 500; id += 500) {
    const messages = Array.from({ length: 500 }, (_, i) => message(id + i));
    const marks = messages.map((m) => ({ n: m.id, actor: "alice", time: 0, kind: "print", text: "x" }));
    state.apply(batch(upto, ++upto, { messages, marks, total: id + 499 }));
  }
  assert.equal(state.list.length, KEEP);
  assert.equal(state.messages.size, KEEP);
  assert.equal(state.marks.length, KEEP_MARKS);
  assert.equal(state.notDrawn, 500);
  assert.equal(state.list[0].id, 501);
});

test("work joins its message, and work of a message that is not here is let go", () => {
  const { state } = fold(
    pair({
      messages: [message(1)],
      work: [
        { n: 1, actor: "server", message: 1, start: 2, end: 3 },
        { n: 2, actor: "server", message: 9, start: 2, end: 3 },
      ],
    }),
  );
  assert.equal(state.messages.get(1).work.end, 3);
});

test("what the kernel had forgotten before it knew the end", () => {
  const { state } = fold(
    pair({
      total: 10,
      counts: { received: 4, passed: 0, dropped: 1, lost: 0, unsent: 0, outside: 0, unseen: 0, open: 2 },
    }),
  );
  assert.equal(state.unknown, 3);
});
