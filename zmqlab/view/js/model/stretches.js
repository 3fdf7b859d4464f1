/** Stretches of time, in their order and apart from each other. No DOM. */

import { firstNot } from "./search.js";

export class Stretches {
  /** @param {number} apart ms: what is nearer to each other is one stretch */
  constructor(apart) {
    this.apart = apart;
    this.starts = /** @type {number[]} */ ([]);
    this.ends = /** @type {number[]} */ ([]);
  }

  get length() {
    return this.starts.length;
  }

  /** @param {number} from @param {number} to */
  add(from, to) {
    const { starts, ends, apart } = this;
    const first = firstAtLeast(ends, from - apart);
    let after = first;
    while (after < starts.length && starts[after] <= to + apart) after++;
    if (first === after) {
      starts.splice(first, 0, from);
      ends.splice(first, 0, to);
      return;
    }
    starts[first] = Math.min(starts[first], from);
    ends[first] = Math.max(ends[after - 1], to);
    if (after > first + 1) {
      starts.splice(first + 1, after - first - 1);
      ends.splice(first + 1, after - first - 1);
    }
  }

  /** Let go of what was over before a time. @param {number} time */
  drop(time) {
    const first = firstAtLeast(this.ends, time);
    this.starts.splice(0, first);
    this.ends.splice(0, first);
  }

  /** Does one of them reach into this time? @param {number} from @param {number} to */
  touch(from, to) {
    const first = firstAtLeast(this.ends, from);
    return first < this.length && this.starts[first] < to && this.ends[first] > from;
  }

  copy() {
    const made = new Stretches(this.apart);
    made.starts = this.starts.slice();
    made.ends = this.ends.slice();
    return made;
  }
}

/** The place of the first number that is not less. Most that is new is of now: the end is looked at first. @param {number[]} sorted @param {number} least */
function firstAtLeast(sorted, least) {
  const { length } = sorted;
  if (!length || sorted[length - 1] < least) return length;
  return firstNot(0, length, (place) => sorted[place] < least);
}
