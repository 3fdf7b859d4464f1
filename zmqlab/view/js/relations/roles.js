/** What each frame of a message is for: said only where socket types, positions and earlier messages leave no doubt. No DOM. */

import { given, got } from "./envelope.js";

/** @import { Frame, Message } from "../model/message.js" */
/** @import { Relations } from "./relations.js" */
/** @typedef {"sender"|"receiver"|"wire"} End  the program at which the frames are looked at */

const STRIP = ["REQ", "REP"]; // these hide the delimiter from their own program

/**
 * The roles of the frames, as they are at one end. What a person said of them counts most.
 * @param {Relations} relations @param {Message} message @param {Frame[]} frames @param {End} end
 * @returns {string[]}
 */
export function rolesOf(relations, message, frames, end) {
  const roles = byType(relations, message, frames, end);
  inherit(relations, message, roles);
  const id = relations.idOf(message);
  const places = frames.flatMap(({ hex }, i) => (id !== null && hex === id && roles[i] === "payload" ? [i] : []));
  if (places.length === 1) roles[places[0]] = "correlation id";
  for (const [index, name] of Object.entries(message.roles ?? {})) {
    const i = Number(index) < 0 ? frames.length + Number(index) : Number(index);
    if (i >= 0 && i < frames.length) roles[i] = name;
  }
  return roles;
}

/** What the types of the two sockets tell. @param {Relations} relations @param {Message} message @param {Frame[]} frames @param {End} end */
function byType({ state }, message, frames, end) {
  const sender = state.sockets.get(message.from)?.type ?? "";
  const receiver = state.sockets.get(message.to)?.type ?? "";
  const here = end === "sender" ? sender : end === "receiver" ? receiver : "";
  const roles = frames.map(({ size }) => /** @type {string} */ (size ? "payload" : "empty"));
  let first = 0;
  if (here === "ROUTER" && frames.length) {
    roles[0] = "routing id";
    first = 1;
  }
  const enveloped = !STRIP.includes(here) && (STRIP.includes(sender) || STRIP.includes(receiver));
  const delimiter = enveloped ? frames.findIndex((frame, i) => i >= first && frame.size === 0) : -1;
  if (delimiter >= 0) {
    roles[delimiter] = "delimiter";
    roles.fill("envelope", first, delimiter);
  }
  return roles;
}

/** A copy that a broker made has the envelope of what came to it; what comes back has that of its own copy. @param {Relations} relations @param {Message} message @param {string[]} roles */
function inherit(relations, message, roles) {
  const origin = relations.originOf(message);
  const back = relations.forwardsOf(message).find(({ way }) => way === "back");
  if (origin?.way === "onward") share(roles, byType(relations, origin.of, got(relations.state, origin.of), "receiver"));
  else if (back) share(roles, byType(relations, back.out, given(relations.state, back.out), "sender"));
}

/** The last frames are the same ones; a broker's routing id is an envelope further on. @param {string[]} roles @param {string[]} known */
function share(roles, known) {
  for (let i = 1; i <= Math.min(roles.length, known.length); i++) {
    const role = known[known.length - i];
    const at = roles.length - i;
    if (roles[at] !== "payload" && roles[at] !== "empty") continue;
    roles[at] = role === "routing id" ? "envelope" : role;
  }
}

/**
 * Whose routing id a frame is: the name of the actor, or null where that is not known.
 * @param {Relations} relations @param {Message} message @param {Frame} frame @param {string} role @param {End} end
 */
export function ownerOf(relations, message, frame, role, end) {
  if (role === "routing id" && end !== "wire") return end === "sender" ? message.receiver || null : message.sender;
  return role === "envelope"
    ? (relations.peerWith(message.from, frame.hex) ?? relations.peerWith(message.to, frame.hex))
    : null;
}
