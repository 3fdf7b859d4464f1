/** A small window beside the thing that was clicked: what can be done to it. One at a time. */

import { button, focusOf, h, keyed, say, set } from "../dom/elements.js";

/**
 * @typedef {object} Entry  a button, or an element of its own
 * @property {string} key @property {string} [text] @property {string} [means] what it does, or why it cannot be done
 * @property {boolean} [able] @property {boolean} [waits] @property {() => void} [act] @property {HTMLElement} [element]
 */
/** @typedef {{row: HTMLElement, button?: HTMLButtonElement, means?: HTMLElement, entry: Entry}} Row */
/** @typedef {{name: string, state: string, entries: Entry[]}|null} Content  null: there is nothing that can be done any more */

const SPACE = 6; // px

export class Menu {
  constructor() {
    this.title = h("strong", {});
    this.state = h("span", { class: "zf-menu-state" });
    this.list = h("div", { class: "zf-entries" });
    const close = button("✕", { "aria-label": "close", title: "close (Escape)" }, () => this.close());
    this.element = h(
      "div",
      { class: "zf-menu", role: "dialog", hidden: true },
      h("header", {}, this.title, this.state, close),
      this.list,
    );
    /** @type {Map<string, Row>} */
    this.rows = new Map();
    this.describe = /** @type {(() => Content)|null} */ (null);
    this.anchor = /** @type {HTMLElement|null} */ (null);
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.element.addEventListener("focusout", (event) => this.#leave(/** @type {Node|null} */ (event.relatedTarget)));
    this.onPress = (/** @type {Event} */ event) => this.#leave(/** @type {Node} */ (event.target));
  }

  /** Open it, or close it where it was open already. @param {HTMLElement} anchor @param {() => Content} describe */
  toggle(anchor, describe) {
    const same = this.anchor === anchor;
    this.close();
    if (same) return;
    this.anchor = anchor;
    this.describe = describe;
    set(anchor, { "aria-expanded": "true" });
    this.element.hidden = false;
    this.element.ownerDocument.addEventListener("pointerdown", this.onPress, true);
    this.refresh();
    const first = /** @type {HTMLElement|null} */ (this.list.querySelector("button:not([aria-disabled])"));
    first?.focus({ preventScroll: true });
  }

  close() {
    const { anchor } = this;
    if (!anchor) return;
    const inside = this.element.contains(focusOf(this.element));
    this.element.ownerDocument.removeEventListener("pointerdown", this.onPress, true);
    this.anchor = this.describe = null;
    set(anchor, { "aria-expanded": "false" });
    this.element.hidden = true;
    this.rows.clear();
    this.list.replaceChildren();
    if (inside) anchor.focus({ preventScroll: true });
  }

  /** After a batch, or when the view has got another size. */
  refresh() {
    if (!this.describe) return;
    const content = this.anchor?.isConnected ? this.describe() : null;
    if (!content) return this.close();
    const { name, state, entries } = content;
    say(this.title, name);
    say(this.state, state);
    set(this.element, { "aria-label": `${name}: what can be done` });
    keyed(this.rows, new Map(entries.map((entry, place) => [entry.key, { entry, place }])), {
      make: ({ entry, place }) => this.#make(entry, place),
      show: (row, { entry }) => this.#show(row, entry),
      drop: ({ row }) => {
        if (row.contains(focusOf(this.element))) this.element.querySelector("button")?.focus();
        row.remove();
      },
    });
    this.#place();
  }

  /** @param {Entry} entry @param {number} place @returns {Row} */
  #make(entry, place) {
    const made = entry.element ? { row: entry.element, entry } : this.#button(entry);
    this.list.insertBefore(made.row, this.list.children[place] ?? null);
    return made;
  }

  /** @param {Entry} entry @returns {Row} */
  #button(entry) {
    /** What was done shows on the stage, over which the menu lies. */
    const act = () => {
      if (made.entry.able === false) return;
      made.entry.act?.();
      this.close();
    };
    const pressed = button("", { "data-entry": entry.key }, act);
    const means = h("span", { class: "zf-means" });
    const made = { row: h("div", { class: "zf-entry" }, pressed, means), button: pressed, means, entry };
    return made;
  }

  /** @param {Row} row @param {Entry} entry */
  #show(row, entry) {
    const { text = "", means = "", able = true, waits = false } = entry;
    row.entry = entry;
    if (!row.button || !row.means) return;
    say(row.button, text);
    say(row.means, means);
    set(row.button, { "aria-disabled": able ? null : "true", "data-waits": waits });
  }

  /** Under the thing it belongs to, and inside the view. */
  #place() {
    const view = /** @type {HTMLElement} */ (this.element.offsetParent);
    if (!this.anchor || !view) return;
    const outer = view.getBoundingClientRect();
    const thing = this.anchor.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const left = Math.max(
      SPACE,
      Math.min(thing.left - outer.left + thing.width / 2 - width / 2, outer.width - width - SPACE),
    );
    const under = thing.bottom - outer.top + SPACE;
    const top = under + height > outer.height ? Math.max(SPACE, thing.top - outer.top - height - SPACE) : under;
    this.element.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0;
    const onSlider = /** @type {Element} */ (event.target).matches("input");
    if (event.key === "Escape") this.close();
    else if (step && !onSlider) this.#move(step);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} step */
  #move(step) {
    const stops = /** @type {HTMLElement[]} */ ([...this.element.querySelectorAll("button, input")]);
    const at = stops.indexOf(/** @type {HTMLElement} */ (focusOf(this.element)));
    stops[(at + step + stops.length) % stops.length]?.focus();
  }

  /** A press or a Tab elsewhere closes it. @param {Node|null} to */
  #leave(to) {
    if (to && !this.element.contains(to) && !this.anchor?.contains(to)) this.close();
  }
}
