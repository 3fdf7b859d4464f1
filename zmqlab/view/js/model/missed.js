/** What has gone by too fast to be seen: it is shown again, once, when the programs have come to rest. No DOM. */

/** @import { Steps } from "./scale.js" */

export const REST = 500; // ms without news
const FEW = 5_000; // ms: what took longer could be watched as it happened
const PAUSE = 500; // ms: more than that between two steps does not count, nothing went by
const MOST = 240; // steps: more than these nobody watches one by one
const LAG = 6; // s that a replay may take on while news keep coming

export class Missed {
  constructor() {
    this.from = Number.NEGATIVE_INFINITY; // up to here, everything was shown
    this.quiet = 0; // the browser's clock from which on the programs are at rest
  }

  /** There is news. @param {number} now @param {boolean} past it happened before the view was opened */
  news(now, past) {
    this.quiet = now + (past ? 0 : REST);
  }

  /** Everything until now was shown, or left out on purpose. @param {Steps} steps */
  done(steps) {
    this.from = steps.length ? steps.times[steps.end - 1] : this.from;
  }

  /** Where a replay has to begin, or null when there is none to show. @param {Steps} steps */
  next(steps) {
    const first = steps.after(this.from);
    const count = steps.end - first;
    if (!count || count > MOST) return null;
    let took = 0;
    for (let i = first + 1; i < steps.end; i++) took += Math.min(PAUSE, steps.times[i] - steps.times[i - 1]);
    return took < FEW ? steps.times[first] : null;
  }

  /** News have come while a replay runs by itself: is it too far behind? @param {number} seconds that it still takes */
  static late(seconds) {
    return seconds > LAG;
  }
}
