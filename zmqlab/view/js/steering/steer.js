/** What a person does to the lab: sent to the kernel, and awaited until the batches tell that it is so. No DOM. */

import { HeldBack } from "../model/held.js";

/** @import { State } from "../model/state.js" */
/** @typedef {{action: string, actor?: string, link?: string[], message?: number, seconds?: number}} Command */
/** @typedef {{state: State, steerable: boolean, do(command: Command): void}} Lab  as far as a view can do something to it */

export const PATIENCE = 2_500; // ms after which a person wonders
const FORGOTTEN = 30_000; // ms after which nobody waits any more

export class Steer {
  /** @param {Lab} lab */
  constructor(lab) {
    this.lab = lab;
    this.state = lab.state;
    this.held = new HeldBack(this.state);
    /** @type {Map<string, {look: string, command: Command, since: number}>} what was clicked and is not done yet */
    this.waiting = new Map();
  }

  /** Can anything be done: is there a lab that runs? */
  get able() {
    return this.lab.steerable;
  }

  /** @param {Command} command @param {number} now of the browser's clock, ms */
  do(command, now) {
    if (!this.able || this.waits(command)) return;
    this.waiting.set(keyOf(command), { look: this.#look(command), command, since: now });
    this.lab.do(command);
  }

  /** Was it asked for, and is not done yet? @param {Command} command */
  waits(command) {
    return this.waiting.has(keyOf(command));
  }

  /** Has the kernel not answered for longer than a person likes to wait? @param {number} now */
  slow(now) {
    return [...this.waiting.values()].some(({ since }) => now - since >= PATIENCE);
  }

  /** After a batch. @param {number} now */
  update(now) {
    this.held = new HeldBack(this.state);
    for (const [key, { look, command, since }] of this.waiting) {
      if (!this.able || look !== this.#look(command) || now - since > FORGOTTEN) this.waiting.delete(key);
    }
  }

  /** The kernel has said why something cannot be done. */
  refused() {
    this.waiting.clear();
  }

  /** What a command changes, as the batches tell it now. @param {Command} command */
  #look({ action, actor, message }) {
    if (actor !== undefined) {
      const it = this.state.actors.get(actor);
      return `${it?.state} ${it?.started}`;
    }
    const { settings, marks } = this.state;
    if (action !== "step") return JSON.stringify([settings, marks.findLast(({ kind }) => kind === "fault")?.n]);
    if (message === undefined) return this.held.first.map(({ id }) => id).join();
    const it = this.state.messages.get(message);
    return String(it && this.held.has(it));
  }
}

/** @param {Command} command */
function keyOf({ seconds: _, ...what }) {
  return JSON.stringify(what);
}
