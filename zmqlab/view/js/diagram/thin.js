/** Thousands of messages on a few hundred pixels: those that would be drawn alike are drawn once. No DOM. */

/** @import { Columns } from "../model/columns.js" */
/** @import { Scale, Viewport } from "../model/scale.js" */
/** @import { State } from "../model/state.js" */

const EDGE = 60; // px beyond which it does not matter how far out of sight something is
const COARSEST = 32; // px
const CROWD = 20; // times as many as there may be
const SHARED = 8; // looks that share a pixel, from which on it pays to look at them coarser at once

/** The places along the scale at which each message starts, leaves, lands and ends; made anew when something changed. */
export class Places {
  constructor() {
    this.columns = /** @type {Columns|null} */ (null);
    this.scale = /** @type {Scale|null} */ (null);
    this.version = -1;
    this.start = this.gone = this.land = this.finish = new Float64Array(0);
  }

  /** @param {State} state @param {Scale} scale */
  update({ columns, now }, scale) {
    if (this.columns === columns && this.scale === scale && this.version === columns.version) return;
    this.columns = columns;
    this.scale = scale;
    this.version = columns.version;
    const { length, start, gone, finish } = columns;
    const at =
      scale.exact && !scale.lulls.length
        ? (/** @type {number} */ time) => Math.min(time, now)
        : (/** @type {number} */ time) => scale.u(Math.min(time, now));
    if (this.start.length < length)
      [this.start, this.gone, this.land, this.finish] = [0, 1, 2, 3].map(() => new Float64Array(length * 1.5));
    for (let i = 0; i < length; i++) {
      const land = columns.land(i, scale.exact);
      this.start[i] = at(start[i]);
      this.gone[i] = gone[i] === start[i] ? this.start[i] : at(gone[i]);
      this.finish[i] = at(finish[i]);
      this.land[i] = land === finish[i] ? this.finish[i] : at(land);
    }
  }
}

/**
 * Of these messages, as few as look like all of them, at most about `most`; each stands for a strip of `grain` px.
 * @param {State} state @param {number[]} some places in the list @param {Places} places @param {Viewport} view
 * @param {number[]} looks which lanes a way connects, by the number of the way @param {number} most
 */
export function thinned(state, some, places, view, looks, most) {
  let grain = some.length > most * CROWD ? 4 : 1; // as fine as may be, but there is no time to look at all too often
  for (;;) {
    const found = alike(state, some, places, view, looks, grain);
    if (found.length <= most || grain >= COARSEST) return { found, grain };
    grain *= found.length > most * SHARED ? 4 : 2;
  }
}

/** @param {State} state @param {number[]} some @param {Places} places @param {Viewport} view @param {number[]} looks @param {number} grain px */
function alike({ columns }, some, places, view, looks, grain) {
  const { way } = columns;
  const { start, gone, land, finish } = places;
  const { from, per, width } = view;
  const most = Math.ceil((width + 2 * EDGE) / grain) + 1;
  const drawn = new Float64Array((Math.max(...looks) + 1) * most).fill(-1);
  const place = (/** @type {number} */ u) => {
    const x = (u - from) * per + EDGE;
    return x < 0 ? 0 : x > width + 2 * EDGE ? most - 1 : (x / grain) | 0;
  };
  const found = [];
  for (const i of some) {
    const at = place(gone[i]);
    const look = (place(start[i]) * most + place(land[i])) * most + place(finish[i]);
    const slot = looks[way[i]] * most + at;
    if (drawn[slot] === look) continue;
    drawn[slot] = look;
    found.push(i);
  }
  return found;
}
