import assert from "node:assert/strict";
import { test } from "node:test";
import { State } from "../../../zmqlab/view/js/model/state.js";
import { PATIENCE, Steer } from "../../../zmqlab/view/js/steering/steer.js";
import { actor, batch, held, steered } from "../story.mjs";

const start = (more) => {
  const state = new State();
  state.apply(steered(more));
  const sent = [];
  const store = { state, steerable: true, do: (command) => sent.push(command) };
  const steer = new Steer(store);
  const news = (changes, now = 10) => {
    state.apply(batch(state.have, state.have + 1, changes));
    steer.update(now);
  };
  return { steer, sent, store, news };
};
const RELEASED = { hold: false, latency: 0, links: [] };
const HELD = { hold: true, latency: 0, links: [] };

test("what was asked for is awaited until the batches tell that it is so", () => {
  const { steer, sent, news } = start();
  steer.do({ action: "release" }, 0);
  assert.deepEqual(sent, [{ action: "release" }]);
  news({ settings: HELD });
  assert.ok(steer.waits({ action: "release" }));
  news({ settings: RELEASED });
  assert.ok(!steer.waits({ action: "release" }));
});

test("what is over as soon as it is done is awaited until the lanes tell of it", () => {
  const { steer, news } = start();
  const reset = { action: "reset", link: ["alice", "server"] };
  steer.do(reset, 0);
  news({ settings: HELD, marks: [{ actor: "alice", time: 5, kind: "print", text: "hello", n: 1 }] });
  assert.ok(steer.waits(reset));
  news({ settings: HELD, marks: [{ actor: "alice", time: 6, kind: "fault", text: "connection reset: server", n: 2 }] });
  assert.ok(!steer.waits(reset));
});

test("what is awaited is not asked for twice", () => {
  const { steer, sent } = start();
  for (let i = 0; i < 3; i++) steer.do({ action: "step" }, i);
  steer.do({ action: "latency", seconds: 1 }, 3);
  steer.do({ action: "latency", seconds: 2 }, 4);
  assert.deepEqual(sent, [{ action: "step" }, { action: "latency", seconds: 1 }]);
});

test("a message is awaited until it is held no more, an actor until its state is another", () => {
  const { steer, news } = start({ messages: [held(1, "1>", 0), held(2, "2>", 0)] });
  const [step, crash] = [
    { action: "step", message: 1 },
    { action: "crash", actor: "server" },
  ];
  steer.do(step, 0);
  steer.do(crash, 0);
  news({ settings: HELD, messages: [held(2, "2>", 0, { arrived: 5 })] });
  assert.deepEqual([steer.waits(step), steer.waits(crash)], [true, true]);
  news({ settings: HELD, messages: [held(1, "1>", 0, { arrived: 6 })] });
  assert.deepEqual([steer.waits(step), steer.waits(crash)], [false, true]);
  news({ settings: HELD, actors: [actor("server", { state: "crashed" })] });
  assert.equal(steer.waits(crash), false);
});

test("a refusal ends the waiting", () => {
  const { steer } = start();
  steer.do({ action: "step" }, 0);
  steer.refused();
  assert.ok(!steer.waits({ action: "step" }));
});

test("after a while a person wonders", () => {
  const { steer } = start();
  assert.equal(steer.slow(PATIENCE), false);
  steer.do({ action: "step" }, 100);
  assert.deepEqual([steer.slow(PATIENCE), steer.slow(PATIENCE + 100)], [false, true]);
});

test("without a lab nothing is sent, and nothing awaited", () => {
  const { steer, store, sent, news } = start();
  steer.do({ action: "step" }, 0);
  store.steerable = false;
  news({ settings: HELD });
  steer.do({ action: "release" }, 0);
  assert.deepEqual([sent.length, steer.waiting.size], [1, 0]);
});
