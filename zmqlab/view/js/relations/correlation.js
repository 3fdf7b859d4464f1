/**
 * Correlation ids, learned from what is seen: a frame that its sender made, that differs from request to request,
 * and that comes back in the replies while the rest does not. No DOM.
 */

import { given, got, sameFrames, typeOf } from "./envelope.js";

/** @import { Frame, Message } from "../model/message.js" */
/** @import { State } from "../model/state.js" */
const ENOUGH = 2; // ids that must have come back until it is sure
const DEPTH = 8; // frames looked at

/**
 * Where the requests of a socket have their correlation id, counted from the last frame: 1, 2 …; null where that is
 * not sure.
 * @param {State} state @param {string} socket
 * @param {Message[]} requests that it sent, in order @param {Message[]} replies that came to it, in order
 * @param {Set<string>} addresses routing ids that its program knows: they come back as well
 * @returns {number|null}
 */
export function placeOfId(state, socket, requests, replies, addresses) {
  if (!socket || ["ROUTER", "REP"].includes(typeOf(state, socket))) return null; // these answer; and the first frame of a ROUTER is an address
  const asked = requests.map((message) => ({ at: message.sent ?? 0, frames: given(state, message) }));
  /** @type {Map<string, number>} value -> when it came first */
  const came = new Map();
  for (const message of replies) {
    if (message.received === null) continue;
    for (const { hex } of got(state, message)) if (!came.has(hex)) came.set(hex, message.received);
  }
  const found = [];
  for (let place = 1; place <= DEPTH; place++) {
    if (isId(asked, place, came, addresses)) found.push(place);
  }
  return found.length === 1 ? found[0] : null; // of two frames that both come back, none says which is the id
}

/**
 * @param {{at: number, frames: Frame[]}[]} asked @param {number} place
 * @param {Map<string, number>} came @param {Set<string>} addresses
 */
function isId(asked, place, came, addresses) {
  /** @type {Map<string, {at: number, frames: Frame[]}>} */
  const first = new Map();
  for (const one of asked) {
    const value = idAt(one.frames, place);
    if (value === null || one.frames.filter(({ size }) => size > 0).length < 2) continue;
    const before = first.get(value);
    if (before && !sameFrames(before.frames, one.frames)) return false; // used for two requests: not an id
    if (!before) first.set(value, one);
  }
  let back = 0;
  for (const [value, { at }] of first) {
    const earliest = came.get(value);
    if (earliest === undefined) continue;
    if (earliest < at || addresses.has(value)) return false; // it was somebody else's before
    back++;
  }
  return back >= ENOUGH;
}

/** The frame there; null where it is empty, or stands before a delimiter. @param {Frame[]} frames @param {number} place */
export function idAt(frames, place) {
  const tail = frames.slice(-place);
  return tail.length === place && tail.every(({ size }) => size > 0) ? tail[0].hex : null;
}
