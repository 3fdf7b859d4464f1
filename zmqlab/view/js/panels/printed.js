/** What the actors printed and noted. */

import { h, keyed, say, section, set } from "../dom/elements.js";
import { brief, instant, timeOfDay } from "../model/words.js";

/** @import { State } from "../model/state.js" */

const LINES = 120;
const NAME = 13; // letters of who says it

export class Printed {
  /** @param {State} state */
  constructor(state) {
    this.state = state;
    this.actor = "";
    this.shown = "";
    this.choice = h("select", { "aria-label": "whose lines" });
    this.choice.addEventListener("change", () => {
      this.actor = this.choice.value;
      this.refresh();
    });
    /** @type {Map<string, HTMLElement>} */
    this.rows = new Map();
    this.lines = h("ul", { tabindex: 0, "aria-label": "Printed lines" });
    const heading = ["Printed", h("span", { class: "zf-buttons" }, this.choice)];
    this.element = section("zf-printed", "What the actors printed", heading, this.lines);
  }

  rebuild() {
    const names = ["", ...this.state.actors.keys()];
    if (!names.includes(this.actor)) this.actor = "";
    this.choice.replaceChildren(...names.map((name) => h("option", { value: name }, name || "everyone")));
    this.choice.value = this.actor;
    this.shown = "";
  }

  refresh() {
    const { marks } = this.state;
    const look = `${this.actor} ${marks.length ? marks[marks.length - 1].n : 0}`;
    if (look === this.shown) return;
    this.shown = look;
    const bottom = this.lines.scrollHeight - this.lines.scrollTop - this.lines.clientHeight < 30;
    const mine = marks.filter((mark) => !this.actor || mark.actor === this.actor).slice(-LINES);
    const { wall } = this.state;
    const lines = mine.map(({ time, ...mark }) => ({
      ...mark,
      when: instant(time),
      day: wall ? timeOfDay(wall, time) : null,
    }));
    const nothing = { when: "", day: null, actor: "", text: "nothing yet", kind: "none" };
    keyed(this.rows, new Map(Object.entries(lines.length ? lines : [nothing])), {
      make: () => {
        const row = h("li", {}, h("time", {}), h("b", {}), h("span", {}));
        this.lines.append(row);
        return row;
      },
      show: ({ children: [time, who, words], dataset }, { when, day, actor, text, kind }) => {
        say(time, when);
        set(time, { title: day });
        say(who, brief(actor, NAME));
        set(who, { title: actor });
        say(words, text);
        dataset.kind = kind;
      },
      drop: (row) => row.remove(),
    });
    if (bottom) this.lines.scrollTop = this.lines.scrollHeight;
  }
}
