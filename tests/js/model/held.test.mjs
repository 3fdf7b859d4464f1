import assert from "node:assert/strict";
import { test } from "node:test";
import { HeldBack } from "../../../zmqlab/view/js/model/held.js";
import { State } from "../../../zmqlab/view/js/model/state.js";
import { batch, held, message, steered } from "../story.mjs";

const ids = (messages) => messages.map(({ id }) => id);
const told = (messages, settings) => {
  const state = new State();
  state.apply(steered({ messages, ...(settings && { settings }) }));
  return { state, back: new HeldBack(state) };
};

test("held are those that the relay has read and not passed on, lane by lane, in the order of the connection", () => {
  const { back } = told([
    held(1, "1>", 2),
    held(2, "1>", 1),
    held(3, "2>", 0),
    held(4, "1>", 0, { arrived: 9 }),
    held(5, "1>", 3, { end: "lost" }),
    message(6, { lane: "", number: null }),
  ]);
  assert.deepEqual(
    [...back.lanes].map(([lane, messages]) => [lane, ids(messages)]),
    [
      ["1>", [2, 1]],
      ["2>", [3]],
    ],
  );
});

test("the first of each connection and direction may go, the others say which one goes first", () => {
  const { back } = told([
    held(1, "1>", 0, { left: 5 }),
    held(2, "1>", 1),
    held(3, "1<", 0, { left: 4 }),
    held(4, "2>", 0, { left: 6 }),
  ]);
  const [one, two] = back.lanes.get("1>");
  assert.deepEqual(ids(back.first), [3, 1, 4]);
  assert.equal(back.whyNot(one), "");
  assert.match(back.whyNot(two), /^#1 goes first/);
  assert.ok(back.has(two) && !back.has(message(2, { lane: "1>" })));
});

test("what is under way on a link that is not held is not held", () => {
  const links = [{ a: "alice", b: "server", hold: false, latency: 0.3, cut: false }];
  const { back } = told([held(1, "1>", 0), held(2, "2>", 0)], { hold: true, latency: 0, links });
  assert.deepEqual([...back.lanes.keys()], ["2>"]);
});

test("a link alone is held, told in either order of its actors", () => {
  const links = [{ a: "server", b: "alice", hold: true, latency: 0, cut: false }];
  const { state, back } = told([held(1, "1>", 0), held(2, "2>", 0), held(3, "1<", 0)], {
    hold: false,
    latency: 0,
    links,
  });
  assert.deepEqual(
    back.between(state, "alice", "server").map(([lane]) => lane),
    ["1>", "1<"],
  );
  assert.deepEqual(back.between(state, "bob", "server"), []);
});

test("nothing goes over a link that is cut", () => {
  const links = [{ a: "alice", b: "server", hold: true, latency: 0, cut: true }];
  const { back } = told([held(1, "1>", 0), held(2, "2>", 0)], { hold: true, latency: 0, links });
  assert.match(back.whyNot(back.lanes.get("1>")[0]), /cut/);
  assert.equal(back.whyNot(back.lanes.get("2>")[0]), "");
});

test("after a release nothing is held", () => {
  const { state } = told([held(1, "1>", 0)]);
  state.apply(batch(10, 11, { settings: { hold: false, latency: 0, links: [] } }));
  assert.deepEqual(new HeldBack(state).first, []);
});
