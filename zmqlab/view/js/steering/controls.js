/** The toolbar that steers the lab, and why the kernel cannot do something. */

import { button, h, say, set } from "../dom/elements.js";
import { count } from "../model/words.js";
import { LatencySlider } from "./slider.js";
import { PATIENCE } from "./steer.js";

/** @import { Command, Steer } from "./steer.js" */

const BUSY = "Not done yet: the kernel does it when the cell that runs now has ended.";

export class Controls {
  /** @param {Steer} steer @param {() => void} changed something is awaited that was not before */
  constructor(steer, changed) {
    this.steer = steer;
    this.changed = changed;
    this.timer = 0;
    this.hold = button("", { "aria-keyshortcuts": "H" }, () => this.toggle());
    this.release = button("", {}, () => this.do({ action: "release" }));
    this.step = button("❯❙ Step", { "aria-keyshortcuts": "J" }, () => this.next());
    this.latency = new LatencySlider("latency of all links", (seconds) => this.do({ action: "latency", seconds }));
    const parts = [this.hold, this.release, this.step, this.latency.element];
    this.bar = h("div", { class: "zf-steer", role: "toolbar", "aria-label": "steer the lab" }, ...parts);
    this.text = h("p", { role: "status" });
    this.dismiss = button("✕", { "aria-label": "dismiss", title: "dismiss" }, () => this.tell(""));
    this.refusal = h("div", { class: "zf-refusal" }, this.text, this.dismiss);
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
    this.do({ action: this.steer.state.settings.hold ? "release" : "hold" });
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
    const { hold, latency, links } = state.settings;
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
