/**
 * What time the picture shows: now, a moment at which it stands still, or a moment that moves on at a readable speed.
 * The clock runs along the scale of the diagram: step by step, or slower than it was. No DOM.
 */

/** @import { Scale } from "./scale.js" */
/** @typedef {"live" | "paused" | "replay"} Mode */
/** @typedef {"steps" | "ms"} Kind */

/** The slowest and the fastest: steps a second; and for ms, times as fast as it was. */
export const SPEEDS = { steps: [0.5, 200], ms: [1e-5, 10] };
const PACE = 2.5; // steps a second that can be followed
const LONG = 20; // s: a replay that would take longer runs faster
const SLEPT = 100; // ms between two frames, at the most: a page that was hidden goes on where it was

export class Clock {
  constructor() {
    this.mode = /** @type {Mode} */ ("live");
    this.at = 0; // ms of the trace; without meaning in live mode
    this.alone = false; // the replay started by itself
    this.read = Number.NaN; // the browser's clock at the last tick
    /** @type {{steps: number|null, ms: number|null}} what the person has chosen */
    this.chosen = { steps: null, ms: null };
    this.speeds = { steps: PACE, ms: 0.01 };
  }

  /** The moment that is shown. @param {Scale} scale @param {boolean} leaps a replay goes from step to step without what is between */
  shown(scale, leaps = false) {
    if (this.mode === "live") return scale.t(scale.last);
    return leaps && this.mode === "replay" && !scale.exact ? scale.t(Math.floor(scale.u(this.at) + 1e-6)) : this.at;
  }

  /** @param {Scale} scale */
  speed(scale) {
    return this.speeds[kindOf(scale)];
  }

  live() {
    this.mode = "live";
    this.alone = false;
  }

  /** Stand still at a moment. @param {number} time @param {Scale} scale */
  seek(time, scale) {
    this.mode = "paused";
    this.alone = false;
    this.at = Math.max(scale.t(scale.first), Math.min(scale.t(scale.last), time));
  }

  /** @param {Scale} scale */
  pause(scale) {
    this.seek(this.shown(scale), scale);
  }

  /** Run on from here; where the end is shown, begin anew. @param {Scale} scale @param {number} anew ms @param {boolean} alone by itself */
  play(scale, anew, alone = false) {
    const over = this.mode === "live" || scale.u(this.at) >= endOf(scale) - 1e-6;
    if (over) this.at = Math.max(anew, scale.t(scale.first));
    this.#pick(scale);
    this.mode = "replay";
    this.alone = alone;
    this.read = Number.NaN;
  }

  /** @param {Scale} scale @param {number} speed */
  choose(scale, speed) {
    const kind = kindOf(scale);
    this.chosen[kind] = this.speeds[kind] = speed;
  }

  /** To the next or the last step. @param {number} by 1 or -1 @param {Scale} steps */
  step(by, steps) {
    const u = steps.u(this.shown(steps));
    this.seek(steps.t(by > 0 ? Math.floor(u + 1e-6) + 1 : Math.ceil(u - 1e-6) - 1), steps);
  }

  /** Let time pass; true while it has to be called again. @param {number} now of the browser @param {Scale} scale */
  tick(now, scale) {
    if (this.mode !== "replay") return false;
    const passed = Number.isNaN(this.read) ? 0 : Math.max(0, Math.min(SLEPT, now - this.read));
    this.read = now;
    const u = scale.u(this.at) + (passed / 1000) * unitsASecond(scale, this.speed(scale));
    const there = this.at >= scale.t(scale.last); // a step that is alone has no way to its end
    if (u >= endOf(scale) || there) this.live();
    else this.at = scale.t(u);
    return this.mode === "replay";
  }

  /** How many seconds a replay still takes. @param {Scale} scale */
  remaining(scale) {
    return (endOf(scale) - scale.u(this.at)) / unitsASecond(scale, this.speed(scale));
  }

  /** A speed that can be followed, unless the person has chosen one. @param {Scale} scale */
  #pick(scale) {
    const kind = kindOf(scale);
    const length = endOf(scale) - scale.u(this.at);
    const fitting = kind === "steps" ? Math.max(PACE, length / LONG) : length / 1000 / LONG;
    this.speeds[kind] = this.chosen[kind] ?? within(fitting, SPEEDS[kind]);
  }
}

/** @param {Scale} scale @returns {Kind} */
export function kindOf(scale) {
  return scale.exact ? "ms" : "steps";
}

/** The last step is half a unit before the end of its scale. */
function endOf(/** @type {Scale} */ scale) {
  return scale.exact ? scale.last : scale.last - 0.5;
}

/** A unit of the scale of ms is a millisecond: a thousand of them a second are as fast as it was. */
function unitsASecond(/** @type {Scale} */ scale, /** @type {number} */ speed) {
  return scale.exact ? speed * 1000 : speed;
}

/** The speed at a place of the slider, from 0 to 1. @param {Kind} kind @param {number} place */
export function speedAt(kind, place) {
  const [least, most] = SPEEDS[kind];
  return least * (most / least) ** place;
}

/** @param {Kind} kind @param {number} speed */
export function placeOfSpeed(kind, speed) {
  const [least, most] = SPEEDS[kind];
  return Math.log(within(speed, SPEEDS[kind]) / least) / Math.log(most / least);
}

/** @param {number} value @param {number[]} bounds */
function within(value, [least, most]) {
  return Math.max(least, Math.min(most, value));
}

/** A speed in words. @param {Kind} kind @param {number} speed */
export function speedWords(kind, speed) {
  if (kind === "steps") return `${rounded(speed)} steps a second`;
  if (Math.abs(speed - 1) < 0.05) return "as fast as it was";
  return speed < 1 ? `${rounded(1 / speed)}× slower` : `${rounded(speed)}× faster`;
}

/** Two digits tell enough. @param {number} value */
function rounded(value) {
  return Number(value.toPrecision(2)).toLocaleString("en-US");
}
