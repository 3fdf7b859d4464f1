import assert from "node:assert/strict";
import { test } from "node:test";
import { arrange, queuePlaces } from "../../../zmqlab/view/js/stage/heldplaces.js";

const way = (a, b) => [a, { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, b];
const far = (one, other) => Math.hypot(one.x - other.x, one.y - other.y);

test("the first of a queue stands before the middle of the way, the others behind it, as many as there is room for", () => {
  const places = queuePlaces(200, [20, 20, 20, 20, 20, 20], 20);
  assert.ok(places[0] * 200 + 10 <= 90 && places[0] * 200 > 60);
  assert.equal(places.length, 3);
  for (let i = 1; i < places.length; i++) assert.ok((places[i - 1] - places[i]) * 200 >= 20);
  assert.ok(places.at(-1) * 200 - 10 >= 0);
  assert.equal(queuePlaces(30, [26, 26], 20).length, 1);
});

test("those without room are counted, and the number stands where no pill is", () => {
  const [{ spots, more, tell }] = arrange([
    { way: way({ x: 0, y: 0 }, { x: 200, y: 0 }), ids: [1, 2, 3, 4, 5, 6, 7, 8], sign: 20 },
  ]);
  assert.equal(spots.length + more, 8);
  assert.ok(spots.length > 1 && spots.every((spot) => far(spot, tell) >= 15));
});

test("queues that leave from one place do not cover one another: the first of each is drawn in any case", () => {
  const start = { x: 0, y: 100 };
  const queues = [20, 100, 180].map((y, i) => ({
    way: way(start, { x: 160, y }),
    ids: [10 * i + 1, 10 * i + 2, 10 * i + 3],
    sign: 20,
  }));
  const standings = arrange(queues);
  const all = standings.flatMap(({ spots, more, tell }) => (more ? [...spots, tell] : spots));
  assert.ok(standings.every(({ spots }) => spots.length >= 1));
  assert.ok(standings.some(({ more }) => more > 0));
  for (const [i, one] of all.entries())
    for (const other of all.slice(i + 1)) assert.ok(far(one, other) >= 17, `${JSON.stringify([one, other])}`);
});
