/** What the browser knows of a trace: batches folded into maps. No DOM. */

import { Columns } from "./columns.js";
import { OUTSIDE } from "./message.js";
import { messagesOf, worksOf } from "./rows.js";
import { firstNot } from "./search.js";

/** @import { Actor, Connection, Group, Hang, Mark, Message, Order, Socket, Wait } from "./message.js" */
/** @import { Table } from "./rows.js" */
/** @import { Settings } from "./settings.js" */

/**
 * @typedef {{edges: [string, string, boolean, boolean][], columns: string[][], cards: Record<string, string[]>,
 *   lanes: string[], groups: Group[], tints: Record<string, number>}} SentOrder
 */
/** @typedef {{at: number, ahead: number}} Wall  the time of day at the beginning: µs since 1970, and minutes ahead of UTC */
/**
 * What the kernel tells: everything (`since` is 0), or what has changed since a revision.
 * @typedef {object} Batch
 * @property {number} since @property {number} upto @property {number} now ms @property {Wall|null} wall null where nobody knows
 * @property {number} keep @property {number} total @property {number} undrawn
 * @property {State["counts"] & {held: number}} counts @property {Settings} settings
 * @property {Record<string, [number, number]>} queues
 * @property {Actor[]} actors @property {Socket[]} sockets @property {Connection[]} connections
 * @property {Mark[]} marks @property {Hang[]} hangs @property {Wait[]} waits @property {Table} messages @property {Table} work
 * @property {string} colour what one stands for, in words @property {string} away what is said of a message that is outside
 * @property {SentOrder|null} order null where it is as it was @property {string[]} trouble
 */

export const KEEP_MARKS = 2_000;
const KEEP_WAITS = 500; // of an actor

export class State {
  have = 0; // the revision up to which nothing is missing
  structure = 1; // grows when actors, sockets or connections change
  now = 0;
  wall = /** @type {Wall|null} */ (null);
  total = 0;
  keep = 0; // messages that are kept here at the most
  undrawn = 0;
  colour = ""; // what one stands for, in words
  away = ""; // what is said of a message that went to a peer which is not watched
  forgotten = 0; // messages that were drawn once and are no longer kept here
  counts = { received: 0, passed: 0, dropped: 0, lost: 0, unsent: 0, outside: 0, unseen: 0, open: 0 };
  held = 0; // of the open ones, those that the lab holds back
  settings = /** @type {Settings} */ ({ hold: false, latency: 0, links: [] });
  queues = /** @type {Map<string, [number, number]>} */ (new Map()); // socket id -> messages in its [out, in] queue
  actors = /** @type {Map<string, Actor>} */ (new Map());
  sockets = /** @type {Map<string, Socket>} */ (new Map());
  connections = /** @type {Map<string, Connection>} */ (new Map());
  order = /** @type {Order} */ ({ edges: [], columns: [], cards: new Map(), lanes: [], groups: [], tints: new Map() });
  messages = /** @type {Map<number, Message>} */ (new Map());
  list = /** @type {Message[]} */ ([]); // the same, by id
  columns = new Columns(); // the times of the list
  marks = /** @type {Mark[]} */ ([]);
  trouble = /** @type {string[]} */ ([]); // errors in what a person gave for labels and roles
  hangs = /** @type {Map<number, Hang>} */ (new Map());
  waits = /** @type {Map<string, Wait[]>} */ (new Map()); // of each actor, the latest last
  last = /** @type {Map<string, Mark>} */ (new Map()); // what each actor printed or noted last

  clear() {
    const { have, structure } = this;
    Object.assign(this, new State(), { have, structure: structure + 1 });
  }

  /**
   * Fold a batch. What a batch says is true even when an earlier one was lost, so it is folded in any case;
   * `gap` tells that something is missing, and `have` stays where it was until a batch with everything comes.
   * @param {Batch} batch
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
    this.wall = batch.wall;
    this.keep = batch.keep;
    this.total = batch.total;
    this.undrawn = batch.undrawn;
    const { held, ...counts } = batch.counts;
    this.counts = counts;
    this.held = held;
    this.settings = batch.settings;
    this.trouble = batch.trouble;
    this.colour = batch.colour;
    this.away = batch.away;
    for (const [id, queue] of Object.entries(batch.queues)) this.queues.set(id, queue);
    for (const actor of batch.actors) this.actors.set(actor.name, actor);
    for (const socket of batch.sockets) this.sockets.set(socket.id, socket);
    for (const connection of batch.connections) this.connections.set(connection.id, connection);
    if (batch.order) this.order = orderOf(batch.order);
    if (batch.order || batch.actors.length || batch.sockets.length || batch.connections.length) this.structure++;
    const { added, changed } = this.#addMessages(messagesOf(batch.messages, batch.away), known);
    const moved = new Set(changed);
    for (const work of worksOf(batch.work)) {
      const message = this.messages.get(work.message);
      if (!message) continue;
      message.work = work;
      moved.add(message);
      this.columns.write(this.placeInList(message.id), message);
    }
    for (const hang of batch.hangs) this.hangs.set(hang.n, hang);
    for (const wait of batch.waits) this.#addWait(wait);
    this.#addMarks(batch.marks);
    return { gap, whole, added, changed: [...moved] };
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

  /** The connection that a message goes over, where it goes over one. @param {{lane: string}} message "12>" or "12<" */
  connectionOf({ lane }) {
    return this.connections.get(lane.slice(0, -1));
  }

  /** The place of a message in the list. @param {number} id */
  placeInList(id) {
    return firstNot(0, this.list.length - 1, (place) => this.list[place].id < id);
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

  /** @param {Wait} wait */
  #addWait(wait) {
    const known = this.waits.get(wait.actor) ?? [];
    this.waits.set(wait.actor, known);
    const place = known.findLastIndex(({ n }) => n <= wait.n);
    if (known[place]?.n === wait.n) known[place] = wait;
    else known.splice(place + 1, 0, wait);
    if (known.length > KEEP_WAITS) known.shift();
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

/** @param {SentOrder} sent @returns {Order} */
function orderOf({ edges, columns, cards, lanes, groups, tints }) {
  return {
    edges: edges.map(([client, server, closed, tcp]) => ({ client, server, closed, tcp })),
    columns,
    cards: new Map(Object.entries(cards)),
    lanes,
    groups,
    tints: new Map(Object.entries(tints)),
  };
}
