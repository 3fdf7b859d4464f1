/** A handle in the middle of each link: it shows what was done to the link, and opens the menu of what can be done. */

import { button, centre, h, keyed, say, set } from "../dom/elements.js";
import { settingOf, signsOf } from "../model/settings.js";
import { linkMenu } from "../steering/menus.js";

/** @import { Sign } from "../model/settings.js" */
/** @import { Controls } from "../steering/controls.js" */
/** @import { Menu } from "../steering/menu.js" */
/** @import { Box, Point } from "./layout.js" */
/** @typedef {{ends: [string, string], at: Point}} Link  two actors with a connection between them, and the middle of it */

const HIGH = 20; // px
/** @type {Record<Sign["kind"] | "none", number>} */
const WIDTH = { none: 14, cut: 26, held: 26, slow: 52 }; // px

export class Handles {
  /** @param {Controls} controls @param {Menu} menu */
  constructor(controls, menu) {
    this.controls = controls;
    this.menu = menu;
    this.element = h("div", { class: "zf-handles" });
    /** @type {Map<string, {ends: [string, string], handle: HTMLButtonElement, at: Point}>} */
    this.known = new Map();
  }

  /** The links have moved. @param {Link[]} links */
  place(links) {
    keyed(this.known, new Map(links.map((link) => [nameOf(link.ends), link])), {
      make: ({ ends, at }, name) => ({ ends, at, handle: this.#make(ends, name) }),
      show: (one, { at }) => {
        one.at = at;
        centre(one.handle, at);
      },
      drop: ({ handle }) => handle.remove(),
    });
  }

  /** @param {boolean} live is it the picture of now? what was set at another time is not known */
  show(live) {
    const { able, state } = this.controls.steer;
    for (const [name, { ends, handle }] of this.known) {
      const signs = live ? signsOf(settingOf(state.settings, ...ends)) : [];
      const [gravest] = signs;
      const slow = signs.find(({ kind }) => kind === "slow");
      say(handle.children[0], gravest?.text ?? "");
      say(handle.children[1], slow && slow !== gravest ? slow.text : "");
      const words = signs.map((sign) => sign.words).join(", ") || "open";
      handle.hidden = !able && !signs.length;
      handle.disabled = !able;
      set(handle, {
        "data-sign": gravest?.kind ?? "none",
        "aria-label": `link ${name}: ${words}`,
        title: `${name}: ${words}${able ? "; click to hold, slow or cut this link" : ""}`,
      });
    }
  }

  /** Where those that are shown stand. @returns {Box[]} */
  get boxes() {
    const shown = [...this.known.values()].filter(({ handle }) => !handle.hidden);
    return shown.map(({ at, handle }) => {
      const width = wide(handle);
      return { x: at.x - width / 2, y: at.y - HIGH / 2, width, height: HIGH };
    });
  }

  /** How much room the handle of two actors takes, in px. @param {string[]} ends */
  widthOf(ends) {
    const { handle } = this.known.get(nameOf(ends)) ?? this.known.get(nameOf([...ends].reverse())) ?? {};
    return wide(handle);
  }

  /** @param {[string, string]} ends */
  open(ends) {
    const known = this.known.get(nameOf(ends));
    if (known && this.controls.steer.able) this.menu.toggle(known.handle, linkMenu(this.controls, ends));
  }

  /** @param {[string, string]} ends @param {string} name */
  #make(ends, name) {
    const opens = { class: "zf-handle", "data-link": name, "aria-haspopup": "dialog", "aria-expanded": "false" };
    const handle = button("", opens, () => this.open(ends));
    handle.replaceChildren(h("span", {}), h("small", {}));
    this.element.append(handle);
    return handle;
  }
}

/** px, by what it shows. @param {HTMLElement} [handle] */
function wide(handle) {
  return WIDTH[/** @type {keyof typeof WIDTH} */ (handle?.dataset.sign ?? "none")];
}

/** @param {string[]} ends */
function nameOf(ends) {
  return ends.join(" ↔ ");
}
