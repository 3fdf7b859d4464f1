/** Where the messages that are held stand on their links: which of them have room, and where. No DOM. */

import { along } from "./layout.js";

/** @import { Point, Way } from "./layout.js" */
/**
 * @typedef {object} Queue
 * @property {Way} way from the sender on @property {number[]} ids of the messages, the first to go first
 * @property {number} sign width of what stands in the middle of the way, px
 */
/** @typedef {{spots: Point[], more: number, tell: Point}} Standing  of those with room; how many have none, and where that is told */

const MOST = 60; // messages of a queue that are looked at: no link has room for more
const LETTER = 7; // px
const GAP = 3; // px between two pills
const PILL = 19; // px between the middles of two pills, one above the other, at the least
const FLAT = 0.8; // a pill is wider than high
const ACROSS = 20; // px from a pill to the number above or below it
const ROUND = [
  [0, -1],
  [0, 1],
  [-1, -0.7],
  [-1, 0.7],
  [1, -0.7],
  [1, 0.7],
]; // directions from a pill
const BEHIND = 24; // px from the last pill to the number behind it

/** The first of every queue always has its place; the others stand behind it as far as they cover no other pill. @param {Queue[]} queues @returns {Standing[]} */
export function arrange(queues) {
  const lined = queues.map(({ way, ids, sign }) => {
    const widths = ids.slice(0, MOST).map((id) => 2 * LETTER + String(id).length * LETTER);
    return queuePlaces(lengthOf(way), widths, sign).map((place) => along(way, place));
  });
  const taken = lined.map(([first]) => first);
  const free = (/** @type {Point} */ spot) =>
    taken.every((other) => Math.hypot((spot.x - other.x) * FLAT, spot.y - other.y) >= PILL);
  return queues.map(({ way, ids }, i) => {
    const covers = lined[i].findIndex((spot, place) => place > 0 && !free(spot));
    const spots = covers < 0 ? lined[i] : lined[i].slice(0, covers);
    taken.push(...spots.slice(1));
    const more = ids.length - spots.length;
    const places = besides(spots[spots.length - 1], way[0]);
    const tell = places.find(free) ?? places[0];
    if (more) taken.push(tell);
    return { spots, more, tell };
  });
}

/**
 * Where the messages of a queue stand on a way, the first one nearest to its middle.
 * @param {number} length of the way, px @param {number[]} widths of their pills, px @param {number} sign width of what stands in the middle
 * @returns {number[]} parts of the way, of those that have room; there is always one
 */
export function queuePlaces(length, widths, sign) {
  const places = [];
  let edge = (length - sign) / 2 - GAP;
  for (const width of widths) {
    if (places.length && edge - width < GAP) break;
    places.push(Math.max(0, edge - width / 2) / length);
    edge -= width + GAP;
  }
  return places;
}

/** Where the number of those without room may stand: behind the last one, or around it. @param {Point} last @param {Point} start of the way */
function besides(last, start) {
  const far = Math.hypot(start.x - last.x, start.y - last.y);
  const back = { x: last.x + ((start.x - last.x) * BEHIND) / far, y: last.y + ((start.y - last.y) * BEHIND) / far };
  const across = ROUND.map(([x, y]) => ({ x: last.x + x * ACROSS, y: last.y + y * ACROSS }));
  return far > 1.5 * BEHIND ? [back, ...across] : across;
}

/** @param {Way} way */
function lengthOf([a, middle, b]) {
  return Math.hypot(middle.x - a.x, middle.y - a.y) + Math.hypot(b.x - middle.x, b.y - middle.y);
}
