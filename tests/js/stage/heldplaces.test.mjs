import assert from "node:assert/strict";
import { test } from "node:test";
import { arrange as arranged } from "../../../zmqlab/view/js/stage/heldplaces.js";
import { along } from "../../../zmqlab/view/js/stage/layout.js";

const arrange = (queues, taken) => arranged(queues, taken, 400);
const HIGH = 20; // px of a pill, without its ring
const way = (a, b) => [a, { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, b];
const box = ({ x, y }, width) => ({ x: x - width / 2, y: y - HIGH / 2, width, height: HIGH });
const apart = (one, other) =>
  one.x + one.width <= other.x ||
  other.x + other.width <= one.x ||
  one.y + one.height <= other.y ||
  other.y + other.height <= one.y;

/** The boxes of all pills and numbers. */
const drawn = (standings, queues) =>
  standings.flatMap(({ spots, more, tell }, i) => [
    ...spots.map((spot, place) => box(spot, queues[i].widths[place])),
    ...(more ? [box(tell, 30)] : []),
  ]);

const clear = (boxes) =>
  boxes.forEach((one, i) =>
    boxes.slice(i + 1).forEach((other) => assert.ok(apart(one, other), JSON.stringify([one, other]))),
  );

test("the first of a queue stands before the middle of the way, the others behind it as far as there is room", () => {
  const [{ spots, more }] = arrange(
    [{ way: way({ x: 0, y: 90 }, { x: 400, y: 90 }), widths: [50, 50, 50], sign: 20 }],
    [],
  );
  assert.equal(more, 0);
  assert.ok(spots.every(({ y }) => Math.abs(y - 90) < 0.1));
  assert.ok(spots[0].x + 25 <= 190 && spots[1].x + 50 <= spots[0].x && spots[2].x + 50 <= spots[1].x);
});

test("on a way that is too short they stand above one another", () => {
  const queues = [{ way: way({ x: 0, y: 90 }, { x: 80, y: 90 }), widths: [60, 60, 60], sign: 20 }];
  const handle = box({ x: 40, y: 90 }, 20);
  const standings = arrange(queues, [
    handle,
    { x: -100, y: 0, width: 100, height: 200 },
    { x: 80, y: 0, width: 100, height: 200 },
  ]);
  assert.equal(standings[0].spots.length, 3);
  clear([...drawn(standings, queues), handle]);
});

test("those without room are counted, and the number stands where no pill is", () => {
  const queues = [{ way: way({ x: 0, y: 60 }, { x: 200, y: 60 }), widths: Array(40).fill(44), sign: 20 }];
  const standings = arrange(queues, []);
  const [{ spots, more }] = standings;
  assert.ok(spots.length > 3 && more > 0);
  assert.equal(spots.length + more, 40);
  clear(drawn(standings, queues));
});

test("queues that leave from one place cover neither one another nor cards: the first of each is drawn in any case", () => {
  const start = { x: 0, y: 150 };
  const queues = [30, 150, 270].map((y) => ({ way: way(start, { x: 160, y }), widths: [60, 60, 60, 60], sign: 20 }));
  const handles = queues.map((queue) => box(along(queue.way, 0.5), 20));
  const cards = [
    { x: -120, y: 100, width: 120, height: 100 },
    ...[30, 150, 270].map((y) => ({ x: 160, y: y - 50, width: 120, height: 100 })),
  ];
  const standings = arrange(queues, [...handles, ...cards]);
  assert.ok(standings.every(({ spots }) => spots.length >= 1));
  clear([...drawn(standings, queues), ...handles]);
  for (const one of drawn(standings, queues))
    for (const card of cards) assert.ok(apart(one, card), JSON.stringify([one, card]));
});

test("where everything is taken, the first stands where it covers least", () => {
  const full = { x: -500, y: -500, width: 1000, height: 1000 };
  const [{ spots, more }] = arrange(
    [{ way: way({ x: 0, y: 0 }, { x: 100, y: 0 }), widths: [40, 40], sign: 20 }],
    [full],
  );
  assert.deepEqual([spots.length, more], [1, 1]);
});

test("nothing stands above or below the stage", () => {
  const queues = [{ way: way({ x: 0, y: 10 }, { x: 80, y: 10 }), widths: Array(9).fill(60), sign: 20 }];
  const [{ spots, more, tell }] = arranged(queues, [box({ x: 40, y: 10 }, 20)], 100);
  assert.ok(more > 0);
  for (const { y } of [...spots, tell]) assert.ok(y - HIGH / 2 >= 0 && y + HIGH / 2 <= 100, `${y}`);
});
