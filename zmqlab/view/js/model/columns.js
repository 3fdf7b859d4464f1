/**
 * The times of all messages as plain arrays, in the order of the list: with them, one pass over a hundred thousand
 * messages takes a fraction of a frame. No DOM.
 */

import { isAway, startOf } from "./message.js";
import { liesUnread, waitsToLeave } from "./scale.js";

/** @import { Message } from "./message.js" */

const NEVER = Number.POSITIVE_INFINITY;
const TIMES = /** @type {const} */ (["start", "gone", "arrived", "finish", "until"]);

export class Columns {
  constructor() {
    this.length = 0;
    this.version = 0; // grows with every change
    this.start = new Float64Array(0); // sent, as far as anybody saw it
    this.gone = new Float64Array(0); // out of the sender's queue
    this.arrived = new Float64Array(0);
    this.finish = new Float64Array(0); // received, or ended otherwise
    this.until = new Float64Array(0); // out of the receiving program's hands
    this.unread = new Uint8Array(0); // 1: it lay unread for longer than it took to get there
    this.way = new Int32Array(0); // a place in `ways`
    /** @type {Message[]} one message of each way: from one actor's socket to an actor, with the same end */
    this.ways = [];
    /** @type {Map<string, number>} */
    this.known = new Map();
  }

  /** @param {number} i place in the list @param {Message} message */
  write(i, message) {
    if (i >= this.start.length) this.#grow(i + 1);
    this.length = Math.max(this.length, i + 1);
    this.version++;
    const { work } = message;
    const gone = isAway(message) ? (message.arrived ?? startOf(message)) : null;
    const finish = message.received ?? message.ended ?? gone ?? NEVER;
    const waits = message.left === null && finish === NEVER;
    this.start[i] = startOf(message);
    this.gone[i] = waits ? NEVER : waitsToLeave(message) ? /** @type {number} */ (message.left) : this.start[i];
    this.arrived[i] = message.arrived ?? finish;
    this.finish[i] = finish;
    this.until[i] = work ? (work.end ?? NEVER) : finish;
    this.unread[i] = liesUnread(message) ? 1 : 0;
    this.way[i] = this.#wayOf(message);
  }

  /** @param {Message} message */
  #wayOf(message) {
    const open = message.received === null && message.arrived === null;
    const { from, sender, receiver, end } = message;
    const name = `${from} ${sender} ${receiver} ${end} ${open}`;
    let way = this.known.get(name);
    if (way === undefined) {
      way = this.ways.push(message) - 1;
      this.known.set(name, way);
    }
    return way;
  }

  /** When a message has landed in the picture: in steps, an arrival counts only where it then lay unread. @param {number} i @param {boolean} exact */
  land(i, exact) {
    return exact || this.unread[i] ? this.arrived[i] : this.finish[i];
  }

  /** The first `count` have left the list. @param {number} count */
  drop(count) {
    for (const array of this.#arrays()) array.copyWithin(0, count, this.length);
    this.length -= count;
    this.version++;
  }

  /** Places in the list of those that were anywhere between two times. @param {number} from @param {number} to */
  between(from, to) {
    const { start, until, length } = this;
    const found = [];
    for (let i = 0; i < length; i++) if (start[i] <= to && until[i] >= from) found.push(i);
    return found;
  }

  #arrays() {
    return [...TIMES.map((name) => this[name]), this.unread, this.way];
  }

  /** @param {number} least */
  #grow(least) {
    const size = Math.max(1024, least, this.start.length * 2);
    for (const name of TIMES) this[name] = enlarged(this[name], new Float64Array(size));
    this.unread = enlarged(this.unread, new Uint8Array(size));
    this.way = enlarged(this.way, new Int32Array(size));
  }
}

/** @template {Float64Array|Int32Array|Uint8Array} T @param {T} old @param {T} made @returns {T} */
function enlarged(old, made) {
  made.set(/** @type {any} */ (old));
  return made;
}
