import assert from "node:assert/strict";
import { test } from "node:test";
import { along, columnsOf, edgesOf, lanesOf, placeCards, socketsOf, tintOf, tintsOf, wayBetween } from "../../zmqlab/view/js/layout.js";
import { OUTSIDE, State } from "../../zmqlab/view/js/state.js";
import { actor, batch, brokered, message, pair, socket } from "./story.mjs";

const fold = (...batches) => {
  const state = new State();
  for (const b of batches) state.apply(b);
  return state;
};
const columns = (state) => columnsOf(state, edgesOf(state));

test("clients left, broker in the middle, workers right", () => {
  assert.deepEqual(columns(fold(brokered(3))), [["alice"], ["broker"], ["worker-0", "worker-1", "worker-2"]]);
});

test("what has ended stays where it was, and an actor that runs again stands as before", () => {
  const ports = { FRONT: ["tcp://127.0.0.1:1"], BACK: ["tcp://127.0.0.1:2"] };
  const run = (n, opened, closed) => [
    socket(`${n}.1`, "broker", "ROUTER", { opened, closed, binds: ports.FRONT }),
    socket(`${n}.2`, "broker", "ROUTER", { opened, closed: closed && closed + 0.1, binds: ports.BACK }),
    socket(`${n}.3`, "alice", "DEALER", { opened, closed, connects: ports.FRONT }),
    socket(`${n}.4`, "worker", "DEALER", { opened, closed, connects: ports.BACK }),
  ];
  const links = [1, 2].flatMap((n) => [
    { id: `${n}1`, client: `${n}.3`, server: `${n}.1`, endpoint: "", opened: n, closed: n + 1, reason: "", encrypted: false },
    { id: `${n}2`, client: `${n}.4`, server: `${n}.2`, endpoint: "", opened: n, closed: n + 1, reason: "", encrypted: false },
  ]);
  const actors = ["worker", "broker", "alice"].map((name) => actor(name));
  const shown = (state) => socketsOf(state, "broker").shown.map(({ id }) => id);
  for (const [closed, open] of [[3, ["2.1", "2.2"]], [null, ["2.1", "2.2"]]]) {
    const state = fold(batch(0, 1, { sockets: [...run(1, 0, 1), ...run(2, 2, closed)], links, actors }));
    assert.deepEqual(columns(state), [["alice"], ["broker"], ["worker"]]);
    assert.deepEqual(shown(state), open);
  }
});

test("a client stands left of its server, whoever started first", () => {
  assert.deepEqual(columns(fold(pair())), [["alice"], ["server"]]);
});

test("data that flows from the bound side flows to the right as well", () => {
  const sockets = [
    socket("1.1", "ventilator", "PUSH", { binds: ["tcp://127.0.0.1:1"] }),
    socket("1.2", "worker", "PULL", { connects: ["tcp://127.0.0.1:1"] }),
  ];
  assert.deepEqual(columns(fold(batch(0, 1, { sockets, actors: [actor("worker"), actor("ventilator")] }))), [["ventilator"], ["worker"]]);
});

test("a circle of connections still has its columns", () => {
  const names = ["a", "b", "c"];
  const sockets = names.flatMap((name, i) => [
    socket(`1.${i}`, name, "ROUTER", { binds: [`tcp://127.0.0.1:${i}`] }),
    socket(`2.${i}`, name, "DEALER", { connects: [`tcp://127.0.0.1:${(i + 1) % 3}`] }),
  ]);
  assert.deepEqual(columns(fold(batch(0, 1, { sockets, actors: names.map((n) => actor(n)) }))).flat().sort(), names);
});

test("sockets are joined by endpoint before any message, and by their link after they are closed", () => {
  const state = fold(pair());
  assert.deepEqual(edgesOf(state), [{ client: "1.1", server: "1.2", closed: false, tcp: true }]);
  const link = { id: "1", client: "1.1", server: "1.2", endpoint: "", opened: 1, closed: null, reason: "", encrypted: false };
  state.apply(batch(10, 11, { links: [link], sockets: [socket("1.1", "alice", "DEALER", { closed: 5 })] }));
  assert.deepEqual(edgesOf(state), [{ client: "1.1", server: "1.2", closed: true, tcp: true }]);
});

test("a peer that is not traced has a lane at the bottom", () => {
  const link = { id: "1", client: "", server: "1.2", endpoint: "", opened: 1, closed: null, reason: "", encrypted: false };
  const state = fold(pair({ links: [link] }));
  assert.equal(lanesOf(columns(state)).at(-1), OUTSIDE);
});

test("peers outside that came without a link have a lane, also where only the answer was seen", () => {
  const link = { lane: "", number: null };
  for (const seen of [message(1, { ...link, from: "", to: "1.2", sent: null, received: 3 }), message(1, { ...link, from: "1.2", to: "", watched: false })]) {
    const state = fold(pair({ messages: [seen] }));
    assert.deepEqual([...state.visited], ["1.2"]);
    assert.equal(lanesOf(columns(state)).at(-1), OUTSIDE);
    assert.equal(state.receiverOf(seen), seen.to ? "server" : OUTSIDE);
  }
});

test("question and answer have the tint of the one who asked", () => {
  const state = fold(brokered(1));
  const tints = tintsOf(state, ["alice", "broker", "worker-0"]);
  const tint = (from, to) => tintOf(state, tints, message(1, { from, to }));
  assert.equal(tint("1.3", "1.1"), tint("1.1", "1.3"));
  assert.notEqual(tint("1.3", "1.1"), tint("1.2", "1.10"));
});

test("cards of a column do not overlap and stay inside", () => {
  const names = [["a", "b", "c"], ["d"]];
  const heights = new Map([["a", 50], ["b", 80], ["c", 60], ["d", 90]]);
  const { places, height } = placeCards(names, heights, 700, 200);
  const order = names[0].map((name) => [places.get(name).y, places.get(name).y + heights.get(name)]);
  assert.ok(order[0][0] >= 0 && order[0][1] < order[1][0] && order[1][1] < order[2][0] && order[2][1] <= height);
  for (const { x } of places.values()) assert.ok(x >= 0 && x + 200 <= 700);
});

test("a way begins and ends at its ends", () => {
  const way = [{ x: 0, y: 0 }, { x: 5, y: 9 }, { x: 10, y: 0 }];
  assert.deepEqual(along(way, 0), way[0]);
  assert.deepEqual(along(way, 1), way[2]);
});

test("a way bends around the card that stands on it, and only then", () => {
  const [a, b] = [{ x: 100, y: 100 }, { x: 500, y: 100 }];
  const card = { x: 250, y: 70, width: 100, height: 60 };
  const straight = [a, { x: 300, y: 100 }, b];
  assert.deepEqual(wayBetween(a, b, [], 200), straight);
  assert.deepEqual(wayBetween(a, b, [{ ...card, y: 120 }], 200), straight);
  for (const [cards, side] of [[[card], -1], [[{ ...card, y: 0, height: 130 }], 1]]) {
    const way = wayBetween(a, b, cards, 200);
    assert.equal(Math.sign(way[1].y - 100), side);
    for (let t = 0; t <= 1; t += 0.01) {
      const { x, y } = along(way, t);
      assert.ok(y >= 0 && y <= 200);
      for (const { x: left, y: top, width, height } of cards) assert.ok(x < left || x > left + width || y < top || y > top + height);
    }
  }
  assert.deepEqual(wayBetween(a, b, [{ ...card, y: 0, height: 200 }], 200), straight);
});
