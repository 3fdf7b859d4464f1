// @ts-check
/** One conversation from end to end: a request, its copies through brokers, its replies and retries. No DOM. */

import { startOf } from "./state.js";
import { triesOf } from "./tries.js";

/** @typedef {import("./kin.js").Kin} Kin */
/** @typedef {import("./state.js").Message} Message */
/** @typedef {{word: string, message: Message, certain: boolean, alone: boolean}} Relation */
/** @typedef {{ids: Set<number>, certain: boolean}} Conversation */

const MOST = 300; // messages of a conversation

/**
 * What a message has to do with others, in words.
 * @param {Kin} kin @param {Message} message
 * @returns {Relation[]}
 */
export function relationsOf(kin, message) {
  /** @type {Relation[]} */
  const relations = [];
  const add = (/** @type {string} */ word, /** @type {import("./kin.js").Answer} */ one) =>
    relations.push({ ...one, word });
  const origin = kin.originOf(message);
  if (origin) add("sent on from", { message: origin.of, certain: origin.certain, alone: true });
  const request = kin.requestOf(message);
  if (request) add(request.certain ? "reply to" : "next message back after", request);
  for (const { out, certain } of kin.forwardsOf(message)) add("sent on as", { message: out, certain, alone: true });
  kin
    .answersTo(message)
    .forEach((one, i) => add(!one.certain ? "next message back" : i ? "reply once more" : "reply", one));
  const tries = triesOf(kin, message);
  tries.forEach((one, i) => {
    if (one.message !== message && tries.length > 1) add(`${NUMBERS[i] ?? `${i + 1}th`} try`, one);
  });
  return relations;
}

const NUMBERS = ["first", "second", "third"];

/** Which try of the same request it is, from 1; 0 where there is only one. @param {Kin} kin @param {Message} message */
export function tryOf(kin, message) {
  const tries = triesOf(kin, message);
  return tries.length > 1 ? tries.findIndex((one) => one.message === message) + 1 : 0;
}

/**
 * All messages that belong together with this one. Not certain: some of them by their order alone.
 * @param {Kin} kin @param {Message} message
 * @returns {Conversation}
 */
export function conversationOf(kin, message) {
  const found = new Map([[message.id, message]]);
  let certain = true;
  for (const one of found.values()) {
    if (found.size >= MOST) break;
    for (const relation of relationsOf(kin, one)) {
      if (!relation.certain && !relation.alone) continue;
      if (!found.has(relation.message.id)) certain &&= relation.certain;
      found.set(relation.message.id, relation.message);
    }
  }
  const sorted = [...found.values()].sort((a, b) => startOf(a) - startOf(b));
  return { ids: new Set(sorted.map(({ id }) => id)), certain };
}
