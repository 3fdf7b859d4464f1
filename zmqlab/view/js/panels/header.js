/** What stands above a view: its title, what it shows, and the counts; and what a screen reader is told meanwhile. */

import { h, say } from "../dom/elements.js";
import { summary } from "../model/words.js";

/** @import { State } from "../model/state.js" */
/** @import { Controls } from "../steering/controls.js" */

export class Header {
  /** @param {State} state @param {string} title @param {Controls} controls */
  constructor(state, title, controls) {
    this.state = state;
    this.status = h("span", { class: "zf-live" });
    this.counts = h("span", { class: "zf-counts" });
    this.spoken = h("div", { class: "zf-spoken", "aria-live": "polite" });
    const parts = [h("h2", {}, title), controls.bar, this.status, this.counts, controls.refusal];
    this.element = h("header", { class: "zf-bar" }, ...parts);
  }

  refresh() {
    say(this.counts, summary(this.state));
  }

  /** @param {string} status whether it is the picture of now */
  show(status) {
    say(this.status, status);
  }

  /** @param {string} words for a screen reader */
  speak(words) {
    say(this.spoken, words);
  }
}
