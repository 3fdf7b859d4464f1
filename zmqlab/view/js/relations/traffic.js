/** The messages that each actor sent and got, in the order of time. No DOM. */

import { startOf } from "../model/message.js";
import { firstNot } from "../model/search.js";

/** @import { Message } from "../model/message.js" */
/** @import { State } from "../model/state.js" */
/** @typedef {{in: Message[], out: Message[]}} Traffic */

/** When the receiver could know of it: infinity while it could not. @param {Message} message */
export function cameAt(message) {
  return message.received ?? message.arrived ?? Number.POSITIVE_INFINITY;
}

/** @param {State} state @param {string} actor @returns {Traffic} */
export function trafficOf(state, actor) {
  const mine = new Set([...state.sockets.values()].filter((socket) => socket.actor === actor).map(({ id }) => id));
  const traffic = {
    in: state.list.filter((message) => mine.has(message.to) && cameAt(message) < Number.POSITIVE_INFINITY),
    out: state.list.filter((message) => mine.has(message.from) && message.end !== "unsent"),
  };
  order(traffic.in, cameAt);
  order(traffic.out, startOf);
  return traffic;
}

/** Most are in order as they come. @param {Message[]} messages @param {(m: Message) => number} at */
function order(messages, at) {
  if (messages.some((message, i) => i > 0 && at(messages[i - 1]) > at(message))) messages.sort((a, b) => at(a) - at(b));
}

/** At most `most` of those from a time on. @param {Message[]} sorted @param {(m: Message) => number} at @param {number} time @param {number} most */
export function from(sorted, at, time, most) {
  const first = rank(sorted, (message) => at(message) < time);
  return sorted.slice(first, first + most);
}

/** At most `most` of those up to a time, the latest last. @param {Message[]} sorted @param {(m: Message) => number} at @param {number} time @param {number} most */
export function upTo(sorted, at, time, most) {
  const end = rank(sorted, (message) => at(message) <= time);
  return sorted.slice(Math.max(0, end - most), end);
}

/** At most `most` on either side of a time. @param {Message[]} sorted @param {(m: Message) => number} at @param {number} time @param {number} most */
export function around(sorted, at, time, most) {
  const middle = rank(sorted, (message) => at(message) < time);
  return sorted.slice(Math.max(0, middle - most), middle + most);
}

/** How many of the first are so. @param {Message[]} sorted @param {(m: Message) => boolean} so */
function rank(sorted, so) {
  return firstNot(0, sorted.length, (place) => so(sorted[place]));
}
