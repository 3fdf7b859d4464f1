/** What stands above a view: its title, what it shows, and the tools; and what a screen reader is told meanwhile. */

import { button, h, keyButton, say } from "../dom/elements.js";
import { summary } from "../model/words.js";

/** @import { State } from "../model/state.js" */
/** @import { Controls } from "../steering/controls.js" */
/** @typedef {{sign: string, words: string, act: () => void}} Way  to another place where the view can be shown */
/** @typedef {{ways: Way[], find: () => void, keys: () => void}} Tools */

export class Header {
  /** @param {State} state @param {string} title @param {Controls} controls @param {Tools} tools */
  constructor(state, title, controls, { ways, find, keys }) {
    this.state = state;
    this.status = h("span", { class: "zf-live" });
    this.counts = h("small", { class: "zf-counts" }); // it stands above the list of messages
    this.spoken = h("div", { class: "zf-spoken", "aria-live": "polite" });
    const tools = [
      keyButton("/", "which messages are shown", "/", find),
      keyButton("?", "the keys of this view", "?", keys),
      ...ways.map(({ sign, words, act }) =>
        button(sign, { title: `show it ${words}`, "aria-label": `show it ${words}` }, act),
      ),
    ];
    this.tools = h("span", { class: "zf-tools", role: "toolbar", "aria-label": "this view" }, ...tools);
    const parts = [h("h2", {}, title), controls.bar, this.status, this.tools, controls.refusal];
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
