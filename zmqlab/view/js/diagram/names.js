/** The names of the lanes at the left of the diagram, and the headings of their groups, which can be collapsed. */

import { button, h, set } from "../dom/elements.js";
import { measure } from "../dom/measure.js";
import { count, BROKEN, bothEnds } from "../model/words.js";

/** @import { Row } from "../model/grouping.js" */
/** @import { State } from "../model/state.js" */

const INDENT = 12; // px of a lane in a group
const SIGN = 16; // px of the sign that says whether a group is collapsed

export class Names {
  /** @param {State} state @param {(name: string) => void} collapse a group, or expand it @param {(y: number) => void} show the place of one, px from the first */
  constructor(state, collapse, show) {
    this.state = state;
    this.collapse = collapse;
    this.show = show;
    this.look = "";
    this.list = h("ul", { "aria-label": "Lanes" });
    this.element = h("div", { class: "zf-names" }, this.list);
    this.list.addEventListener("focusin", ({ target }) => {
      const item = /** @type {Element} */ (target).closest("li");
      if (item) show(Number(item.dataset.y));
    });
  }

  /** @param {Row[]} rows @param {number[]} ys px of their middles @param {number} width px @param {string} font */
  rebuild(rows, ys, width, font) {
    const broken = rows.map((row) => this.#isBroken(row));
    const look = JSON.stringify([rows.map(({ key, kind, depth }) => [key, kind, depth]), ys, broken, width, font]);
    if (look === this.look) return;
    this.look = look;
    const widthOf = measure(font);
    const again = /** @type {HTMLElement|null} */ (this.list.querySelector(":focus"))?.dataset.group;
    this.list.replaceChildren(...rows.map((row, i) => this.#item(row, ys[i], broken[i], width, widthOf)));
    if (again)
      /** @type {HTMLElement|null} */ (this.list.querySelector(`[data-group="${CSS.escape(again)}"]`))?.focus();
  }

  /** Has a lane of it come to a bad end? @param {Row} row */
  #isBroken({ kind, lanes }) {
    return kind !== "open" && lanes.some((name) => BROKEN.includes(this.state.actors.get(name)?.state ?? ""));
  }

  /** @param {Row} row @param {number} y @param {boolean} broken @param {number} width @param {(text: string) => number} widthOf */
  #item({ kind, name, label, lanes, depth }, y, broken, width, widthOf) {
    const sign = broken ? "✖ " : "";
    const after = kind === "collapsed" ? ` ×${count(lanes.length)}` : "";
    const room = width - depth * INDENT - (kind === "lane" ? 0 : SIGN) - widthOf(sign + after);
    const short = sign + bothEnds(label, room, widthOf) + after;
    const item = h("li", { class: "zf-lane", "data-y": y, "data-kind": kind, "data-broken": broken });
    set(item, { style: `top: ${y}px; left: ${depth * INDENT}px` });
    if (kind === "lane") item.append(...named(short, sign + name));
    else item.append(this.#heading(kind === "collapsed", name, short, lanes.length));
    if (kind === "lane") set(item, { title: name });
    return item;
  }

  /** @param {boolean} collapsed @param {string} name @param {string} short @param {number} n of its lanes */
  #heading(collapsed, name, short, n) {
    const title = `${name}, ${count(n)} lanes: ${collapsed ? "drawn as one; press to expand" : "press to collapse into one"}`;
    const made = button("", { "data-group": name, "aria-expanded": String(!collapsed), title }, () =>
      this.collapse(name),
    );
    made.append(...named(`${collapsed ? "▸" : "▾"} ${short}`, title));
    return made;
  }
}

/** A name as there is room for it, and in full for who cannot see it. @param {string} short @param {string} full */
function named(short, full) {
  if (short === full) return [short];
  return [h("span", { "aria-hidden": "true" }, short), h("span", { class: "zf-spoken" }, full)];
}
