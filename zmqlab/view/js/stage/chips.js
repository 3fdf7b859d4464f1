/** What stands on a message on the stage, as far as there is room for it, and how wide that makes it. No DOM. */

import { fitted } from "../model/words.js";

/** @import { Message } from "../model/message.js" */
/** @typedef {{words: string, width: number}} Chip  width in px, with its edges */

export const PILL = 18; // px of a pill's height
const PADDING = 12; // px, of both sides together

export class Chips {
  constructor() {
    this.widthOf = (/** @type {string} */ text) => text.length * 7; // until the page tells which font it has
    this.room = 0; // px that a pill on a link may take
  }

  /** The pill of a message: its label, or its number where nothing is to stand on it. @param {Message} message @param {number} room px */
  of({ id, label, end }, room = this.room) {
    const words = label || `#${id}`;
    return this.said(end ? `✕ ${words}` : words, room);
  }

  /** @param {string} words @param {number} room px @returns {Chip} */
  said(words, room = this.room) {
    const shown = fitted(words, room - PADDING, this.widthOf);
    return { words: shown, width: Math.ceil(this.widthOf(shown)) + PADDING };
  }
}
