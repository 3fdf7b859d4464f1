/** The slider for the latency of all links or of one. */

import { h, say, set } from "../dom/elements.js";
import { latencyAt, latencyWords, placeOfLatency } from "../model/settings.js";

const GRAIN = 40; // places: one a press of an arrow key

export class LatencySlider {
  /** @param {string} name @param {(seconds: number) => void} choose is called when the person lets go, not on the way */
  constructor(name, choose) {
    this.input = h("input", { type: "range", min: 0, max: GRAIN, step: 1, "aria-label": name });
    this.words = h("output", { class: "zf-amount" });
    this.element = h("label", { class: "zf-latency" }, h("span", {}, "latency"), this.input, this.words);
    this.seconds = 0;
    this.moving = false;
    this.input.addEventListener("input", () => {
      this.moving = true;
      this.#write(this.#chosen());
    });
    this.input.addEventListener("change", () => {
      this.moving = false;
      const seconds = this.#chosen();
      if (seconds === this.seconds) this.show(seconds, false);
      else choose(seconds);
    });
  }

  /** As the kernel tells it, unless it is in the person's hand. @param {number} seconds @param {boolean} waits one that was chosen is not in force yet */
  show(seconds, waits) {
    this.seconds = seconds;
    set(this.element, { "data-waits": waits });
    if (this.moving || waits) return;
    this.input.value = String(Math.round(GRAIN * placeOfLatency(seconds)));
    this.#write(seconds);
  }

  #chosen() {
    return latencyAt(Number(this.input.value) / GRAIN);
  }

  /** @param {number} seconds */
  #write(seconds) {
    say(this.words, latencyWords(seconds));
    set(this.input, { "aria-valuetext": latencyWords(seconds) });
  }
}
