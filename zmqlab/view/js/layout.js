// @ts-check
/** Who stands where: columns for the stage, lanes for the diagram, tints for the conversations. No DOM. */

import { OUTSIDE } from "./state.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Socket} Socket */
/** @typedef {{client: string, server: string, closed: boolean, tcp: boolean}} Edge  socket ids; `client` is the connecting side */

const ROWS = 5; // sockets shown on a card
const SOURCES = ["PUB", "XPUB", "PUSH"]; // data flows away from these, whichever side they bind

/** `tcp://127.0.0.1:5555` and `tcp://localhost:5555` are one place. @param {string} endpoint */
export function placeOfEndpoint(endpoint) {
  return /^tcp:/.test(endpoint) ? `:${endpoint.split(":").pop()}` : endpoint;
}

/**
 * Every pair of sockets that are, or were, or will be connected.
 * @param {State} state
 * @returns {Edge[]}
 */
export function edgesOf(state) {
  /** @type {Map<string, Edge>} */
  const edges = new Map();
  const bound = new Map();
  for (const socket of state.sockets.values()) {
    if (socket.closed !== null) continue;
    for (const endpoint of socket.binds) bound.set(placeOfEndpoint(endpoint), socket.id);
  }
  for (const socket of state.sockets.values()) {
    if (socket.closed !== null) continue;
    for (const endpoint of socket.connects) {
      const server = bound.get(placeOfEndpoint(endpoint));
      if (server && server !== socket.id) {
        edges.set(`${socket.id} ${server}`, { client: socket.id, server, closed: false, tcp: /^tcp:/.test(endpoint) });
      }
    }
  }
  for (const link of state.links.values()) {
    if (link.opened === link.closed) continue; // it was refused: there was nobody, or nobody who could be understood
    const key = `${link.client} ${link.server}`;
    const gone = [link.client, link.server].some((id) => state.sockets.get(id)?.closed != null);
    if (!edges.has(key)) edges.set(key, { client: link.client, server: link.server, closed: gone, tcp: true });
  }
  for (const id of state.visited) {
    edges.set(` ${id}`, { client: "", server: id, closed: state.sockets.get(id)?.closed != null, tcp: false });
  }
  return [...edges.values()];
}

/**
 * Columns of actor names, from left to right: those who ask, those who stand between, those who work.
 * The peers of an actor's first bound socket stand on its left, those of its further ones on its right.
 * @param {State} state
 * @param {Edge[]} edges
 * @returns {string[][]}
 */
export function columnsOf(state, edges) {
  /** @type {Map<string, Set<string>>} actor -> actors that stand right of it */
  const after = new Map();
  for (const name of state.actors.keys()) after.set(name, new Set());
  for (const socket of state.sockets.values()) if (!after.has(socket.actor)) after.set(socket.actor, new Set());
  for (const edge of edges) {
    const client = state.actorOf(edge.client);
    const server = state.actorOf(edge.server);
    for (const name of [client, server]) if (!after.has(name)) after.set(name, new Set());
    if (client === server) continue;
    const [left, right] = flowsBack(state, edge) ? [server, client] : [client, server];
    if (!after.get(right)?.has(left)) after.get(left)?.add(right);
  }
  const depth = depths(after);
  /** @type {string[][]} */
  const columns = [];
  for (const [name, column] of depth) (columns[column] ??= []).push(name);
  return columns.filter((column) => column);
}

/** @param {State} state @param {Edge} edge */
function flowsBack(state, edge) {
  const server = state.sockets.get(edge.server);
  if (!server) return false;
  if (SOURCES.includes(server.type)) return true;
  const bound = [...state.sockets.values()].find((s) => s.actor === server.actor && s.binds.length && together(s, server));
  return bound !== undefined && bound.id !== server.id;
}

/** Were both open at the same time? An actor that runs again has sockets of each run. @param {Socket} a @param {Socket} b */
function together(a, b) {
  return a.opened < (b.closed ?? Infinity) && b.opened < (a.closed ?? Infinity);
}

/** The sockets that a card shows: the open ones, or those of its last run. @param {State} state @param {string} actor */
export function socketsOf(state, actor) {
  const all = [...state.sockets.values()].filter((socket) => socket.actor === actor);
  const open = all.filter((socket) => socket.closed === null);
  const last = all.at(-1);
  const those = open.length || !last ? open : all.filter((socket) => together(socket, last));
  return { shown: those.slice(0, ROWS), more: Math.max(0, those.length - ROWS) };
}

/** The longest way to each from the left; a circle is cut where it closes. @param {Map<string, Set<string>>} after */
function depths(after) {
  const depth = new Map([...after.keys()].map((name) => [name, 0]));
  for (let round = 0; round < depth.size; round++) {
    let moved = false;
    for (const [left, rights] of after) {
      for (const right of rights) {
        const least = /** @type {number} */ (depth.get(left)) + 1;
        if (/** @type {number} */ (depth.get(right)) < least && least < depth.size) {
          depth.set(right, least);
          moved = true;
        }
      }
    }
    if (!moved) break;
  }
  return depth;
}

/** The lanes of the diagram from top to bottom. @param {string[][]} columns */
export function lanesOf(columns) {
  const names = columns.flat();
  return [...names.filter((name) => name !== OUTSIDE), ...names.filter((name) => name === OUTSIDE)];
}

/**
 * The tint (a number) of each actor: both directions of a conversation have that of the connecting side.
 * @param {State} state @param {string[]} lanes
 */
export function tintsOf(state, lanes) {
  const asking = new Set();
  for (const socket of state.sockets.values()) if (connects(socket)) asking.add(socket.actor);
  const order = [...lanes.filter((name) => asking.has(name)), ...lanes.filter((name) => !asking.has(name))];
  return new Map(order.map((name, i) => [name, i]));
}

/** @param {State} state @param {Map<string, number>} tints @param {import("./state.js").Message} message */
export function tintOf(state, tints, message) {
  const ends = [state.sockets.get(message.from), state.sockets.get(message.to)];
  const asking = ends.find((socket) => socket && connects(socket)) ?? ends[0] ?? ends[1];
  return tints.get(asking?.actor ?? OUTSIDE) ?? 0;
}

/** @param {Socket} socket */
function connects(socket) {
  return socket.connects.length > 0 && socket.binds.length === 0;
}

/**
 * Where the cards stand, in px: columns spread over the width, each centred in the height.
 * @param {string[][]} columns @param {Map<string, number>} heights of the cards
 * @param {number} width @param {number} card width of a card
 */
export function placeCards(columns, heights, width, card) {
  const gap = 14;
  const tall = columns.map((names) => names.reduce((sum, name) => sum + (heights.get(name) ?? 0) + gap, -gap));
  const height = Math.max(0, ...tall);
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
  return { places, height: Math.ceil(height) };
}

/** @typedef {{x: number, y: number}} Point */

/** The point at part `t` of a way that bends at `middle`. @param {[Point, Point, Point]} way @param {number} t */
export function along([a, middle, b], t) {
  const u = 1 - t;
  return {
    x: u * u * a.x + 2 * u * t * middle.x + t * t * b.x,
    y: u * u * a.y + 2 * u * t * middle.y + t * t * b.y,
  };
}

/** @typedef {{x: number, y: number, width: number, height: number}} Box */

const CLEAR = 6; // px between a way and a card that it passes
const BEND = 16; // px by which a way is bent further, until it is clear

/**
 * The straight way between two points, or where cards stand on it, one that bends around them and stays inside.
 * @param {Point} a @param {Point} b @param {Box[]} cards those between the two @param {number} height of the stage
 * @returns {[Point, Point, Point]}
 */
export function wayBetween(a, b, cards, height) {
  const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  for (let step = 0; step * BEND <= 2 * height; step++) {
    for (const side of step ? [-1, 1] : [1]) {
      const way = /** @type {[Point, Point, Point]} */ ([a, { x: middle.x, y: middle.y + side * step * BEND }, b]);
      if (fits(way, cards, height)) return way;
    }
  }
  return [a, middle, b];
}

const PARTS = Array.from({ length: 33 }, (_, i) => i / 32);

/** Is it inside the stage, and clear of all cards? @param {[Point, Point, Point]} way @param {Box[]} cards @param {number} height */
function fits(way, cards, height) {
  return PARTS.every((t) => {
    const { x, y } = along(way, t);
    const isClear = (/** @type {Box} */ card) =>
      x < card.x || x > card.x + card.width || y < card.y - CLEAR || y > card.y + card.height + CLEAR;
    return y >= 0 && y <= height && cards.every(isClear);
  });
}
