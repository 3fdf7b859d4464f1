import assert from "node:assert/strict";
import { test } from "node:test";
import { depthAt, depthsOf, peaks } from "../../../zmqlab/view/js/diagram/depths.js";
import { State } from "../../../zmqlab/view/js/model/state.js";
import { actor, message, pair, socket } from "../story.mjs";

const told = (messages) => {
  const state = new State();
  state.apply(pair({ messages, now: 1000 }));
  state.apply({ ...pair({ actors: [actor("bob")], sockets: [socket("1.3", "bob", "DEALER")] }), since: 10 });
  return state;
};
const lain = (id, arrived, received, more = {}) =>
  message(id, { sent: arrived - 2, left: arrived - 1, arrived, received, ...more });
const steps = ({ times, depths }) => [...times].map((time, i) => [time, depths[i]]);

test("an incoming queue fills as messages arrive and empties as they are received", () => {
  const { all, peers } = depthsOf(
    told([lain(1, 10, 40), lain(2, 20, 50, { from: "1.3" }), lain(3, 60, null)]),
    "1.2",
    "in",
  );
  assert.deepEqual(steps(all), [
    [10, 1],
    [20, 2],
    [40, 1],
    [50, 0],
    [60, 1],
  ]);
  assert.equal(all.most, 2);
  assert.deepEqual(
    peers.map(({ peer, depths }) => [peer, depths.most]),
    [
      ["alice", 1],
      ["bob", 1],
    ],
  );
});

test("an outgoing queue empties as messages leave, are dropped, or are received where nobody saw them leave", () => {
  const messages = [
    message(1, { sent: 1, left: 5 }),
    message(2, { sent: 2, to: "", end: "dropped", ended: 3 }),
    message(3, { sent: 6, received: 9 }),
    message(4, { sent: 8 }),
  ];
  assert.deepEqual(steps(depthsOf(told(messages), "1.1", "out").all), [
    [1, 1],
    [2, 2],
    [3, 1],
    [5, 0],
    [6, 1],
    [8, 2],
    [9, 1],
  ]);
});

test("the depth at a time", () => {
  const { all } = depthsOf(told([lain(1, 10, 40), lain(2, 20, 50)]), "1.2", "in");
  assert.deepEqual(
    [5, 10, 15, 30, 45, 90].map((time) => depthAt(all, time)),
    [0, 1, 1, 2, 1, 0],
  );
});

test("a pixel shows the highest peak on it, and what lay there from before", () => {
  const { all } = depthsOf(told([lain(1, 10, 40), lain(2, 20, 21), lain(3, 22, 23)]), "1.2", "in");
  assert.deepEqual([...peaks(all, Float64Array.of(0, 15, 30, 35, 60, 80))], [1, 2, 1, 1, 0]);
});

test("a socket where nothing waits has no depth", () => {
  const { all, peers } = depthsOf(told([]), "1.2", "in");
  assert.deepEqual([all.most, all.times.length, peers.length], [0, 0, 0]);
});
