// @ts-check
/** From a time to a place along the diagram, and the part of it that is in sight. No DOM. */

import { startOf } from "./state.js";

/** @typedef {import("./state.js").Message} Message */
/** @typedef {{u(t: number): number, t(u: number): number, first: number, last: number, exact: boolean}} Scale */

/**
 * True to scale: one unit is a millisecond.
 * @param {number} first @param {number} last
 * @returns {Scale}
 */
export function timeScale(first, last) {
  return { u: (t) => t, t: (u) => u, first, last: Math.max(last, first + 0.5), exact: true };
}

/**
 * One unit from each event to the next, however long it took: what lasts 0.3 ms can be seen beside what lasts 2 s.
 * @param {Message[]} messages
 * @returns {Scale}
 */
export function stepScale(messages) {
  const times = eventTimes(messages);
  const n = times.length;
  const u = (/** @type {number} */ t) => {
    if (!n || t <= times[0]) return n && t < times[0] ? -0.5 : 0;
    if (t > times[n - 1]) return n - 0.5;
    let low = 0;
    let high = n - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] < t) low = middle + 1;
      else high = middle;
    }
    return low - (times[low] - t) / (times[low] - times[low - 1]);
  };
  const t = (/** @type {number} */ at) => {
    const i = Math.max(0, Math.min(n - 1, Math.floor(at)));
    if (!n) return 0;
    return times[i] + (i + 1 < n ? Math.max(0, at - i) * (times[i + 1] - times[i]) : 0);
  };
  return { u, t, first: -0.5, last: Math.max(1, n - 0.5), exact: false };
}

/** The distinct times that get a step of their own, in order. @param {Message[]} messages */
export function eventTimes(messages) {
  const times = new Float64Array(messages.length * 4);
  let n = 0;
  for (const message of messages) {
    const start = startOf(message);
    times[n++] = start;
    const finish = message.received ?? message.ended;
    if (finish !== null) times[n++] = finish;
    if (waitsToLeave(message)) times[n++] = /** @type {number} */ (message.left);
    if (liesUnread(message)) times[n++] = /** @type {number} */ (message.arrived);
  }
  const sorted = times.subarray(0, n).sort();
  let kept = 0;
  for (let i = 0; i < n; i++) if (!i || sorted[i] !== sorted[kept - 1]) sorted[kept++] = sorted[i];
  return sorted.subarray(0, kept);
}

/** Did it wait for its receiver longer than it took to get there? @param {Message} message */
export function liesUnread(message) {
  if (message.arrived === null || message.end) return false;
  const waited = (message.received ?? Number.POSITIVE_INFINITY) - message.arrived;
  return waited > 0.5 && waited > message.arrived - startOf(message);
}

/** Did it wait in the sender's queue longer than it was under way? @param {Message} message */
export function waitsToLeave(message) {
  if (message.sent === null || message.left === null) return false;
  const waited = message.left - message.sent;
  return waited > 1 && waited > 3 * ((message.arrived ?? message.left) - message.left);
}

/** The part of a scale that is in sight: from `from` units on, `per` pixels a unit. */
export class Viewport {
  constructor() {
    this.width = 100;
    this.from = 0;
    this.per = 1;
    this.follow = true;
  }

  /** @param {number} u */
  x(u) {
    return (u - this.from) * this.per;
  }

  /** @param {number} x */
  u(x) {
    return this.from + x / this.per;
  }

  /** Show everything. @param {Scale} scale @param {number} most pixels a unit */
  fit(scale, most) {
    const length = scale.last - scale.first;
    this.per = Math.min(most, this.width / length);
    this.from = scale.first;
  }

  /** Show everything while that is readable, and then the newest. @param {Scale} scale @param {number} least @param {number} most */
  chase(scale, least, most) {
    this.fit(scale, most);
    if (this.per < least) {
      this.per = least;
      this.from = scale.last - this.width / least;
    }
  }

  /** @param {number} x the pixel that stays where it is @param {number} factor */
  zoom(x, factor) {
    const u = this.u(x);
    this.per = Math.max(1e-4, Math.min(20_000, this.per * factor));
    this.from = u - x / this.per;
    this.follow = false;
  }

  /** @param {number} pixels @param {Scale} scale @param {number} beyond how far past the ends, in widths */
  pan(pixels, scale, beyond = 0.8) {
    const margin = (this.width * beyond) / this.per;
    const from = this.from + pixels / this.per;
    const most = Math.max(scale.first, scale.last - this.width / this.per) + margin;
    this.from = Math.max(scale.first - margin, Math.min(most, from));
    this.follow = false;
  }
}

/** Round numbers that divide what is in sight. @param {number} from @param {number} to @param {number} most */
export function ticks(from, to, most) {
  const rough = (to - from) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((f) => f * power).find((s) => s >= rough) ?? power * 10;
  const found = [];
  for (let i = Math.ceil(from / step); i * step <= to; i++) found.push(i * step);
  return { step, at: found };
}
