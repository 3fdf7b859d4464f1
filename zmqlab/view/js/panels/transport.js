/** The controls of time: play and pause, steps, the scrub bar, the speed, and the way back to now. */

import { h, keyButton, say, set } from "../dom/elements.js";
import { kindOf, placeOfSpeed, speedAt, speedWords } from "../model/clock.js";
import { runAt } from "../model/rhythm.js";
import { count, instant, watch } from "../model/words.js";

/** @import { Clock } from "../model/clock.js" */
/** @import { Scale } from "../model/scale.js" */

const GRAIN = 1000; // places of the speed slider

export class Transport {
  /** @param {Clock} clock @param {{scale: () => Scale, steps: () => Scale, runs: () => number[], counted: () => boolean, changed: () => void}} app */
  constructor(clock, app) {
    this.clock = clock;
    this.app = app;
    this.play = keyButton("▶", "play", "Space", () => this.toggle());
    this.back = keyButton("◂", "one step back", ",", () => this.step(-1));
    this.on = keyButton("▸", "one step on", ".", () => this.step(1));
    this.live = keyButton("live", "show now", "End", () => this.end());
    const range = { type: "range", min: 0 };
    this.place = h("input", { ...range, class: "zf-scrub", max: 1, step: "any", "aria-label": "moment" });
    this.speed = h("input", { ...range, class: "zf-speed", max: GRAIN, "aria-label": "speed of the replay" });
    this.moment = h("span", { class: "zf-moment" });
    this.words = h("span", { class: "zf-pace" });
    this.element = h(
      "div",
      { class: "zf-transport", role: "toolbar", "aria-label": "time" },
      h("span", { class: "zf-trio" }, this.back, this.play, this.on),
      this.place,
      this.moment,
      h("label", { class: "zf-pacing" }, this.speed, this.words),
      this.live,
    );
    this.place.addEventListener("input", () => this.#scrub());
    this.speed.addEventListener("input", () => this.#choose());
  }

  /** Space: play, or stand still. */
  toggle() {
    if (this.clock.mode === "replay") this.clock.pause(this.app.scale());
    else this.clock.play(this.app.scale(), this.app.runs().at(-1) ?? 0);
    this.app.changed();
  }

  /** @param {number} by 1 or -1 */
  step(by) {
    this.clock.step(by, this.app.steps());
    this.app.changed();
  }

  /** To the beginning of this run, or of the one before where this one has just begun. */
  rewind() {
    const [scale, runs] = [this.app.scale(), this.app.runs()];
    const at = this.clock.shown(scale);
    this.clock.seek(runs.findLast((begin) => begin < at - 1e-6) ?? runs[0], scale);
    this.app.changed();
  }

  /** To the last moment, which is now while the programs run. */
  end() {
    this.clock.live();
    this.app.changed();
  }

  /** Bring the controls up to date. @param {boolean} running is the end of the picture really now? */
  refresh(running) {
    const { clock } = this;
    const scale = this.app.scale();
    const at = clock.shown(scale);
    const words = momentWords(this.app.runs(), at, this.app.counted());
    const playing = clock.mode === "replay";
    say(this.play, playing ? "❚❚" : "▶");
    set(this.play, { "aria-label": playing ? "pause" : "play", title: `${playing ? "pause" : "play"} (Space)` });
    set(this.place, { min: scale.first, max: scale.last, "aria-valuetext": words });
    this.place.value = String(clock.mode === "live" ? scale.last : scale.u(at));
    say(this.moment, words);
    const speed = clock.speed(scale);
    this.speed.value = String(Math.round(GRAIN * placeOfSpeed(kindOf(scale), speed)));
    const pace = speedWords(kindOf(scale), speed);
    set(this.speed, { "aria-valuetext": pace, title: `speed of the replay: ${pace}` });
    say(this.words, pace);
    say(this.live, running ? "live" : "end");
    set(this.live, {
      "aria-pressed": String(clock.mode === "live"),
      "aria-label": `${this.live.textContent}: ${running ? "show now" : "show the end"}`,
    });
  }

  #scrub() {
    const scale = this.app.scale();
    this.clock.seek(scale.t(Number(this.place.value)), scale);
    this.app.changed();
  }

  #choose() {
    const scale = this.app.scale();
    this.clock.choose(scale, speedAt(kindOf(scale), Number(this.speed.value) / GRAIN));
    this.app.changed();
  }
}

/**
 * The time that is shown: where there are several runs, which one, and how far it has come.
 * @param {number[]} runs when each began @param {number} at ms @param {boolean} counted are all of them known?
 */
export function momentWords(runs, at, counted) {
  if (runs.length < 2) return instant(at);
  const run = runAt(runs, at);
  return `${counted ? `run ${run + 1}` : "this run"} · ${watch(Math.max(0, at - runs[run]))}`;
}

/**
 * What the picture shows, in words: never in doubt whether it is now.
 * @param {Clock} clock @param {Scale} scale @param {string} status of the store @param {number} since messages that came meanwhile
 */
export function modeWords(clock, scale, status, since) {
  if (clock.mode === "live") return status;
  const more = since ? ` · ${count(since)} more since` : "";
  const what = status === "recorded" ? "recorded · " : "";
  if (clock.mode === "paused") return `${what}paused at ${instant(clock.at)}${more}`;
  const how = scale.exact ? speedWords("ms", clock.speed(scale)) : "one step at a time";
  return `${what}replay, ${how}${more}`;
}
