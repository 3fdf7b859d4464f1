/** From a time to a place along the diagram, and the part of it that is in sight. No DOM. */

import { OUTSIDE, startOf } from "./message.js";
import { firstNot } from "./search.js";

/** @import { Message } from "./message.js" */
/** @typedef {{from: number, to: number, shrunk: number, lies: boolean}} Lull  ms; `shrunk`: how long it is drawn, `lies`: something lay there meanwhile */
/** @typedef {{u(t: number): number, t(u: number): number, first: number, last: number, exact: boolean, lulls: Lull[]}} Scale */

/**
 * True to scale: one unit is a millisecond, but for the lulls, which are shorter than they lasted.
 * @param {number} first @param {number} last @param {Lull[]} lulls in order, apart from each other
 * @returns {Scale}
 */
export function timeScale(first, last, lulls = []) {
  let cut = 0; // ms that the lulls before have taken away
  const pieces = lulls.map(({ from, to, shrunk }) => {
    const piece = { from, to, at: from - cut, end: from - cut + shrunk, rate: shrunk / (to - from) };
    cut += to - from - shrunk;
    return piece;
  });
  const [froms, ats] = [pieces.map(({ from }) => from), pieces.map(({ at }) => at)];
  /** The last lull that begins before. @param {number[]} begins @param {number} value */
  const before = (begins, value) => {
    const after = firstNot(0, begins.length, (place) => begins[place] < value);
    return after ? pieces[after - 1] : undefined;
  };
  const u = (/** @type {number} */ time) => {
    const lull = before(froms, time);
    if (!lull) return time;
    return time < lull.to ? lull.at + (time - lull.from) * lull.rate : lull.end + time - lull.to;
  };
  const end = Math.max(last, first + 0.5);
  const longest = u(end);
  const t = (/** @type {number} */ place) => {
    if (place === longest) return end; // without what the sums round
    const lull = before(ats, place);
    if (!lull) return place;
    return place < lull.end ? lull.from + (place - lull.at) / lull.rate : lull.to + place - lull.end;
  };
  return { u, t, first, last: longest, exact: true, lulls };
}

/** The place of the first lull that is not over at a time. @param {Lull[]} lulls @param {number} time */
export function lullAfter(lulls, time) {
  return firstNot(0, lulls.length, (place) => lulls[place].to < time);
}

/** The times that get a step of their own, kept in order while messages come and go. */
export class Steps {
  constructor() {
    this.times = new Float64Array(1024);
    this.first = 0; // times before this one are of messages that were dropped
    this.end = 0;
    this.sorted = 0; // times before this one are in order
    /** @type {WeakMap<Message, number>} which times of a message are in already, as bits */
    this.known = new WeakMap();
  }

  get length() {
    return this.end - this.first;
  }

  /** Take in messages that are new or have changed. @param {Message[]} changed */
  add(changed) {
    let earliest = Number.POSITIVE_INFINITY;
    for (const message of changed) {
      const known = this.known.get(message) ?? 0;
      let bits = known;
      for (const [bit, time] of stepsOf(message)) {
        if (time === null || known & bit) continue;
        bits |= bit;
        this.#append(time);
        earliest = Math.min(earliest, time);
      }
      this.known.set(message, bits);
    }
    if (earliest < Number.POSITIVE_INFINITY) this.#sort(earliest);
  }

  /** Let go of what was before a time. @param {number} time */
  drop(time) {
    while (this.first < this.end && this.times[this.first] < time) this.first++;
  }

  /** @param {number} time */
  #append(time) {
    if (this.end === this.times.length) {
      const kept = this.times.subarray(this.first, this.end);
      this.times = new Float64Array(Math.max(1024, kept.length * 2));
      this.times.set(kept);
      this.end -= this.first;
      this.sorted = Math.max(0, this.sorted - this.first);
      this.first = 0;
    }
    this.times[this.end++] = time;
  }

  /** Only the end is out of order: most news are of now. @param {number} earliest of the times appended */
  #sort(earliest) {
    const { times } = this;
    const from = this.#place(earliest);
    times.subarray(from, this.end).sort();
    let kept = Math.max(from, this.first + 1);
    for (let i = kept; i < this.end; i++) if (times[i] !== times[kept - 1]) times[kept++] = times[i];
    this.end = this.sorted = kept;
  }

  /** The place of the first step after a time. @param {number} time */
  after(time) {
    const place = this.#place(time);
    return place < this.end && this.times[place] === time ? place + 1 : place;
  }

  /** Where a time belongs among those that are in order. @param {number} time */
  #place(time) {
    return firstNot(this.first, Math.max(this.first, this.sorted), (place) => this.times[place] < time);
  }
}

/** @param {Message} message @returns {[number, number|null][]} a bit for each step, and its time */
function stepsOf(message) {
  return [
    [1, startOf(message)],
    [2, message.received ?? message.ended ?? (message.place === OUTSIDE ? message.arrived : null)],
    [4, waitsToLeave(message) ? message.left : null],
    [8, message.received !== null && liesUnread(message) ? message.arrived : null],
  ];
}

/**
 * One unit from each event to the next, however long it took: what lasts 0.3 ms can be seen beside what lasts 2 s.
 * @param {Steps} steps @param {Lull[]} lulls which are marked here
 * @returns {Scale}
 */
export function stepScale(steps, lulls = []) {
  const times = steps.times.subarray(steps.first, steps.end);
  const n = times.length;
  const u = (/** @type {number} */ t) => {
    if (!n || t <= times[0]) return n && t < times[0] ? -0.5 : 0;
    if (t > times[n - 1]) return n - 0.5;
    const place = firstNot(0, n - 1, (one) => times[one] < t);
    return place - (times[place] - t) / (times[place] - times[place - 1]);
  };
  const t = (/** @type {number} */ at) => {
    const i = Math.max(0, Math.min(n - 1, Math.floor(at)));
    if (!n) return 0;
    return times[i] + (i + 1 < n ? Math.max(0, at - i) * (times[i + 1] - times[i]) : 0);
  };
  return { u, t, first: -0.5, last: Math.max(1, n - 0.5), exact: false, lulls };
}

/** Did it wait for its receiver longer than it took to get there? @param {Message} message */
export function liesUnread(message) {
  if (message.arrived === null || message.end || message.place === OUTSIDE) return false;
  const waited = (message.received ?? Number.POSITIVE_INFINITY) - message.arrived;
  return waited > 0.5 && waited > message.arrived - startOf(message);
}

/** Did it wait in the sender's queue longer than it was under way? @param {Message} message */
export function waitsToLeave(message) {
  if (message.sent === null || message.left === null) return false;
  const waited = message.left - message.sent;
  return waited > 1 && waited > 3 * ((message.arrived ?? message.left) - message.left);
}

/** Room beside the first and the last event when all are shown: half a mark, and the cross of a drop. */
export const MARGIN = { left: 8, right: 34 };

const CLOSEST = 20_000; // px a unit
const AHEAD = 0.7; // of the width lies before the place that is followed

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

  /** Show everything from a place on. @param {Scale} scale @param {number} most pixels a unit @param {number} first */
  fit(scale, most, first = scale.first) {
    const length = Math.max(1e-3, scale.last - first);
    this.per = Math.min(most, Math.max(10, this.width - MARGIN.left - MARGIN.right) / length);
    this.from = first - MARGIN.left / this.per;
  }

  /** Show what lies between two places, and no more. @param {number} from @param {number} to */
  show(from, to) {
    this.per = Math.min(CLOSEST, this.width / (to - from));
    this.from = from;
    this.follow = false;
  }

  /**
   * Show everything from a place on while that is readable, and then what is around another.
   * @param {Scale} scale @param {number} least @param {number} most @param {number} u @param {number} first
   */
  chase(scale, least, most, u = scale.last, first = scale.first) {
    this.fit(scale, most, Math.min(first, u));
    if (this.per >= least) return;
    this.per = least;
    const newest = scale.last - (this.width - MARGIN.right) / least;
    const around = u - (this.width * AHEAD) / least;
    this.from = Math.max(scale.first - MARGIN.left / least, Math.min(newest, around));
  }

  /** @param {number} x the pixel that stays where it is @param {number} factor */
  zoom(x, factor) {
    const u = this.u(x);
    this.per = Math.max(1e-4, Math.min(CLOSEST, this.per * factor));
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
  return multiples(stepOf(from, to, most), from, to);
}

/** Places of round times in sight; in a lull there are none. @param {Scale} scale @param {number} from @param {number} to @param {number} most */
export function timeTicks(scale, from, to, most) {
  const step = stepOf(from, to, most);
  const end = scale.t(to);
  const found = [];
  let begin = scale.t(from);
  for (let i = lullAfter(scale.lulls, begin); i < scale.lulls.length && scale.lulls[i].from < end; i++) {
    found.push(...multiples(step, begin, scale.lulls[i].from));
    begin = Math.max(begin, scale.lulls[i].to);
  }
  found.push(...multiples(step, begin, end));
  return found.map(scale.u);
}

/** @param {number} from @param {number} to @param {number} most */
function stepOf(from, to, most) {
  const rough = (to - from) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((f) => f * power).find((s) => s >= rough) ?? power * 10;
}

/** @param {number} step @param {number} from @param {number} to */
function multiples(step, from, to) {
  const found = [];
  for (let i = Math.ceil(from / step); i * step <= to; i++) found.push(i * step);
  return found;
}
