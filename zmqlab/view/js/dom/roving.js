/** Groups of buttons with one stop of the Tab key each; the arrow keys go on from there (ARIA's toolbar pattern). */

import { set } from "./elements.js";

/** @type {Record<string, number>} */
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export class Roving {
  /** @param {HTMLElement} group */
  constructor(group) {
    this.group = group;
    this.stop = /** @type {HTMLButtonElement|null} */ (null); // what Tab comes to
    group.addEventListener("focusin", (event) => this.#stopAt(/** @type {HTMLButtonElement} */ (event.target)));
    group.addEventListener("keydown", (event) => this.#key(event));
    this.refresh();
  }

  /** After buttons came, went, or were hidden. */
  refresh() {
    const open = this.#open();
    const stop = this.stop && open.includes(this.stop) ? this.stop : (open[0] ?? null);
    for (const button of this.group.querySelectorAll("button")) set(button, { tabindex: button === stop ? 0 : -1 });
    this.stop = stop;
  }

  /** The buttons that can be pressed. */
  #open() {
    return [...this.group.querySelectorAll("button")].filter((one) => !one.disabled && !one.closest("[hidden]"));
  }

  /** @param {HTMLButtonElement} target */
  #stopAt(target) {
    if (target.tagName !== "BUTTON") return;
    if (this.stop) this.stop.tabIndex = -1;
    this.stop = target;
    target.tabIndex = 0;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = STEPS[event.key];
    const { ctrlKey, metaKey, altKey, target } = event;
    if (!step || ctrlKey || metaKey || altKey || /** @type {Element} */ (target).tagName !== "BUTTON") return;
    const open = this.#open();
    const at = open.indexOf(/** @type {HTMLButtonElement} */ (target));
    event.preventDefault();
    event.stopPropagation();
    open[(at + step + open.length) % open.length]?.focus();
  }
}
