/** Replays that start by themselves: what went by too fast to be seen is shown again, once, when the programs are at rest. */

import { Missed } from "./model/missed.js";

/** @import { Diagram } from "./diagram/diagram.js" */
/** @import { Clock } from "./model/clock.js" */
/** @import { State } from "./model/state.js" */

export class Replays {
  /** @param {State} state @param {Clock} clock @param {Diagram} diagram */
  constructor(state, clock, diagram) {
    this.state = state;
    this.clock = clock;
    this.diagram = diagram;
    this.missed = new Missed();
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
  }

  /** One that runs keeps nobody from what is new. @param {boolean} past it happened before the view was opened */
  news(past) {
    const { clock, diagram, missed } = this;
    missed.news(performance.now(), past);
    if (!clock.alone) return;
    diagram.rescale();
    if (!this.state.held && !Missed.late(clock.remaining(diagram.scale))) return;
    missed.from = clock.at;
    clock.live();
  }

  /** How long it still takes until the programs are at rest, in ms. Who holds messages back is looking at them. @param {number} now */
  restIn(now) {
    return this.state.held ? 0 : Math.max(0, this.missed.quiet - now);
  }

  /** Start one, if there is something to be shown again. */
  start() {
    const { clock, diagram, missed, state, still } = this;
    const from = state.held || still.matches ? null : missed.next(diagram.steps);
    if (from === null) this.skip();
    else clock.play(diagram.scale, Math.max(from, diagram.beginOf()), true); // of earlier runs nobody speaks any more
    return from !== null;
  }

  /** Nothing until now needs to be shown again. */
  skip() {
    this.missed.done(this.diagram.steps);
  }
}
