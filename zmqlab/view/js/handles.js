// @ts-check
/** A handle in the middle of each link: it shows what was done to the link, and opens the menu of what can be done. */

import { h, say, set } from "./dom.js";
import { linkOffers } from "./offers.js";
import { settingOf, signsOf } from "./settings.js";

/** @typedef {import("./layout.js").Point} Point */
/** @typedef {{ends: [string, string], at: Point}} Pair  two actors with a link between them, and the middle of it */

const WIDTH = { none: 14, cut: 24, held: 24, slow: 52 }; // px

export class Handles {
  /** @param {import("./controls.js").Controls} controls @param {import("./menu.js").Menu} menu */
  constructor(controls, menu) {
    this.controls = controls;
    this.menu = menu;
    this.element = h("div", { class: "zf-handles" });
    /** @type {Map<string, {ends: [string, string], button: HTMLButtonElement}>} */
    this.known = new Map();
  }

  /** The links have moved. @param {Pair[]} pairs */
  place(pairs) {
    const kept = new Set(pairs.map(({ ends }) => nameOf(ends)));
    for (const [name, { button }] of this.known) {
      if (kept.has(name)) continue;
      button.remove();
      this.known.delete(name);
    }
    for (const { ends, at } of pairs) {
      const { button } = this.known.get(nameOf(ends)) ?? this.#make(ends);
      button.style.transform = `translate(${at.x.toFixed(1)}px, ${at.y.toFixed(1)}px) translate(-50%, -50%)`;
    }
  }

  /** @param {boolean} live is it the picture of now? what was set at another time is not known */
  show(live) {
    const { able, state } = this.controls.steer;
    for (const { ends, button } of this.known.values()) {
      const signs = live ? signsOf(settingOf(state.controls, ...ends)) : [];
      const [gravest] = signs;
      const slow = signs.find(({ kind }) => kind === "slow");
      say(button.children[0], gravest?.text ?? "");
      say(button.children[1], slow && slow !== gravest ? slow.text : "");
      const words = signs.map((sign) => sign.words).join(", ") || "open";
      button.hidden = !able && !signs.length;
      button.disabled = !able;
      set(button, {
        "data-sign": gravest?.kind ?? "none",
        "aria-label": `link ${nameOf(ends)}: ${words}`,
        title: `${nameOf(ends)}: ${words}${able ? "; click to hold, slow or cut this link" : ""}`,
      });
    }
  }

  /** How much room the handle of two actors takes, in px. @param {string[]} ends */
  widthOf(ends) {
    const { button } = this.known.get(nameOf(ends)) ?? this.known.get(nameOf([...ends].reverse())) ?? {};
    return WIDTH[button?.dataset.sign ?? "none"];
  }

  /** @param {[string, string]} ends */
  open(ends) {
    const handle = this.known.get(nameOf(ends));
    if (handle && this.controls.steer.able) this.menu.toggle(handle.button, linkOffers(this.controls, ends));
  }

  /** @param {[string, string]} ends */
  #make(ends) {
    const button = h(
      "button",
      {
        type: "button",
        class: "zf-handle",
        "data-link": nameOf(ends),
        "aria-haspopup": "dialog",
        "aria-expanded": "false",
      },
      h("span", {}),
      h("small", {}),
    );
    button.addEventListener("click", () => this.open(ends));
    const handle = { ends, button };
    this.known.set(nameOf(ends), handle);
    this.element.append(button);
    return handle;
  }
}

/** @param {string[]} ends */
function nameOf(ends) {
  return ends.join(" ↔ ");
}
