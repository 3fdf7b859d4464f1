/** One actor on the stage: its sockets, their queues, and what it printed last. */

import { button, h, say, set } from "../dom/elements.js";
import { nameOf } from "../model/frames.js";
import { closedAt, lastAt, stateAt, waitsAt } from "../model/moment.js";
import { refusalAt } from "../model/refusals.js";
import { count, doing } from "../model/words.js";
import { actionsFor } from "../steering/actions.js";
import { placeOfEndpoint, socketsOf } from "./layout.js";

/** @import { Socket, Wait } from "../model/message.js" */
/** @import { Moment } from "../model/moment.js" */
/** @import { State } from "../model/state.js" */

/** @typedef {{row: HTMLElement, out: HTMLElement, in: HTMLElement}} SocketRow */

/** @type {Record<string, string>} */
const MEANS = {
  works: "it has received a message, and neither sent nor asked for another one since",
  polls: "it waits in poll, again and again",
};
const BLOCKS = 8; // messages in a queue that get a block each

export class Card {
  /** @param {State} state @param {string} name @param {(button: HTMLElement) => void} open the menu of what can be done to it */
  constructor(state, name, open) {
    this.state = state;
    this.name = name;
    const what = `what can be done to ${name}`;
    const opens = { class: "zf-more-of", "aria-label": what, title: what, "aria-haspopup": "dialog" };
    this.more = button("⋯", { ...opens, "aria-expanded": "false" }, () => open(this.more));
    this.status = h("span", { class: "zf-state" });
    this.last = h("div", { class: "zf-last" });
    this.sockets = h("div", { class: "zf-sockets" });
    this.hands = h("div", { class: "zf-hands" }); // where the message lies that its program has in hand
    /** @type {Map<string, SocketRow & {where: HTMLElement, how: HTMLElement, at: HTMLElement}>} */
    this.rows = new Map();
    this.element = h(
      "article",
      { class: "zf-card", "data-actor": name, "aria-label": `actor ${name}` },
      h("header", {}, h("strong", { title: name }, ...halves(name)), this.status, this.more),
      this.sockets,
      this.hands,
      this.last,
    );
  }

  /** After actors, sockets or connections changed. */
  rebuild() {
    const { shown, more } = socketsOf(this.state, this.name);
    this.rows.clear();
    this.sockets.replaceChildren(...shown.map((socket) => this.#row(socket)));
    if (more) this.sockets.append(h("div", { class: "zf-more" }, `and ${more} more sockets`));
    set(this.element, { "data-over": this.state.actors.get(this.name)?.ended != null });
  }

  /** As it is, or was, at a moment. @param {Moment} moment @param {boolean} able can anything be done to it? */
  refresh(moment, able) {
    const actor = this.state.actors.get(this.name);
    this.more.hidden = !able || !actor || !actionsFor(actor).length;
    const now = stateAt(this.state, this.name, moment);
    const waits = waitsAt(this.state, this.name, moment);
    const busy = moment.hands.some(({ work }) => work?.actor === this.name);
    const full = waits.some((wait) => this.#isFull(wait, moment));
    const words = doing(now, waits, full, busy && actor?.kind !== "cell"); // whether a cell runs nobody here knows
    say(this.status, words);
    set(this.status, { title: MEANS[words] ?? words });
    set(this.element, { "data-state": now, "data-hand": busy });
    for (const [id, { row, where, how, at, out, in: into }] of this.rows) {
      const socket = /** @type {Socket} */ (this.state.sockets.get(id));
      const address = addressOf(socket, closedAt(socket, moment), refusalAt(this.state, id, moment.at));
      say(how, address.how);
      say(at, address.at);
      set(where, { title: address.full });
      set(row, { "data-closed": closedAt(socket, moment) });
      const [sending, unread] = moment.queues.get(id) ?? [0, 0];
      queue(out, "out", sending, "");
      queue(into, "in", unread, " waiting");
    }
    const last = lastAt(this.state, this.name, moment);
    say(this.last, last ? last.text.split("\n")[0] : "");
    set(this.last, { title: last?.text ?? null, "data-kind": last?.kind ?? null });
  }

  /** Does a send wait because the queue is full? It also waits where there is nobody. @param {Wait} wait @param {Moment} moment */
  #isFull({ call, socket }, moment) {
    const [sending] = moment.queues.get(socket) ?? [0];
    return call === "send" && sending > 1; // one of them is what it sends
  }

  /** @param {Socket} socket */
  #row(socket) {
    const over = { type: "button", class: "zf-queue", "data-queue": socket.id, title: "its queues over time" };
    const out = h("button", over);
    const into = h("button", over);
    const how = h("span", { class: "zf-how" });
    const at = h("span");
    const where = h("span", {}, how, at);
    const row = h(
      "div",
      { class: "zf-socket", "data-socket": socket.id },
      h("div", { class: "zf-line" }, h("b", {}, socket.type), where),
      h("div", { class: "zf-line" }, into, out),
    );
    const id = idOf(socket);
    if (id) row.insertBefore(h("div", { class: "zf-id", title: id }, id), row.lastChild);
    this.rows.set(socket.id, { row, where, how, at, out, in: into });
    return row;
  }
}

const TAIL = 9; // letters of a long name that stay where there is no room for all

/** A name of which the end stays when it is cut: names often differ there. @param {string} name */
export function halves(name) {
  if (name.length < 2 * TAIL) return [name];
  return [h("span", {}, name.slice(0, -TAIL)), h("span", {}, name.slice(-TAIL))];
}

/** @param {HTMLElement} element @param {string} name @param {number} n @param {string} after */
function queue(element, name, n, after) {
  say(element, queueWords(name, n, after));
  set(element, { "data-n": n });
}

/** `in ▮▮▮ 3 waiting`. @param {string} name @param {number} n @param {string} after */
export function queueWords(name, n, after) {
  const blocks = "▮".repeat(Math.min(n, BLOCKS)) + (n > BLOCKS ? "…" : "");
  return n ? `${name} ${blocks} ${count(n)}${after}` : `${name} 0`;
}

/** @param {Socket} socket @param {boolean} closed @param {string} refusal why it has no connection */
function addressOf(socket, closed, refusal) {
  if (closed) return { how: "", at: "closed", full: "this socket is closed" };
  const bound = socket.binds.map(placeOfEndpoint);
  const connected = socket.connects.map(placeOfEndpoint);
  const full = [...socket.binds.map((e) => `bind ${e}`), ...socket.connects.map((e) => `connect ${e}`)].join(", ");
  if (!bound.length && !connected.length) return { how: "", at: "neither bound nor connected", full };
  const alone = refusal ? ", no connection" : "";
  if (!bound.length) return { how: "→ ", at: connected.join(" → ") + alone, full: full + (refusal && `: ${refusal}`) };
  return { how: "bound ", at: [...bound, ...connected.map((place) => `→ ${place}`)].join(" "), full };
}

/** @param {Socket} socket */
function idOf(socket) {
  return socket.routing_id === null ? "" : `id ${nameOf(socket.routing_id)}`;
}
