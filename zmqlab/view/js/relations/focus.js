/** What the person looks at: the messages that pass the filter, and one conversation among them. No DOM. */

import { count, share } from "../model/words.js";
import { conversationOf } from "./conversation.js";
import { Filter } from "./filter.js";

/** @import { Message } from "../model/message.js" */
/** @import { State } from "../model/state.js" */
/** @import { Conversation } from "./conversation.js" */
/** @import { Relations } from "./relations.js" */

export class Focus {
  /** @param {State} state @param {Relations} relations */
  constructor(state, relations) {
    this.state = state;
    this.relations = relations;
    this.filter = new Filter();
    this.conversation = /** @type {Conversation|null} */ (null);
    this.of = /** @type {number|null} */ (null); // the message whose conversation it is
    /** @type {Map<number, boolean>} message id -> passes the filter */
    this.known = new Map();
  }

  /** After news. @param {Message[]} changed @param {boolean} whole */
  take(changed, whole) {
    if (whole) this.known.clear();
    for (const { id } of changed) this.known.delete(id);
    const message = this.of === null ? undefined : this.state.messages.get(this.of);
    this.converse(message ?? null);
  }

  /** The filter was changed. */
  refilter() {
    this.known.clear();
  }

  /** Show the conversation of a message, or of none. @param {Message|null} message */
  converse(message) {
    this.of = message?.id ?? null;
    this.conversation = message && conversationOf(this.relations, message);
  }

  /** Everything again. */
  clear() {
    this.converse(null);
    this.filter.clear();
    this.refilter();
  }

  get active() {
    return this.filter.active || this.conversation !== null;
  }

  /** Is it what the person looks at? What is not is dimmed. @param {Message} message */
  lit(message) {
    return this.passes(message) && (this.conversation?.ids.has(message.id) ?? true);
  }

  /** @param {Message} message */
  passes(message) {
    if (!this.filter.active) return true;
    let passes = this.known.get(message.id);
    if (passes === undefined) this.known.set(message.id, (passes = this.filter.passes(message)));
    return passes;
  }

  /** The messages that pass the filter. @returns {Message[]} */
  get list() {
    const { list } = this.state;
    return this.filter.active ? list.filter((message) => this.passes(message)) : list;
  }

  /** Those among which one goes from message to message: of the conversation, where there is one. @returns {Message[]} */
  get shown() {
    const { conversation } = this;
    return conversation ? this.list.filter(({ id }) => conversation.ids.has(id)) : this.list;
  }

  /** In words; "" where everything is shown. */
  get words() {
    const parts = [];
    if (this.filter.active) parts.push(share(this.list.length, this.state.list.length));
    if (this.conversation) {
      const { ids, certain } = this.conversation;
      const how = certain ? "" : ", some of them by their order alone";
      parts.push(`conversation of #${this.of}: ${count(ids.size)} message${ids.size === 1 ? "" : "s"}${how}`);
    }
    return parts.join(" · ");
  }
}
