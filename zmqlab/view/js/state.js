// @ts-check
/** What the browser knows of a trace: batches folded into maps. No DOM. */

import { Columns } from "./columns.js";
import { messagesOf, worksOf } from "./rows.js";

/** @typedef {{hex: string, size: number}} Frame */
/**
 * @typedef {object} Message  times in ms, null while unknown
 * @property {number} id
 * @property {string} from @property {string} to  socket ids, "" where unknown
 * @property {string} lane @property {number|null} number
 * @property {number|null} sent @property {number|null} blocked @property {number|null} returned @property {number|null} left
 * @property {number|null} arrived @property {number|null} received
 * @property {Frame[]|null} frames @property {Frame[]|null} wire_frames @property {Frame[]|null} received_frames
 * @property {string} end @property {string} reason @property {number|null} ended @property {boolean} certain
 * @property {string} place where it is: out, wire, in, or how it ended: received, dropped, lost, unsent, outside
 * @property {string} receiver the actor that it goes to, "" for nobody @property {string} asker the actor whose tint it has
 * @property {string} label what stands on it, of which a picture shows as much as it has room for
 * @property {Work} [work]
 * @property {Record<string, string>|null} [roles] what a person says its frames are, by index, negative ones from the last
 */
/**
 * Who stands where: columns of the stage, the sockets on the card of each actor, lanes of the diagram, and a tint (a
 * number) for each actor.
 * @typedef {{edges: Edge[], columns: string[][], cards: Map<string, string[]>, lanes: string[], tints: Map<string, number>}} Order
 */
/** @typedef {{client: string, server: string, closed: boolean, tcp: boolean}} Edge  socket ids; `client` is the connecting side */
/** @typedef {{n: number, actor: string, message: number, start: number, end: number|null}} Work */
/** @typedef {{n: number, actor: string, time: number, kind: string, text: string}} Mark */
/** @typedef {import("./settings.js").Controls} Controls */
/** @typedef {{n: number, actor: string, start: number, end: number|null}} Span  so long did the actor hang */
/**
 * @typedef {{name: string, kind: string, state: string, text: string, started: number, ended: number|null,
 *   earlier: [number, number, string][]}} Actor  earlier runs: from, until, how they ended
 */
/**
 * @typedef {{id: string, actor: string, type: string, routing_id: string|null, binds: string[], connects: string[],
 *   opened: number, closed: number|null}} Socket
 */
/**
 * @typedef {{id: string, client: string, server: string, endpoint: string, opened: number, closed: number|null,
 *   reason: string, encrypted: boolean, client_said: Handshake|null, server_said: Handshake|null}} Link
 */
/**
 * @typedef {{version: string, mechanism: string, as_server: boolean, command: string, properties: [string, Frame][]}} Handshake
 */

export const KEEP_MARKS = 2_000;
export const OUTSIDE = "outside";

export class State {
  constructor() {
    /** The revision up to which nothing is missing. */
    this.have = 0;
    this.clear();
  }

  clear() {
    this.now = 0;
    this.total = 0;
    this.keep = 0; // messages that are kept here at the most
    this.undrawn = 0;
    this.forgotten = 0; // messages that were drawn once and are no longer kept here
    this.counts = { received: 0, dropped: 0, lost: 0, unsent: 0, outside: 0, open: 0 };
    this.held = 0; // of the open ones, those that the lab holds back
    this.controls = /** @type {Controls} */ ({ hold: false, latency: 0, links: [] });
    /** @type {Map<string, [number, number]>} socket id -> messages in its [out, in] queue */
    this.queues = new Map();
    /** @type {Map<string, Actor>} */
    this.actors = new Map();
    /** @type {Map<string, Socket>} */
    this.sockets = new Map();
    /** @type {Map<string, Link>} */
    this.links = new Map();
    this.order = /** @type {Order} */ ({ edges: [], columns: [], cards: new Map(), lanes: [], tints: new Map() });
    /** @type {Map<number, Message>} */
    this.messages = new Map();
    /** @type {Message[]} the same, by id */
    this.list = [];
    this.columns = new Columns(); // the times of the list
    /** @type {Mark[]} */
    this.marks = [];
    /** @type {string[]} errors in what a person said of labels and roles */
    this.trouble = [];
    /** @type {Map<number, Span>} */
    this.spans = new Map();
    /** @type {Map<string, Mark>} what each actor said last */
    this.last = new Map();
    this.structure = (this.structure ?? 0) + 1; // grows when actors, sockets or links change
  }

  /**
   * Fold a batch. What a batch says is true even when an earlier one was lost, so it is folded in any case;
   * `gap` tells that something is missing, and `have` stays where it was until a batch with everything comes.
   * @param {any} batch
   * @returns {{gap: boolean, whole: boolean, added: Message[], changed: Message[]}}
   */
  apply(batch) {
    const whole = batch.since === 0;
    const gap = !whole && batch.since > this.have;
    const known = this.messages;
    if (whole) this.clear();
    if (!gap) this.have = Math.max(this.have, batch.upto);
    if (whole) this.have = batch.upto;
    this.now = Math.max(this.now, batch.now);
    this.keep = batch.keep;
    this.total = batch.total;
    this.undrawn = batch.undrawn;
    const { held, ...counts } = batch.counts;
    this.counts = counts;
    this.held = held;
    this.controls = batch.controls;
    this.trouble = batch.trouble;
    for (const [id, queue] of Object.entries(batch.queues)) this.queues.set(id, queue);
    for (const actor of batch.actors) this.actors.set(actor.name, actor);
    for (const socket of batch.sockets) this.sockets.set(socket.id, socket);
    for (const link of batch.links) this.links.set(link.id, link);
    if (batch.order) this.order = orderOf(batch.order);
    if (batch.order || batch.actors.length || batch.sockets.length || batch.links.length) this.structure++;
    const { added, changed } = this.#addMessages(messagesOf(batch.messages), known);
    for (const work of worksOf(batch.work)) {
      const message = this.messages.get(work.message);
      if (!message) continue;
      message.work = work;
      this.columns.write(this.placeInList(message.id), message);
    }
    for (const span of batch.spans) this.spans.set(span.n, span);
    this.#addMarks(batch.marks);
    return { gap, whole, added, changed };
  }

  /** Messages that are not in the picture: too many to send here, or dropped here to bound the memory. */
  get notDrawn() {
    return this.undrawn + this.forgotten;
  }

  /** Messages that the kernel had forgotten before it could tell how they ended. */
  get unknown() {
    return Math.max(
      0,
      Object.values(this.counts).reduce((rest, n) => rest - n, this.total),
    );
  }

  /** @param {string} socket */
  actorOf(socket) {
    return this.sockets.get(socket)?.actor ?? OUTSIDE;
  }

  /** The place of a message in the list. @param {number} id */
  placeInList(id) {
    let low = 0;
    let high = this.list.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.list[middle].id < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * A message that was known before stays the same object: it may be flying.
   * @param {Message[]} incoming @param {Map<number, Message>} known
   */
  #addMessages(incoming, known) {
    const added = [];
    const changed = [];
    let sorted = true;
    for (const news of incoming) {
      const old = known.get(news.id);
      const message = old ? Object.assign(old, news, { work: old.work }) : news;
      if (!old) added.push(message);
      changed.push(message);
      if (this.messages.has(message.id)) continue;
      this.messages.set(message.id, message);
      sorted &&= !this.list.length || this.list[this.list.length - 1].id < message.id;
      this.list.push(message);
    }
    if (!sorted) this.list.sort((a, b) => a.id - b.id);
    if (sorted) for (const message of changed) this.columns.write(this.placeInList(message.id), message);
    else for (const [i, message] of this.list.entries()) this.columns.write(i, message);
    const excess = this.list.length - this.keep;
    if (excess > 0) {
      for (const message of this.list.splice(0, excess)) this.messages.delete(message.id);
      this.columns.drop(excess);
      this.forgotten += excess;
    }
    return { added, changed };
  }

  /** @param {Mark[]} marks */
  #addMarks(marks) {
    const newest = this.marks.length ? this.marks[this.marks.length - 1].n : 0;
    for (const mark of marks) {
      if (mark.n <= newest) continue;
      this.marks.push(mark);
      this.last.set(mark.actor, mark);
    }
    if (this.marks.length > KEEP_MARKS) this.marks.splice(0, this.marks.length - KEEP_MARKS);
  }
}

/** When a message began, as far as anybody saw it. @param {Message} message */
export function startOf(message) {
  return message.sent ?? message.left ?? message.received ?? 0;
}

/** @param {any} sent @returns {Order} */
function orderOf({ edges, columns, cards, lanes, tints }) {
  return {
    edges: edges.map((/** @type {any[]} */ [client, server, closed, tcp]) => ({ client, server, closed, tcp })),
    columns,
    cards: new Map(Object.entries(cards)),
    lanes,
    tints: new Map(Object.entries(tints)),
  };
}
