/** The same request, sent more than once. No DOM. */

import { startOf } from "../model/message.js";
import { given, sameFrames, typeOf } from "./envelope.js";
import { WINDOW } from "./relations.js";
import { around } from "./traffic.js";

/** @import { Message } from "../model/message.js" */
/** @import { Answer, Relations } from "./relations.js" */

/** All tries of a request, the first one first. @param {Relations} relations @param {Message} message @returns {Answer[]} */
export function triesOf(relations, message) {
  const { state } = relations;
  const origin = relations.originOf(message);
  if (origin?.way === "onward")
    return relations.forwardsOf(origin.of).map((copy) => ({ message: copy.out, certain: copy.certain, alone: true }));
  const mine = given(state, message);
  const near = around(relations.trafficAt(message.from).out, startOf, startOf(message), WINDOW);
  const alike = near.filter((other) => sameFrames(given(state, other), mine));
  if (relations.ownId(message)) return alike.map((other) => ({ message: other, certain: true, alone: true }));
  return typeOf(state, message.from) === "REQ" ? givenUp(relations, alike, message) : [];
}

/** A REQ that waits in vain is closed, and another one asks again. @param {Relations} relations @param {Message[]} alike @param {Message} message @returns {Answer[]} */
function givenUp(relations, alike, message) {
  let first = alike.indexOf(message);
  let last = first;
  const inVain = (/** @type {number} */ i) => alike[i].from !== alike[i + 1].from && !relations.inLockStep(alike[i]);
  while (first > 0 && inVain(first - 1)) first--;
  while (last < alike.length - 1 && inVain(last)) last++;
  return alike.slice(first, last + 1).map((other) => ({ message: other, certain: false, alone: true }));
}
