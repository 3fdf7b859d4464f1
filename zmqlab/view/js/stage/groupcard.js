/** Several actors on the stage as one card: how many of them do what, and their sockets by type. */

import { h, say, set } from "../dom/elements.js";
import { stateAt } from "../model/moment.js";
import { count } from "../model/words.js";
import { halves, queueWords } from "./card.js";

/** @import { Grouping, Row } from "../model/grouping.js" */
/** @import { Moment } from "../model/moment.js" */
/** @import { State } from "../model/state.js" */
/** @import { SocketRow } from "./card.js" */

export class GroupCard {
  /** @param {State} state @param {Grouping} grouping @param {Row} group @param {(name: string) => void} expand */
  constructor(state, grouping, group, expand) {
    this.state = state;
    this.grouping = grouping;
    this.group = group;
    const { name, label, lanes } = group;
    const title = `${name}, ${count(lanes.length)} lanes`;
    this.status = h("span", { class: "zf-state" });
    this.sockets = h("div", { class: "zf-sockets" });
    this.hands = h("div", { class: "zf-hands" }); // where the messages lie that their programs have in hand
    const expands = { type: "button", class: "zf-expand", "aria-label": `expand ${title}`, title: "a card for each" };
    this.more = h("button", expands, "▸");
    this.more.addEventListener("click", () => expand(name));
    /** @type {Map<string, SocketRow>} a row for all sockets of a type, by the id of each */
    this.rows = new Map();
    /** @type {Map<string, string[]>} socket ids by type */
    this.types = new Map();
    this.element = h(
      "article",
      { class: "zf-card zf-many", "data-group": name, "aria-label": title },
      h(
        "header",
        {},
        h("strong", { title }, ...halves(label)),
        h("b", {}, `×${count(lanes.length)}`),
        this.status,
        this.more,
      ),
      this.sockets,
      this.hands,
    );
  }

  /** After actors, sockets or connections changed. */
  rebuild() {
    this.group = this.grouping.rows.find(({ key }) => key === this.group.key) ?? this.group;
    this.types.clear();
    this.rows.clear();
    const { cards } = this.state.order;
    for (const id of this.group.lanes.flatMap((/** @type {string} */ name) => cards.get(name) ?? [])) {
      const type = this.state.sockets.get(id)?.type ?? "";
      this.types.set(type, [...(this.types.get(type) ?? []), id]);
    }
    this.sockets.replaceChildren(...[...this.types].map(([type, ids]) => this.#row(type, ids)));
  }

  /** @param {string} type @param {string[]} ids */
  #row(type, ids) {
    const [out, into] = [h("span"), h("span")];
    const row = h(
      "div",
      { class: "zf-socket" },
      h("div", { class: "zf-line" }, h("b", {}, type), h("span", {}, `${count(ids.length)} sockets`)),
      h("div", { class: "zf-line" }, into, out),
    );
    for (const id of ids) this.rows.set(id, { row, out, in: into });
    return row;
  }

  /** As it is, or was, at a moment. @param {Moment} moment */
  refresh(moment) {
    /** @type {Map<string, number>} */
    const states = new Map();
    for (const name of this.group.lanes) {
      const state = stateAt(this.state, name, moment);
      states.set(state, (states.get(state) ?? 0) + 1);
    }
    const words = [...states].map(([state, n]) => (n === this.group.lanes.length ? state : `${count(n)} ${state}`));
    say(this.status, words.join(", "));
    set(this.status, { title: words.join(", ") });
    set(this.element, { "data-state": states.size === 1 ? [...states.keys()][0] : "mixed" });
    for (const ids of this.types.values()) {
      const { out, in: into } = /** @type {SocketRow} */ (this.rows.get(ids[0]));
      const sum = (/** @type {number} */ side) =>
        ids.reduce((all, id) => all + (moment.queues.get(id)?.[side] ?? 0), 0);
      say(out, queueWords("out", sum(0), ""));
      say(into, queueWords("in", sum(1), " waiting"));
    }
  }
}
