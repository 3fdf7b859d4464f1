/** Which messages a person wants to see: those of an actor, of a link, with a text. No DOM. */

import { textOf } from "../model/frames.js";

/** @import { Message } from "../model/message.js" */
/** @import { State } from "../model/state.js" */

const BOTH = " ↔ ";

export class Filter {
  actor = "";
  link = ""; // as `linkName` gives it
  text = "";

  clear() {
    Object.assign(this, new Filter());
  }

  get active() {
    return this.actor !== "" || this.link !== "" || this.text !== "";
  }

  /** @param {Message} message */
  passes(message) {
    const ends = [message.sender, message.receiver];
    if (this.actor && !ends.includes(this.actor)) return false;
    if (this.link && linkName(ends[0], ends[1]) !== this.link) return false;
    return !this.text || says(message, this.text);
  }
}

/** The same name for both directions. @param {string} one @param {string} other */
export function linkName(one, other) {
  return [one, other].sort().join(BOTH);
}

/** The pairs of actors that have a connection, or had one. @param {State} state @returns {string[]} */
export function linkNames(state) {
  const names = [...state.connections.values()].map(({ client, server }) =>
    linkName(state.actorOf(client), state.actorOf(server)),
  );
  return [...new Set(names)].sort();
}

/** Is the text on any frame, at any end, or is it the message's number or reason? Case does not matter. @param {Message} message @param {string} text */
export function says(message, text) {
  const wanted = text.toLowerCase();
  if (`#${message.id}` === wanted) return true;
  if ([message.label, message.reason].some((words) => words.toLowerCase().includes(wanted))) return true;
  const likely = patternOf(text);
  return [message.frames, message.wire_frames, message.received_frames].some((frames) =>
    frames?.some((frame) => likely.test(frame.hex) && textOf(frame)?.toLowerCase().includes(wanted)),
  );
}

const encoder = new TextEncoder();
let pattern = { text: "", regex: /(?:)/ };

/** The text in hex, in both cases: to read all frames of a hundred thousand messages as text would take seconds. @param {string} text */
function patternOf(text) {
  if (pattern.text === text) return pattern.regex;
  const hex = (/** @type {string} */ letter) =>
    [...encoder.encode(letter)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const letters = [...text].map((letter) => [letter.toLowerCase(), letter.toUpperCase(), letter].map(hex).join("|"));
  pattern = { text, regex: new RegExp(letters.map((either) => `(?:${either})`).join("")) };
  return pattern.regex;
}
