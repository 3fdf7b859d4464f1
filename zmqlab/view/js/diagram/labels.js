/** The words on the arrows of the space-time diagram: on as few other arrows as can be, and on no other words. No DOM. */

import { atTheEnd, shorten } from "../model/words.js";

/** @import { Message } from "../model/message.js" */
/**
 * @typedef {{message: Message, tint: number, x1: number, y1: number, x2: number, y2: number, end: string}} Arrow  from
 *   the lane of the sender to that of the receiver; `end` is "" where it comes there
 */
/** @typedef {{x: number, y: number, width: number, text: string, tint: number, message: Message}} Label  y of its middle */
/** @typedef {{x: number, y: number, width: number}} Place */

const CHAR = 6.4; // px of a character of a label
const ON_AN_ARROW = 14; // letters of a label
const REASON = 70; // letters of one that says why
const HIGH = 14; // px from one line of words to the next
const HALF = 5; // px of the letters, above and below their middle
const PARTS = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82]; // of an arrow, where its words may stand

/**
 * A label for each arrow that has room for one.
 * @param {Arrow[]} arrows @param {number} width
 */
export function labelsOf(arrows, width) {
  /** @type {Label[]} */
  const placed = [];
  const free = (/** @type {Place} */ box, /** @type {number} */ left) =>
    box.x >= left &&
    box.x + box.width < width + 6 &&
    !placed.some((p) => box.x < p.x + p.width + 4 && p.x < box.x + box.width + 4 && Math.abs(box.y - p.y) < HIGH);
  for (const arrow of arrows) {
    const texts = textsOf(arrow);
    const left = Math.min(arrow.x1, arrow.x2) < 0 ? -20 : 0; // the words of an arrow go out of sight behind it
    const near = nearTo(arrow, arrows, Math.max(0, ...texts.map((text) => text.length)) * CHAR);
    for (const text of texts) {
      const place = best(
        placesOf(arrow, text.length * CHAR).filter((box) => free(box, left)),
        near,
      );
      if (!place) continue;
      placed.push({ ...place, text, tint: arrow.tint, message: arrow.message });
      break;
    }
  }
  return placed;
}

/** What may stand on an arrow: the more the better, as far as there is room. @param {Arrow} arrow @returns {string[]} */
export function textsOf({ end, message }) {
  const label = shorten(message.label, ON_AN_ARROW);
  const told = end ? atTheEnd(label, message) : label;
  const because = end && message.reason ? [shorten(`${told}: ${message.reason}`, REASON)] : [];
  return [...because, told, label, label && `#${message.id}`].filter((text) => text);
}

/** Where the words of an arrow may stand, the best first. @param {Arrow} arrow @param {number} width of the words @returns {Place[]} */
function placesOf({ x1, y1, x2, y2, end }, width) {
  if (end) {
    const beyond = [1.25, 1].map((t) => ({ x: x1 + (x2 - x1) * t + 7, y: y1 + (y2 - y1) * t, width }));
    return [...beyond, { x: x2 - width - 9, y: y2, width }];
  }
  const down = y2 > y1 ? -1 : 1; // where the side at the right of the arrow is free: above or below
  return PARTS.flatMap((t) => {
    const [x, y] = [x1 + (x2 - x1) * t, y1 + (y2 - y1) * t];
    return [
      { x: x + 6, y: y + 5 * down, width },
      { x: x - 6 - width, y: y - 5 * down, width },
      { x: x + 7, y, width },
      { x: x - width / 2, y: y + 11 * down, width },
      { x: x - width / 2, y: y - 11 * down, width },
    ];
  });
}

/** The one through which the fewest arrows run. @param {Place[]} places @param {Arrow[]} near */
function best(places, near) {
  let found = null;
  let least = Number.POSITIVE_INFINITY;
  for (const place of places) {
    const cost = near.reduce((sum, arrow) => sum + (pierces(arrow, place) ? 1 : 0), 0);
    if (cost < least) [found, least] = [place, cost];
    if (!cost) break;
  }
  return found;
}

/** Those that may run through the words of an arrow. @param {Arrow} arrow @param {Arrow[]} arrows @param {number} width of the words */
function nearTo({ x1, y1, x2, y2 }, arrows, width) {
  const [left, right] = [Math.min(x1, x2) - width - 10, Math.max(x1, x2) + width + 10];
  const [top, bottom] = [Math.min(y1, y2) - 20, Math.max(y1, y2) + 20];
  return arrows.filter(
    (other) =>
      Math.min(other.x1, other.x2) < right &&
      Math.max(other.x1, other.x2) > left &&
      Math.min(other.y1, other.y2) < bottom &&
      Math.max(other.y1, other.y2) > top,
  );
}

/** Does the arrow run through words? @param {{x1: number, y1: number, x2: number, y2: number}} arrow @param {Place} place */
export function pierces({ x1, y1, x2, y2 }, { x, y, width }) {
  let [first, last] = [0, 1];
  for (const [along, room] of [
    [x1 - x2, x1 - x],
    [x2 - x1, x + width - x1],
    [y1 - y2, y1 - y + HALF],
    [y2 - y1, y + HALF - y1],
  ]) {
    if (along === 0 && room < 0) return false;
    if (along < 0) first = Math.max(first, room / along);
    if (along > 0) last = Math.min(last, room / along);
  }
  return first < last;
}
