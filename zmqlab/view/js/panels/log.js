/** The list of messages: the same as the pictures, in words. A page of it at a time. */

import { button, h, keyed, say, section, set } from "../dom/elements.js";
import { began, line, route as whole } from "../model/words.js";

/** @import { Message } from "../model/message.js" */
/** @import { State } from "../model/state.js" */
/** @import { Focus } from "../relations/focus.js" */

const PAGE = 60;
/** What is shorter in a row than it is, in full. @type {(((state: State, message: Message) => string)|undefined)[]} */
const TITLES = [undefined, began, (_, message) => whole(message)];
let lists = 0;

export class MessageLog {
  /** @param {Focus} focus @param {{select(id: number|null): void, go(step: number): void}} app @param {HTMLElement} counts of all messages */
  constructor(focus, app, counts) {
    this.focus = focus;
    this.state = focus.state;
    this.key = `zf-log-${++lists}`;
    this.end = /** @type {number|null} */ (null); // index after the last row; null: the newest
    /** @type {Map<number, HTMLElement>} */
    this.rows = new Map();
    this.list = h("ul", { role: "listbox", tabindex: 0, "aria-label": "Messages" });
    this.where = h("small", {});
    this.earlier = button("earlier", { title: "earlier messages" }, () => this.#turn(-1));
    this.later = button("later", { title: "later messages" }, () => this.#turn(1));
    this.list.addEventListener("click", (event) => {
      const row = /** @type {Element} */ (event.target).closest("[data-message-id]");
      if (row) app.select(Number(row.getAttribute("data-message-id")));
    });
    this.list.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0;
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      app.go(step);
    });
    const pages = h("span", { class: "zf-buttons" }, this.earlier, this.later);
    this.element = section("zf-log", "List of messages", ["Messages", counts, this.where, pages], this.list);
  }

  /** @param {number|null} selected */
  refresh(selected) {
    const { list } = this.focus;
    const bottom = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 30;
    const end = Math.min(this.end ?? list.length, list.length);
    const start = Math.max(0, end - PAGE);
    const page = list.slice(start, end);
    keyed(this.rows, new Map(page.entries()), {
      make: () => this.#make(),
      show: (row, message) => this.#fill(row, message, message.id === selected),
      drop: (row) => row.remove(),
    });
    say(this.where, list.length > PAGE ? `${start + 1} to ${end} of ${list.length.toLocaleString("en-US")}` : "");
    this.earlier.hidden = this.later.hidden = list.length <= PAGE;
    this.earlier.disabled = start === 0;
    this.later.disabled = end === list.length;
    const inSight = page.some(({ id }) => id === selected);
    set(this.list, { "aria-activedescendant": inSight ? `${this.key}-${selected}` : null });
    if (bottom && this.end === null && selected === null) this.list.scrollTop = this.list.scrollHeight;
  }

  /** Turn to the page of a message. @param {number} id */
  reveal(id) {
    const { list } = this.focus;
    const index = list.findIndex((message) => message.id === id);
    const end = this.end ?? list.length;
    if (index >= 0 && (index >= end || index < end - PAGE)) {
      this.end = Math.min(list.length, index + PAGE / 2);
      if (this.end === list.length) this.end = null;
    }
    this.refresh(id);
    const row = [...this.rows.values()].find(({ dataset }) => dataset.messageId === String(id));
    if (!row) return;
    if (row.offsetTop < this.list.scrollTop) this.list.scrollTop = row.offsetTop;
    const below = row.offsetTop + row.offsetHeight - this.list.clientHeight;
    if (below > this.list.scrollTop) this.list.scrollTop = below;
  }

  /** @param {number} pages */
  #turn(pages) {
    const { length } = this.focus.list;
    const end = (this.end ?? length) + pages * PAGE;
    this.end = end >= length ? null : Math.max(PAGE, end);
    this.refresh(null);
    this.list.scrollTop = 0;
  }

  #make() {
    const cells = ["zf-n", "zf-time", "zf-route", "zf-label", "zf-standing"].map((name) => h("span", { class: name }));
    const row = h("li", { role: "option" }, ...cells);
    this.list.append(row);
    return row;
  }

  /** @param {HTMLElement} row @param {Message} message @param {boolean} selected */
  #fill(row, message, selected) {
    const { place, receiver, label: words } = message;
    const dim = !this.focus.lit(message);
    const look = `${message.id} ${place} ${receiver} ${selected} ${dim} ${words}`;
    if (row.dataset.look === look) return;
    const { number, time, route, label, standing } = line(message);
    [number, time, route, label, standing].forEach((text, i) => {
      say(row.children[i], text);
      set(row.children[i], { title: TITLES[i]?.(this.state, message) || text });
    });
    set(row, {
      id: `${this.key}-${message.id}`,
      "data-message-id": message.id,
      "data-place": place,
      "data-look": look,
      "data-dim": dim,
      "aria-selected": String(selected),
    });
  }
}
