/** The space-time diagram as lines and boxes in pixels: only what is in sight, and what the mouse can hit. No DOM. */

import { OUTSIDE, startOf, tintOf } from "../model/message.js";
import { liesUnread, lullAfter, waitsToLeave } from "../model/scale.js";
import { duration } from "../model/words.js";
import { labelsOf } from "./labels.js";
import { thinned } from "./thin.js";

/** @import { Mark, Message } from "../model/message.js" */
/** @import { Scale, Viewport } from "../model/scale.js" */
/** @import { State } from "../model/state.js" */
/** @import { Label } from "./labels.js" */
/** @import { Places } from "./thin.js" */
/**
 * @typedef {object} Arrow
 * @property {Message} message @property {number} tint
 * @property {number} x0 sent @property {number} x1 gone from the sender's lane @property {number} y1
 * @property {number} x2 landed @property {number} y2 @property {number} x3 received, or still unread
 * @property {"" | "open" | "dropped" | "lost" | "unsent"} end
 * @property {boolean} [dim] it is not what the person looks at
 */
/** @typedef {{x1: number, x2: number, y: number, tint: number, dim?: boolean}} Bar */
/** @typedef {{x: number, y: number, mark: Mark}} Flag */
/** @typedef {{x1: number, x2: number, y: number, text: string}} HangBox */
/** @typedef {{x1: number, x2: number, text: string}} LullStrip */
/**
 * @typedef {{arrows: Arrow[], bars: Bar[], labels: Label[], flags: Flag[], hangs: HangBox[], lulls: LullStrip[], merged: number,
 *   grains: {bright: number, dim: number}}} Scene  merged: not drawn, since others look the same; grains: px that an arrow stands for
 */
/**
 * @typedef {object} Plot  what a scene is drawn by
 * @property {Scale} scale
 * @property {Viewport} view
 * @property {Map<string, number>} laneY @property {number} laneHeight
 * @property {Map<string, number>} tints
 * @property {Places} places
 * @property {((message: Message) => boolean)|null} [lit] what the person looks at, where that is not everything
 */

const LABELLED = 250; // arrows in sight that still get a label
const MERGE = 1_500; // arrows in sight from which on those that look the same are drawn once
const STUB = 22; // px
const APART = 2; // px between two lulls that are drawn

/** @param {State} state @param {Plot} plot @returns {Scene} */
export function sceneOf(state, plot) {
  const { scale, view } = plot;
  const from = scale.t(Math.max(scale.first, view.u(-40)));
  const to = scale.t(Math.min(scale.last, view.u(view.width + 40)));
  const visible = state.columns.between(from, to);
  const { bright, dim } = parted(state, visible, plot);
  const some = [...dim.found, ...bright.found];
  /** @type {Scene} */
  const scene = {
    arrows: [],
    bars: [],
    labels: [],
    flags: [],
    hangs: [],
    lulls: lullsOf(plot, from, to),
    merged: visible.length - some.length,
    grains: { bright: bright.grain, dim: dim.grain },
  };
  for (const [place, i] of some.entries()) {
    const message = state.list[i];
    const arrow = arrowOf(state, message, plot);
    if (!arrow) continue;
    if (place < dim.found.length) arrow.dim = true;
    scene.arrows.push(arrow);
    const bar = barOf(state, message, plot, arrow);
    if (bar) scene.bars.push(bar);
  }
  scene.flags = flagsOf(state, plot, from, to);
  scene.hangs = hangsOf(state, plot);
  const slanted = scene.arrows.filter((arrow) => !arrow.dim && arrow.x2 >= 0 && arrow.x1 <= view.width);
  if (slanted.length <= LABELLED) scene.labels = labelsOf(slanted, view.width);
  return scene;
}

/** What the person looks at and the rest, each as few as look like all of them. @param {State} state @param {number[]} visible @param {Plot} plot */
function parted(state, visible, plot) {
  const { lit } = plot;
  const few = (/** @type {number[]} */ some) =>
    some.length > MERGE ? fewer(state, some, plot) : { found: some, grain: 1 };
  if (!lit) return { bright: few(visible), dim: few([]) };
  const shines = visible.map((i) => lit(state.list[i]));
  return { bright: few(visible.filter((_, i) => shines[i])), dim: few(visible.filter((_, i) => !shines[i])) };
}

/** @param {State} state @param {number[]} visible @param {Plot} plot */
function fewer(state, visible, { scale, view, laneY, places }) {
  /** @type {Map<string, number>} */
  const kinds = new Map();
  const looks = state.columns.ways.map((message) => {
    const lanes = [message.sender, message.receiver].map((name) => laneY.get(name));
    const kind = `${lanes} ${message.end}`;
    if (!kinds.has(kind)) kinds.set(kind, kinds.size);
    return /** @type {number} */ (kinds.get(kind));
  });
  places.update(state, scale);
  return thinned(state, visible, places, view, looks, MERGE);
}

/**
 * @param {State} state @param {Message} message @param {Plot} plot
 * @returns {Arrow|null}
 */
export function arrowOf(state, message, { scale, view, laneY, laneHeight, tints }) {
  const y1 = laneY.get(message.sender);
  if (y1 === undefined) return null;
  const target = laneY.get(message.receiver);
  const at = (/** @type {number} */ time) => view.x(scale.u(time));
  const x0 = at(startOf(message));
  const x1 = waitsToLeave(message) ? at(/** @type {number} */ (message.left)) : x0;
  const tint = tintOf(tints, message);
  const arrow = { message, tint, x0, x1, y1 };
  if (message.received === null && (message.end || message.arrived === null)) {
    const end = message.end ? at(message.ended ?? startOf(message)) : x1;
    const down = target === undefined || target > y1 ? 1 : -1;
    const x2 = Math.max(end, x1 + STUB);
    const y2 = y1 + down * laneHeight * 0.42;
    const named = /** @type {Arrow["end"]} */ (message.end || "open");
    return { ...arrow, x2, y2, x3: x2, end: named };
  }
  if (target === undefined) return null;
  const outside = message.place === OUTSIDE;
  const x3 = at(message.received ?? (outside ? /** @type {number} */ (message.arrived) : state.now));
  const exact = message.arrived !== null && (scale.exact || liesUnread(message));
  const x2 = exact ? at(/** @type {number} */ (message.arrived)) : x3;
  return { ...arrow, x2: Math.max(x1, x2), y2: target, x3: Math.max(x1, x3), end: "" };
}

/** @param {State} state @param {Message} message @param {Plot} plot @param {Arrow} arrow */
function barOf(state, message, { scale, view, laneY }, arrow) {
  const work = message.work;
  if (!work) return null;
  const x1 = view.x(scale.u(work.start));
  const x2 = view.x(scale.u(work.end ?? state.now));
  const y = laneY.get(work.actor);
  return y === undefined || x2 - x1 < 1.5 ? null : { x1, x2, y, tint: arrow.tint, dim: arrow.dim };
}

/** Where an actor hung. @param {State} state @param {Plot} plot @returns {HangBox[]} */
function hangsOf(state, { scale, view, laneY }) {
  const found = [];
  for (const { actor, start, end } of state.hangs.values()) {
    const y = laneY.get(actor);
    const x1 = view.x(scale.u(start));
    const x2 = Math.max(x1 + 4, view.x(scale.u(end ?? state.now)));
    if (y === undefined || x2 < 0 || x1 > view.width) continue;
    const lasted = (end ?? state.now) - start;
    found.push({ x1, x2, y, text: end === null ? "hung" : `hung for ${duration(lasted)}` });
  }
  return found;
}

/**
 * The lulls in sight, and how long each was. Where something lay there meanwhile, it is not called idle.
 * @param {Plot} plot @param {number} from ms @param {number} to @returns {LullStrip[]}
 */
function lullsOf({ scale, view }, from, to) {
  const strips = [];
  let free = Number.NEGATIVE_INFINITY;
  for (let i = lullAfter(scale.lulls, from); i < scale.lulls.length && scale.lulls[i].from <= to; i++) {
    const { from: begin, to: end, lies } = scale.lulls[i];
    const x1 = view.x(scale.u(begin));
    if (x1 < free) continue; // it cannot be told from the one before
    const x2 = view.x(scale.u(end));
    free = x2 + APART;
    strips.push({ x1, x2, text: `${duration(end - begin)} ${lies ? "unchanged" : "idle"}` });
  }
  return strips;
}

/** @param {State} state @param {Plot} plot @param {number} from @param {number} to */
function flagsOf(state, { scale, view, laneY }, from, to) {
  const flags = [];
  for (const mark of state.marks) {
    const y = laneY.get(mark.actor);
    if (y === undefined || mark.time < from || mark.time > to) continue;
    flags.push({ x: view.x(scale.u(mark.time)), y, mark });
  }
  return flags;
}

/**
 * The message at a point, or null.
 * @param {Scene} scene @param {number} x @param {number} y
 */
export function hit(scene, x, y) {
  let best = null;
  let nearest = 8;
  for (const arrow of scene.arrows) {
    const distance = Math.min(
      distanceTo(x, y, arrow.x0, arrow.y1, arrow.x1, arrow.y1),
      distanceTo(x, y, arrow.x1, arrow.y1, arrow.x2, arrow.y2),
      distanceTo(x, y, arrow.x2, arrow.y2, arrow.x3, arrow.y2),
    );
    if (distance < nearest) {
      nearest = distance;
      best = arrow.message;
    }
  }
  if (nearest < 2.5) return best;
  const under = (/** @type {Label} */ label) =>
    x >= label.x - 2 && x <= label.x + label.width + 2 && Math.abs(y - label.y) < 9;
  return scene.labels.find(under)?.message ?? best;
}

/** The remark at a point, or null. @param {Scene} scene @param {number} x @param {number} y */
export function flagAt(scene, x, y) {
  return scene.flags.find((flag) => Math.abs(flag.x - x) < 6 && y > flag.y - 18 && y < flag.y - 1)?.mark ?? null;
}

/** The lull at a place, or null. @param {Scene} scene @param {number} x */
export function lullAt(scene, x) {
  return scene.lulls.find(({ x1, x2 }) => x >= x1 - 2 && x <= x2 + 2) ?? null;
}

/** From a point to a segment. @param {number} x @param {number} y @param {number} ax @param {number} ay @param {number} bx @param {number} by */
function distanceTo(x, y, ax, ay, bx, by) {
  const dx = bx - ax;
  const dy = by - ay;
  const length = dx * dx + dy * dy;
  const t = length ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}
