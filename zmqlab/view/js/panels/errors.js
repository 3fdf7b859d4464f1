/** The errors of failed actors, with the learner's line, and of what a person gave the view, above everything else. */

import { h } from "../dom/elements.js";

/** @import { State } from "../model/state.js" */

export class Errors {
  /** @param {State} state */
  constructor(state) {
    this.state = state;
    this.shown = "";
    this.element = h("div", { class: "zf-errors", role: "alert" });
  }

  rebuild() {
    const failed = [...this.state.actors.values()].filter(({ state }) => state === "failed" || state === "abandoned");
    const errors = [
      ...failed.map(({ name, state, text }) => ({ what: `✖ ${name} ${state}`, text })),
      ...this.state.trouble.map((text) => ({ what: "✖ label, roles or decode", text })),
    ];
    const look = JSON.stringify(errors);
    if (this.shown === look) return;
    this.shown = look;
    const shown = errors.map(({ what, text }) =>
      h("div", { class: "zf-error" }, h("strong", {}, what), h("pre", { tabindex: 0 }, text)),
    );
    this.element.replaceChildren(...shown);
  }
}
