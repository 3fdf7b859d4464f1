import assert from "node:assert/strict";
import { test } from "node:test";
import {
  airy,
  along,
  cardWidth,
  handleBox,
  handlePlace,
  overlap,
  placeCards,
  socketsOf,
  wayBetween,
} from "../../../zmqlab/view/js/stage/layout.js";
import { tintOf } from "../../../zmqlab/view/js/model/message.js";
import { State } from "../../../zmqlab/view/js/model/state.js";
import { batch, message, socket } from "../story.mjs";

test("sockets are left out on the cards of more than six actors alone", () => {
  const ids = Array.from({ length: 7 }, (_, i) => `1.${i}`);
  const shown = (actors) => {
    const lanes = ["broker", ...Array.from({ length: actors - 1 }, (_, i) => `client-${i}`)];
    const state = new State();
    const order = { edges: [], columns: [lanes], cards: { broker: ids }, lanes, groups: [], tints: {} };
    state.apply(batch(0, 1, { order, sockets: ids.map((id) => socket(id, "broker", "ROUTER")) }));
    assert.deepEqual(socketsOf(state, "client-0"), { shown: [], more: 0 });
    const { shown, more } = socketsOf(state, "broker");
    return [shown.map(({ id }) => id), more];
  };
  assert.deepEqual(shown(6), [ids, 0]);
  assert.deepEqual(shown(7), [ids.slice(0, 3), 4]);
});

test("cards grow into the space there is, and leave room for what moves between them", () => {
  for (const columns of [2, 3]) {
    const gaps = [452, 592, 900, 1600].map((width) => (width - columns * cardWidth(columns, width)) / (columns - 1));
    assert.ok(Math.min(...gaps) >= 58, `${gaps}`);
  }
  assert.ok(cardWidth(3, 1000) > cardWidth(3, 592));
  assert.equal(cardWidth(1, 5000), 280);
  assert.ok(4 * cardWidth(4, 452) < 452);
});

test("a handle stands in the middle of its way, or beside what stands there", () => {
  const way = [
    { x: 0, y: 50 },
    { x: 100, y: 50 },
    { x: 200, y: 50 },
  ];
  const first = handlePlace(way, []);
  assert.deepEqual(first, { x: 100, y: 50 });
  const taken = [handleBox(first)];
  const second = handlePlace(way, taken);
  assert.ok(!overlap(handleBox(second), taken[0]));
  assert.ok(Math.abs(second.y - 50) < 0.1);
});

test("a message has the tint of the one who asks", () => {
  assert.equal(
    tintOf(
      new Map([
        ["alice", 0],
        ["bob", 1],
      ]),
      message(1, { asker: "bob" }),
    ),
    1,
  );
  assert.equal(tintOf(new Map(), message(1)), 0);
});

test("cards of a column do not overlap and stay inside", () => {
  const names = [["a", "b", "c"], ["d"]];
  const heights = new Map([
    ["a", 50],
    ["b", 80],
    ["c", 60],
    ["d", 90],
  ]);
  const { places, height } = placeCards(names, heights, { width: 700, height: 0 }, 200);
  const order = names[0].map((name) => [places.get(name).y, places.get(name).y + heights.get(name)]);
  assert.ok(order[0][0] >= 0 && order[0][1] < order[1][0] && order[1][1] < order[2][0] && order[2][1] <= height);
  for (const { x } of places.values()) assert.ok(x >= 0 && x + 200 <= 700);
});

test("a way begins and ends at its ends", () => {
  const way = [
    { x: 0, y: 0 },
    { x: 5, y: 9 },
    { x: 10, y: 0 },
  ];
  assert.deepEqual(along(way, 0), way[0]);
  assert.deepEqual(along(way, 1), way[2]);
});

test("a way bends around the card that stands on it, and only then", () => {
  const [a, b] = [
    { x: 100, y: 100 },
    { x: 500, y: 100 },
  ];
  const card = { x: 250, y: 70, width: 100, height: 60 };
  const straight = [a, { x: 300, y: 100 }, b];
  assert.deepEqual(wayBetween(a, b, [], 200), straight);
  assert.deepEqual(wayBetween(a, b, [{ ...card, y: 120 }], 200), straight);
  for (const [cards, side] of [
    [[card], -1],
    [[{ ...card, y: 0, height: 130 }], 1],
  ]) {
    const way = wayBetween(a, b, cards, 200);
    assert.equal(Math.sign(way[1].y - 100), side);
    for (let t = 0; t <= 1; t += 0.01) {
      const { x, y } = along(way, t);
      assert.ok(y >= 0 && y <= 200);
      for (const { x: left, y: top, width, height } of cards)
        assert.ok(x < left || x > left + width || y < top || y > top + height);
    }
  }
  assert.deepEqual(wayBetween(a, b, [{ ...card, y: 0, height: 200 }], 200), straight);
});

test("an airy stage has the largest gaps that cards may have, and a higher one has no larger ones", () => {
  const columns = [["alice", "bob"], ["broker"]];
  const heights = new Map(columns.flat().map((name) => [name, 45]));
  const gap = (height) => {
    const { places } = placeCards(columns, heights, { width: 600, height }, 120, true);
    return places.get("bob").y - places.get("alice").y - 45;
  };
  const enough = airy(columns, heights);
  assert.equal(gap(enough), gap(enough + 100));
  assert.ok(gap(enough - 10) < gap(enough));
});
