/** Where things stand on the stage: cards, and the ways between them. Who stands in which column comes with a batch. No DOM. */

/** @import { State } from "../model/state.js" */
/** @typedef {{x: number, y: number}} Point */
/** @typedef {[Point, Point, Point]} Way  from one end to the other, and the point in the middle towards which it bends */

const GAP = { least: 14, tight: 8, most: 44 }; // px between two cards, one above the other
const GROWN = 460; // px of a stage that has more height than its cards need
const ROWS = { few: 12, many: 3 }; // sockets shown on a card
export const FEW = 6; // actors, up to which the cards have room for all that they have to say
const CARD = { least: 104, least4: 84, most: 280, gap: 96 }; // px; `least4`: of four columns and more

/** `tcp://127.0.0.1:5555` and `tcp://localhost:5555` are one place. @param {string} endpoint */
export function placeOfEndpoint(endpoint) {
  return /^tcp:/.test(endpoint) ? `:${endpoint.split(":").pop()}` : endpoint;
}

/** The sockets of an actor that its card has room for, and how many more there are. @param {State} state @param {string} actor */
export function socketsOf(state, actor) {
  const those = (state.order.cards.get(actor) ?? []).flatMap((id) => state.sockets.get(id) ?? []);
  const rows = state.order.lanes.length > FEW ? ROWS.many : ROWS.few;
  return { shown: those.slice(0, rows), more: Math.max(0, those.length - rows) };
}

/** How wide a card is: as wide as it can be beside ways that have room for what moves on them. @param {number} columns @param {number} width px of the stage */
export function cardWidth(columns, width) {
  const least = columns < 4 ? CARD.least : CARD.least4;
  return Math.round(Math.max(least, Math.min(CARD.most, (width - (columns - 1) * CARD.gap) / columns)));
}

/**
 * Where the cards stand, in px: columns spread over the width, each centred in the height.
 * @param {string[][]} columns @param {Map<string, number>} heights of the cards
 * @param {{width: number, height: number}} room the cards may need more height @param {number} card width of a card @param {boolean} tight
 */
export function placeCards(columns, heights, { width, height: room }, card, tight = false) {
  const { most, bare } = tallest(columns, heights);
  const gap = Math.max(tight ? GAP.tight : GAP.least, Math.min(GAP.most, (room - bare) / most));
  const tall = columns.map((names) => names.reduce((sum, name) => sum + (heights.get(name) ?? 0) + gap, -gap));
  const height = Math.max(0, Math.min(room, GROWN), ...tall);
  const distance = columns.length < 2 ? 0 : Math.min(card + 300, (width - card) / (columns.length - 1));
  const left = (width - card - distance * (columns.length - 1)) / 2;
  /** @type {Map<string, {x: number, y: number}>} */
  const places = new Map();
  columns.forEach((names, i) => {
    let y = (height - tall[i]) / 2;
    for (const name of names) {
      places.set(name, { x: Math.round(left + i * distance), y: Math.round(y) });
      y += (heights.get(name) ?? 0) + gap;
    }
  });
  return { places, height: Math.ceil(height), gap: columns.length < 2 ? width : distance - card };
}

/** How many cards a column has at most, and how high they are, px. @param {string[][]} columns @param {Map<string, number>} heights */
function tallest(columns, heights) {
  const most = Math.max(1, ...columns.map((names) => names.length));
  const bare = Math.max(0, ...columns.map((names) => names.reduce((sum, name) => sum + (heights.get(name) ?? 0), 0)));
  return { most, bare };
}

/** How high a stage is with all the room between cards that they may have, px. @param {string[][]} columns @param {Map<string, number>} heights */
export function airy(columns, heights) {
  const { most, bare } = tallest(columns, heights);
  return bare + most * GAP.most;
}

/** The point at part `t` of a way that bends at `middle`. @param {Way} way @param {number} t */
export function along([a, middle, b], t) {
  const u = 1 - t;
  return { x: u * u * a.x + 2 * u * t * middle.x + t * t * b.x, y: u * u * a.y + 2 * u * t * middle.y + t * t * b.y };
}

/** @typedef {{x: number, y: number, width: number, height: number}} Box */

/** Do two boxes cover each other? @param {Box} one @param {Box} other */
export function overlap(one, other) {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

const HANDLE = { width: 28, height: 22 }; // px
const HELD_AT = [0.5, 0.44, 0.56, 0.38, 0.62, 0.32, 0.68, 0.26, 0.74, 0.2, 0.8]; // parts of a way, the best first

/** Where the handle of a way stands: in its middle, or beside it where something else does. @param {Way} way @param {Box[]} taken */
export function handlePlace(way, taken) {
  const spots = HELD_AT.map((part) => along(way, part));
  return spots.find((spot) => !taken.some((other) => overlap(handleBox(spot), other))) ?? spots[0];
}

/** @param {Point} at @returns {Box} */
export function handleBox({ x, y }) {
  return { x: x - HANDLE.width / 2, y: y - HANDLE.height / 2, ...HANDLE };
}

const CLEAR = 6; // px between a way and a card that it passes
const BEND = 16; // px by which a way is bent further, until it is clear

/**
 * The straight way between two points, or where cards stand on it, one that bends around them and stays inside.
 * @param {Point} a @param {Point} b @param {Box[]} cards those between the two @param {number} height of the stage
 * @returns {Way}
 */
export function wayBetween(a, b, cards, height) {
  const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  for (let step = 0; step * BEND <= 2 * height; step++) {
    for (const side of step ? [-1, 1] : [1]) {
      const way = /** @type {Way} */ ([a, { x: middle.x, y: middle.y + side * step * BEND }, b]);
      if (fits(way, cards, height)) return way;
    }
  }
  return [a, middle, b];
}

const PARTS = Array.from({ length: 33 }, (_, i) => i / 32);

/** Is it inside the stage, and clear of all cards? @param {Way} way @param {Box[]} cards @param {number} height */
function fits(way, cards, height) {
  return PARTS.every((t) => {
    const { x, y } = along(way, t);
    const isClear = (/** @type {Box} */ card) =>
      x < card.x || x > card.x + card.width || y < card.y - CLEAR || y > card.y + card.height + CLEAR;
    return y >= 0 && y <= height && cards.every(isClear);
  });
}
