// @ts-check
/** What the actors printed and noted, and why they failed. */

import { h, say, set } from "./dom.js";
import { ms } from "./words.js";

/** @typedef {import("./state.js").State} State */

const LINES = 120;

export class Said {
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
    this.lines = h("ul", { tabindex: 0, "aria-label": "Printed lines" });
    this.element = h(
      "section",
      { class: "zf-said", "aria-label": "What the actors printed" },
      h("h3", {}, "Printed", h("span", { class: "zf-buttons" }, this.choice)),
      this.lines,
    );
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
    while (this.lines.children.length > Math.max(1, mine.length)) this.lines.lastChild?.remove();
    while (this.lines.children.length < Math.max(1, mine.length)) {
      this.lines.append(h("li", {}, h("time", {}), h("b", {}), h("span", {})));
    }
    mine.forEach((mark, i) =>
      this.#fill(this.lines.children[i], `${ms(mark.time)} ms`, mark.actor, mark.text, mark.kind),
    );
    if (!mine.length) this.#fill(this.lines.children[0], "", "", "nothing yet", "none");
    if (bottom) this.lines.scrollTop = this.lines.scrollHeight;
  }

  #fill(
    /** @type {Element} */ row,
    /** @type {string} */ time,
    /** @type {string} */ actor,
    /** @type {string} */ text,
    /** @type {string} */ kind,
  ) {
    say(row.children[0], time);
    say(row.children[1], actor);
    say(row.children[2], text);
    set(row, { "data-kind": kind });
  }
}

/** The errors of failed actors, with the learner's line, and of what a person gave the view, above everything else. */
export class Errors {
  /** @param {State} state */
  constructor(state) {
    this.state = state;
    this.element = h("div", { class: "zf-errors", role: "alert" });
  }

  rebuild() {
    const failed = [...this.state.actors.values()].filter(
      (actor) => actor.state === "failed" || actor.state === "abandoned",
    );
    const texts = failed.map((actor) => `${actor.name}\n${actor.state}\n${actor.text}`);
    const { trouble } = this.state;
    const look = [...texts, ...trouble].join("\n\n");
    if (this.shown === look) return;
    this.shown = look;
    this.element.replaceChildren(
      ...failed.map((actor) =>
        h(
          "div",
          { class: "zf-error" },
          h("strong", {}, `✖ ${actor.name} ${actor.state}`),
          h("pre", { tabindex: 0 }, actor.text),
        ),
      ),
      ...trouble.map((text) =>
        h("div", { class: "zf-error" }, h("strong", {}, "✖ lab.view"), h("pre", { tabindex: 0 }, text)),
      ),
    );
  }
}
