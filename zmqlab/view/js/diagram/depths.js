/** How many messages lay in a queue of a socket, at every time and for every peer. No DOM. */

import { firstNot } from "../model/search.js";

/** @import { Message } from "../model/message.js" */
/** @import { State } from "../model/state.js" */
/** @typedef {"out" | "in"} Side */
/** @typedef {{times: Float64Array, depths: Int32Array, most: number}} Depths  from each time on, so many */
/** @typedef {{peer: string, depths: Depths}} PeerDepths */

const NEVER = Number.POSITIVE_INFINITY;

/**
 * Of the messages that are drawn: in all, and for each peer by the name of its actor.
 * @param {State} state @param {string} socket @param {Side} side
 * @returns {{all: Depths, peers: PeerDepths[]}}
 */
export function depthsOf(state, socket, side) {
  /** @type {Map<string, [number, number][]>} */
  const stays = new Map();
  for (const message of state.list) {
    if ((side === "out" ? message.from : message.to) !== socket) continue;
    const stay = side === "out" ? inOut(message) : inIn(message);
    if (!stay) continue;
    const peer = side === "out" ? message.receiver || "nobody" : message.sender;
    const known = stays.get(peer);
    if (known) known.push(stay);
    else stays.set(peer, [stay]);
  }
  const peers = [...stays].map(([peer, some]) => ({ peer, depths: counted(some) }));
  return { all: counted([...stays.values()].flat()), peers: peers.sort((a, b) => (a.peer < b.peer ? -1 : 1)) };
}

/** @param {Message} message @returns {[number, number]|null} */
function inOut({ sent, left, received, ended }) {
  return sent === null ? null : [sent, left ?? ended ?? received ?? NEVER];
}

/** @param {Message} message @returns {[number, number]|null} */
function inIn({ arrived, received, ended }) {
  return arrived === null ? null : [arrived, received ?? ended ?? NEVER];
}

/** @param {[number, number][]} stays from when until when @returns {Depths} */
function counted(stays) {
  const come = Float64Array.from(stays, (stay) => stay[0]).sort();
  const gone = Float64Array.from(stays, (stay) => stay[1]).sort();
  const times = new Float64Array(2 * stays.length);
  const depths = new Int32Array(2 * stays.length);
  let n = 0;
  let most = 0;
  for (let i = 0, j = 0; i < come.length || (j < gone.length && gone[j] < NEVER); n++) {
    if (i < come.length && come[i] <= gone[j]) times[n] = come[i++];
    else times[n] = gone[j++];
    depths[n] = i - j;
    most = Math.max(most, i - j);
  }
  return { times: times.subarray(0, n), depths: depths.subarray(0, n), most };
}

/** The depth at a time. @param {Depths} depths @param {number} time */
export function depthAt({ times, depths }, time) {
  const place = after(times, time);
  return place ? depths[place - 1] : 0;
}

/**
 * The deepest between each two bounds: what fits on a pixel is its highest peak.
 * @param {Depths} depths @param {Float64Array} bounds times in order @returns {Int32Array}
 */
export function peaks({ times, depths }, bounds) {
  const found = new Int32Array(bounds.length - 1);
  let place = after(times, bounds[0]);
  for (let i = 0; i < found.length; i++) {
    let most = place ? depths[place - 1] : 0;
    for (; place < times.length && times[place] <= bounds[i + 1]; place++) most = Math.max(most, depths[place]);
    found[i] = most;
  }
  return found;
}

/** The place of the first time after one. @param {Float64Array} times @param {number} time */
function after(times, time) {
  return firstNot(0, times.length, (place) => times[place] <= time);
}
