/** Where the messages that stand still stand on their links: which of them have room, and where. No DOM. */

import { along, overlap } from "./layout.js";

/** @import { Box, Point, Way } from "./layout.js" */
/**
 * @typedef {object} Queue
 * @property {Way} way from the sender on @property {number[]} widths of the pills, the first to go first, px
 * @property {number} sign width of what stands in the middle of the way, px
 */
/** @typedef {{spots: Point[], more: number, tell: Point}} Standing  of those with room; how many have none, and where that is told */

const MOST = 30; // messages of a queue that are looked at: no link has room for more
const HIGH = 24; // px of a pill with the ring around it
const GAP = 3; // px between two pills
const ROW = 25; // px between two pills, one above the other
const REST = 30; // px that the number of those without room is wide
const ROWS = [-1, 1, -1.5, 1.5, -2, 2, -3, 3, -4, 4]; // above or below the middle of a way, where the first of a queue may stand
const STACK = 4; // pills above one another, or below, at the most
const REACH = 5; // rows and columns around a pill in which the number of those without room may stand
const FAR = 1e5; // px: further than any stage
const STEP = 8; // px along a way between two places that are tried

/**
 * The first of every queue always has its place; the others stand behind it, or above and below it where the way is too
 * short, as far as they cover nothing.
 * @param {Queue[]} queues @param {Box[]} taken where cards and handles stand @param {number} height px of the stage
 * @returns {Standing[]}
 */
export function arrange(queues, taken, height) {
  const beyond = { x: -FAR, width: 2 * FAR, height: FAR };
  const things = [...taken, { ...beyond, y: -FAR }, { ...beyond, y: height }];
  const put = (/** @type {Point} */ spot, /** @type {number} */ width) => {
    things.push(boxOf(spot, width));
    return spot;
  };
  const firsts = queues.map((queue) => put(best(candidates(queue), queue.widths[0], things), queue.widths[0]));
  return queues.map((queue, i) => {
    const spots = [firsts[i]];
    for (const width of queue.widths.slice(1, MOST)) {
      const spot = following(queue, spots, width).find((one) => free(boxOf(one, width), things));
      if (!spot) break;
      spots.push(put(spot, width));
    }
    const more = queue.widths.length - spots.length;
    const tell = more
      ? put(best([...following(queue, spots, REST), ...around(spots[0])], REST, things), REST)
      : spots[0];
    return { spots, more, tell };
  });
}

/** Where the first of a queue may stand: before the middle of its way, further back, or above or below it. @param {Queue} queue */
function candidates({ way, widths: [width], sign }) {
  const length = lengthOf(way);
  const from = Math.max(length / 2 - width / 2, (length - sign) / 2 - GAP - width / 2);
  const spots = [along(way, Math.max(0, (length - sign) / 2 - GAP - width / 2) / length)];
  for (let place = from; place > width / 2; place -= STEP) spots.push(along(way, place / length));
  const middle = along(way, 0.5);
  const beside = ROWS.map((row) => ({ x: middle.x, y: middle.y + row * ROW }));
  return [...spots, ...beside];
}

/** Where the next of a queue may stand: behind the last one, or in a pile with the first. @param {Queue} queue @param {Point[]} spots @param {number} width */
function following({ way, widths }, spots, width) {
  const length = lengthOf(way);
  const [start] = way;
  const last = spots[spots.length - 1];
  const far = Math.hypot(start.x - last.x, start.y - last.y);
  const apart = (widths[spots.length - 1] + width) / 2 + GAP;
  const behind =
    far > apart
      ? [{ x: last.x + ((start.x - last.x) * apart) / far, y: last.y + ((start.y - last.y) * apart) / far }]
      : [];
  const side = spots[0].y > along(way, 0.5).y ? 1 : -1; // of the link, where the first one stands
  const pile = [side, -side].flatMap((up) =>
    Array.from({ length: STACK }, (_, row) => ({ x: spots[0].x, y: spots[0].y + up * (row + 1) * ROW })),
  );
  return length ? [...behind, ...pile] : pile;
}

/** Where beside a pill something of a size covers least. @param {Point} pill @param {{width: number, height: number}} size @param {Box[]} things @returns {Point} its middle */
export function besidePill({ x, y }, { width, height }, things) {
  const [down, right] = [(HIGH + height) / 2 + GAP, width / 2 + ROW];
  const spots = [0, -right, right].flatMap((dx) =>
    [down, -down, 2 * down, -2 * down].map((dy) => ({ x: x + dx, y: y + dy })),
  );
  const costs = spots.map((spot) => covered({ x: spot.x - width / 2, y: spot.y - height / 2, width, height }, things));
  return spots[costs.indexOf(Math.min(...costs))];
}

/** Where else there may be room, the nearest first. @param {Point} spot */
function around({ x, y }) {
  const rows = [...Array(2 * REACH + 1).keys()].map((row) => row - REACH);
  const spots = rows.flatMap((row) => rows.map((column) => ({ x: x + column * REST, y: y + row * ROW })));
  return spots.sort((a, b) => Math.hypot(a.x - x, a.y - y) - Math.hypot(b.x - x, b.y - y));
}

/** The first of the spots where nothing is covered, or the one where least is. @param {Point[]} spots @param {number} width @param {Box[]} things */
function best(spots, width, things) {
  const costs = spots.map((spot) => covered(boxOf(spot, width), things));
  return spots[costs.indexOf(Math.min(...costs))];
}

/** The box of a pill. @param {Point} spot its middle @param {number} width @returns {Box} */
export function boxOf({ x, y }, width) {
  return { x: x - width / 2, y: y - HIGH / 2, width, height: HIGH };
}

/** @param {Box} box @param {Box[]} things */
function free(box, things) {
  return !things.some((other) => overlap(box, other));
}

/** How much of things a box covers, px². @param {Box} box @param {Box[]} things */
function covered(box, things) {
  let sum = 0;
  for (const other of things) {
    const wide = Math.min(box.x + box.width, other.x + other.width) - Math.max(box.x, other.x);
    const high = Math.min(box.y + box.height, other.y + other.height) - Math.max(box.y, other.y);
    if (wide > 0 && high > 0) sum += wide * high;
  }
  return sum;
}

/** @param {Way} way */
function lengthOf([a, middle, b]) {
  return Math.hypot(middle.x - a.x, middle.y - a.y) + Math.hypot(b.x - middle.x, b.y - middle.y);
}
