// @ts-check
/** The same request, sent more than once. No DOM. */

import { given, sameFrames, typeOf } from "./envelope.js";
import { WINDOW } from "./kin.js";
import { startOf } from "./state.js";
import { around } from "./traffic.js";

/** @typedef {import("./state.js").Message} Message */
/** @typedef {import("./kin.js").Kin} Kin */
/** @typedef {import("./kin.js").Answer} Answer */

/** All tries of a request, the first one first. @param {Kin} kin @param {Message} message @returns {Answer[]} */
export function triesOf(kin, message) {
  const { state } = kin;
  const origin = kin.originOf(message);
  if (origin?.way === "onward")
    return kin.forwardsOf(origin.of).map((copy) => ({ message: copy.out, certain: copy.certain, alone: true }));
  const mine = given(state, message);
  const near = around(kin.trafficAt(message.from).out, startOf, startOf(message), WINDOW);
  const alike = near.filter((other) => sameFrames(given(state, other), mine));
  if (kin.ownId(message)) return alike.map((other) => ({ message: other, certain: true, alone: true }));
  return typeOf(state, message.from) === "REQ" ? givenUp(kin, alike, message) : [];
}

/** A REQ that waits in vain is closed, and another one asks again. @param {Kin} kin @param {Message[]} alike @param {Message} message @returns {Answer[]} */
function givenUp(kin, alike, message) {
  let first = alike.indexOf(message);
  let last = first;
  const inVain = (/** @type {number} */ i) => alike[i].from !== alike[i + 1].from && !kin.inLockStep(alike[i]);
  while (first > 0 && inVain(first - 1)) first--;
  while (last < alike.length - 1 && inVain(last)) last++;
  return alike.slice(first, last + 1).map((other) => ({ message: other, certain: false, alone: true }));
}
