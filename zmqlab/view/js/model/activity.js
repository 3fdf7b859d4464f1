/**
 * When something went on, and when nothing did. No DOM.
 *
 * Something goes on while a message waits to leave, is on its way, lies unread or is in a program's hands, and while an
 * actor hangs, but in each of these for three seconds at the most: what stays longer lies there. A mark, and the start and
 * the end of an actor, are something too. All else is idle.
 */

import { isAway, startOf } from "./message.js";
import { Stretches } from "./stretches.js";
import { BROKEN } from "./words.js";

/** @import { Message } from "./message.js" */
/** @import { State } from "./state.js" */

export const LEAST = 20; // ms: nothing shorter is called idle
export const LIES = 3_000; // ms after which what does not move counts no longer

export class Activity {
  constructor() {
    this.busy = new Stretches(LEAST);
    this.moving = new Stretches(LEAST); // the part of it that is of messages
    this.lying = new Stretches(0); // where something lay
    /** @type {Map<Message, number>} of those that are under way still, or in hand: since when it stands so with them */
    this.open = new Map();
    /** @type {Map<Message, number>} the same of those that have lain there for so long that they count no longer */
    this.left = new Map();
    this.starts = /** @type {number[]} */ ([]); // of actors, in order
    this.structure = -1; // of the state, when the actors were last looked at
    this.mark = 0; // the newest that was taken in
  }

  /** Take in what a batch has brought. @param {State} state @param {Message[]} changed */
  take(state, changed) {
    for (const message of changed) this.#message(message);
    for (const open of [this.open, this.left]) {
      for (const message of open.keys()) if (!state.messages.has(message.id)) open.delete(message);
    }
    for (const { n, time } of state.marks) if (n > this.mark) this.busy.add(time, time);
    this.mark = Math.max(this.mark, state.marks.at(-1)?.n ?? 0);
    if (this.structure !== state.structure) this.#actors(state);
    this.structure = state.structure;
  }

  /** Let go of what was before a time. @param {number} time */
  drop(time) {
    for (const stretches of [this.busy, this.moving, this.lying]) stretches.drop(time);
  }

  /** How it is now, with what has not come to its end. @param {State} state */
  now({ hangs, now }) {
    for (const [message, since] of this.open) {
      if (since + LIES >= now) continue;
      this.open.delete(message);
      this.left.set(message, since);
      for (const stretches of [this.busy, this.moving]) stretches.add(since, since + LIES);
    }
    const [busy, moving, lying] = [this.busy.copy(), this.moving.copy(), this.lying.copy()];
    const since = least(this.open.values());
    if (since < now) for (const stretches of [busy, moving]) stretches.add(since, now);
    const left = least(this.left.values()) + LIES;
    if (left < now) lying.add(left, now);
    for (const { start, end } of hangs.values()) stay(busy, lying, start, end ?? now);
    return { busy, moving, lying };
  }

  /** @param {Message} message */
  #message(message) {
    const { sent, left, arrived, work } = message;
    const finish = message.received ?? message.ended ?? (isAway(message) ? (arrived ?? startOf(message)) : null);
    let from = startOf(message);
    let last = from;
    for (const time of [sent, left, arrived, finish, work?.end]) {
      if (time == null || time <= last) continue;
      if (time > last + LIES) {
        this.#moved(from, last + LIES);
        this.lying.add(last + LIES, time);
        from = time;
      }
      last = time;
    }
    this.#moved(from, last);
    this.left.delete(message);
    if (finish === null || work?.end === null) this.open.set(message, last);
    else this.open.delete(message);
  }

  /** @param {number} from @param {number} to */
  #moved(from, to) {
    this.busy.add(from, to);
    this.moving.add(from, to);
  }

  /** @param {State} state */
  #actors({ actors }) {
    const starts = [];
    for (const { started, ended, earlier } of actors.values()) {
      const runs = [...earlier.map(([from, to, how]) => ({ from, to, how })), { from: started, to: ended, how: "" }];
      for (const [i, { from, to }] of runs.entries()) {
        this.busy.add(from, from);
        if (to !== null) this.busy.add(to, to);
        if (!BROKEN.includes(runs[i - 1]?.how ?? "")) starts.push(from); // else it was mended, within one run
      }
    }
    this.starts = starts.sort((a, b) => a - b);
  }
}

/** @param {Stretches} busy @param {Stretches} lying @param {number} from @param {number} to */
function stay(busy, lying, from, to) {
  busy.add(from, Math.min(to, from + LIES));
  if (to > from + LIES) lying.add(from + LIES, to);
}

/** @param {Iterable<number>} numbers */
function least(numbers) {
  let found = Number.POSITIVE_INFINITY;
  for (const number of numbers) if (number < found) found = number;
  return found;
}
