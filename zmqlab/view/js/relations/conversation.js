/** One conversation from end to end: a request, its copies through brokers, its replies and retries. No DOM. */

import { startOf } from "../model/message.js";
import { duration, route, standing } from "../model/words.js";
import { triesOf } from "./tries.js";

/** @import { Message } from "../model/message.js" */
/** @import { Answer, Relations } from "./relations.js" */
/** @typedef {{word: string, message: Message, certain: boolean, alone: boolean}} Relation */
/** @typedef {{ids: Set<number>, certain: boolean}} Conversation */

const MOST = 300; // messages of a conversation

/**
 * What a message has to do with others, in words.
 * @param {Relations} relations @param {Message} message
 * @returns {Relation[]}
 */
export function relationsOf(relations, message) {
  /** @type {Relation[]} */
  const found = [];
  const add = (/** @type {string} */ word, /** @type {Answer} */ one) => found.push({ ...one, word });
  const copy = (/** @type {string} */ word, /** @type {Message} */ one, /** @type {boolean} */ certain) =>
    add(word, { message: one, certain, alone: true });
  const origin = relations.originOf(message);
  if (origin) copy("sent on from", origin.of, origin.certain);
  const request = relations.requestOf(message);
  if (request) add(request.certain ? "reply to" : "next message back after", request);
  for (const { out, certain } of relations.forwardsOf(message)) copy("sent on as", out, certain);
  const replies = relations.answersTo(message);
  replies.forEach((one, i) => add(!one.certain ? "next message back" : i ? "reply once more" : "reply", one));
  const tries = triesOf(relations, message);
  tries.forEach((one, i) => {
    if (one.message !== message && tries.length > 1) add(`${NUMBERS[i] ?? `${i + 1}th`} try`, one);
  });
  return found;
}

/** `reply: server → alice #8, 1.02 s later`. @param {Message} message @param {Relation} relation */
export function related(message, { word, message: other }) {
  const apart = startOf(other) - startOf(message);
  const when = apart === 0 ? "at the same time" : `${duration(Math.abs(apart))} ${apart > 0 ? "later" : "before"}`;
  const how = other.end ? `, ${standing(other)}` : "";
  return `${word}: ${route(other)} #${other.id}, ${when}${how}`;
}

const NUMBERS = ["first", "second", "third"];

/** Which try of the same request it is, from 1; 0 where there is only one. @param {Relations} relations @param {Message} message */
export function tryOf(relations, message) {
  const tries = triesOf(relations, message);
  return tries.length > 1 ? tries.findIndex((one) => one.message === message) + 1 : 0;
}

/**
 * All messages that belong together with this one. Not certain: some of them by their order alone.
 * @param {Relations} relations @param {Message} message
 * @returns {Conversation}
 */
export function conversationOf(relations, message) {
  const found = new Map([[message.id, message]]);
  let certain = true;
  for (const one of found.values()) {
    if (found.size >= MOST) break;
    for (const relation of relationsOf(relations, one)) {
      if (!relation.certain && !relation.alone) continue;
      if (!found.has(relation.message.id)) certain &&= relation.certain;
      found.set(relation.message.id, relation.message);
    }
  }
  const sorted = [...found.values()].sort((a, b) => startOf(a) - startOf(b));
  return { ids: new Set(sorted.map(({ id }) => id)), certain };
}
