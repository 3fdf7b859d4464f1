// @ts-check
/** The toolbar that steers the lab, and what the kernel says when something cannot be done. */

import { h, say, set } from "./dom.js";
import { LatencySlider } from "./slider.js";
import { PATIENCE } from "./steer.js";
import { count } from "./words.js";

/** @typedef {import("./steer.js").Steer} Steer */
/** @typedef {import("./steer.js").Command} Command */

const BUSY = "Not done yet: the kernel does it when the cell that runs now has ended.";

export class Controls {
  /** @param {Steer} steer @param {() => void} changed something is awaited that was not before */
  constructor(steer, changed) {
    this.steer = steer;
    this.changed = changed;
    this.timer = 0;
    this.hold = button("H", () => this.toggle());
    this.release = button("", () => this.do({ action: "release" }));
    this.step = button("J", () => this.next());
    this.latency = new LatencySlider("latency of all links", (seconds) => this.do({ action: "latency", seconds }));
    this.bar = h(
      "div",
      { class: "zf-steer", role: "group", "aria-label": "steer the lab" },
      this.hold,
      this.release,
      this.step,
      this.latency.element,
    );
    this.text = h("p", { role: "status" });
    this.dismiss = h("button", { type: "button", "aria-label": "dismiss", title: "dismiss" }, "✕");
    this.dismiss.addEventListener("click", () => this.tell(""));
    this.told = h("div", { class: "zf-told" }, this.text, this.dismiss);
    this.tell("");
    this.refresh();
  }

  /** @param {Command} command */
  do(command) {
    this.tell("");
    this.steer.do(command, performance.now());
    this.refresh();
    this.changed();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.steer.slow(performance.now()) && this.tell(BUSY), PATIENCE + 50);
  }

  /** Hold all messages, or let them all go on. */
  toggle() {
    this.do({ action: this.steer.state.controls.hold ? "release" : "hold" });
  }

  /** Let the message go that has waited longest. */
  next() {
    this.do({ action: "step" });
  }

  /** Let this message go, if it is held. @param {number|null} id */
  letGo(id) {
    const message = this.steer.state.messages.get(id ?? 0);
    if (!message || !this.steer.held.has(message)) return;
    const whyNot = this.steer.held.whyNot(message);
    if (whyNot) this.tell(`#${message.id} cannot go: ${whyNot}.`);
    else this.do({ action: "step", message: message.id });
  }

  /** @param {string} text */
  tell(text) {
    say(this.text, text);
    this.dismiss.hidden = !text;
  }

  /** Bring the controls up to date with what the batches tell. */
  refresh() {
    const { steer } = this;
    const { state } = steer;
    const { hold, latency, links } = state.controls;
    const toggles = { action: hold ? "release" : "hold" };
    this.bar.hidden = !steer.able;
    const held = state.held ? ` ${count(state.held)}` : "";
    say(this.hold, hold ? `▶ Release${held}` : "❚❚ Hold");
    set(this.hold, {
      "data-on": hold,
      "data-waits": steer.waits(toggles),
      title: `${hold ? "let all messages go on" : "hold all messages on the links, from now on"} (H)`,
    });
    this.release.hidden = hold || !links.some((link) => link.hold);
    say(this.release, `▶ Release${held}`);
    set(this.release, {
      "data-waits": steer.waits({ action: "release" }),
      title: "let all messages go on, of the links that are held alone",
    });
    const next = steer.held.first[0];
    say(this.step, "❯❙ Step");
    set(this.step, {
      "data-waits": steer.waits({ action: "step" }),
      "aria-disabled": next || state.held ? null : "true",
      title: next ? `let #${next.id} go, which has waited longest (J)` : "let the next message go (J): none is held",
    });
    this.latency.show(latency, steer.waits({ action: "latency" }));
    if (this.text.textContent === BUSY && !steer.slow(performance.now())) this.tell("");
    if (!steer.able) this.tell("");
  }

  remove() {
    clearTimeout(this.timer);
  }
}

/** @param {string} key "" for none @param {() => void} act */
function button(key, act) {
  const made = h("button", { type: "button", "aria-keyshortcuts": key || null });
  made.addEventListener("click", act);
  return made;
}
