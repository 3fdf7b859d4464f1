// @ts-check
/** Draws a scene on a canvas. */

import { TINTS } from "./theme.js";
import { BROKEN, count, milliseconds } from "./words.js";
import { ticks } from "./scale.js";

/** @typedef {import("./scene.js").Scene} Scene */
/** @typedef {import("./scene.js").Arrow} Arrow */
/** @typedef {import("./theme.js").Theme} Theme */

export const AXIS = 40; // px below the lanes
const CROWD = 0.4; // how opaque an arrow is that stands for many

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Scene} scene
 * @param {import("./scene.js").Frame & {theme: Theme, gutter: number, height: number, selected: number|null,
 *   hovered: number|null, actors: Map<string, import("./state.js").Actor>, now: number, live: boolean}} frame
 */
export function paint(ctx, scene, frame) {
  const { theme, gutter, height, view } = frame;
  ctx.clearRect(0, 0, gutter + view.width, height);
  lanes(ctx, frame);
  ctx.save();
  ctx.beginPath();
  ctx.rect(gutter, 0, view.width, height);
  ctx.clip();
  ctx.translate(gutter, 0);
  axis(ctx, frame);
  bars(ctx, scene, theme);
  const dim = scene.arrows.filter((arrow) => arrow.dim);
  const bright = dim.length ? scene.arrows.filter((arrow) => !arrow.dim) : scene.arrows;
  arrows(ctx, dim, theme.faint, theme, scene.grains.dim);
  crosses(ctx, dim, { ...theme, red: theme.faint });
  for (let tint = 0; tint < TINTS; tint++) {
    const same = bright.filter((arrow) => arrow.tint % TINTS === tint);
    if (same.length) arrows(ctx, same, theme.tints[tint], theme, scene.grains.bright);
  }
  hangs(ctx, scene, frame);
  crosses(ctx, bright, theme);
  flags(ctx, scene, theme);
  labels(ctx, scene, theme);
  alike(ctx, scene, frame);
  const chosen = scene.arrows.filter((a) => a.message.id === frame.selected || a.message.id === frame.hovered);
  for (const arrow of chosen) highlight(ctx, arrow, theme, arrow.message.id === frame.selected);
  crosses(ctx, chosen, theme); // once more, above the highlight
  ctx.restore();
}

function lanes(/** @type {CanvasRenderingContext2D} */ ctx, /** @type {any} */ frame) {
  const { theme, gutter, view, laneY, actors, scale } = frame;
  ctx.textBaseline = "middle";
  for (const [name, y] of laneY) {
    const actor = actors.get(name);
    const failed = BROKEN.includes(actor?.state);
    ctx.font = `600 12px ${theme.font}`;
    ctx.fillStyle = failed ? theme.red : theme.ink;
    ctx.fillText(fitted(ctx, failed ? `✖ ${name}` : name, gutter - 20), 4, y);
    ctx.strokeStyle = theme.faint;
    ctx.lineWidth = 1;
    for (const [start, end] of actor?.earlier ?? []) {
      const [a, b] = [start, end].map((time) => Math.max(0, Math.min(view.width, view.x(scale.u(time)))));
      if (b > a) stroke(ctx, gutter + a, y, gutter + b, y, []);
    }
    const from = Math.max(0, Math.min(view.width, actor ? view.x(scale.u(actor.started)) : 0));
    const to = actor?.ended != null ? Math.min(view.width, view.x(scale.u(actor.ended))) : view.width;
    stroke(ctx, gutter, y, gutter + view.width, y, [1, 5]);
    if (to > from) stroke(ctx, gutter + from, y, gutter + to, y, []);
  }
}

/** The time axis; in steps it still tells the true time of some of them. */
function axis(/** @type {CanvasRenderingContext2D} */ ctx, /** @type {any} */ frame) {
  const { theme, height, view, scale } = frame;
  const y = height - AXIS + 14;
  ctx.strokeStyle = theme.faint;
  ctx.lineWidth = 1;
  stroke(ctx, 0, y, view.width, y, []);
  ctx.font = `11px ${theme.font}`;
  ctx.textBaseline = "top";
  ctx.textAlign = "center";
  ctx.fillStyle = theme.soft;
  const from = Math.max(scale.first, view.u(0));
  const to = Math.min(scale.last, view.u(view.width));
  const marks = ticks(from, to, view.width / 92);
  const at = scale.exact ? marks.at : marks.at.filter((u) => Number.isInteger(u) && u <= scale.last - 0.5);
  const texts = milliseconds(at.map((u) => scale.t(u)));
  at.forEach((u, i) => {
    const x = view.x(u);
    stroke(ctx, x, y - 3, x, y + 3, []);
    if (x > 26 && x < view.width - 22) ctx.fillText(texts[i], x, y + 7);
  });
  if (frame.live) {
    ctx.strokeStyle = theme.focus;
    const x = view.x(scale.exact ? frame.now : scale.last);
    stroke(ctx, x, 6, x, y, [3, 3]);
  }
  ctx.textAlign = "start";
}

function bars(/** @type {CanvasRenderingContext2D} */ ctx, /** @type {Scene} */ scene, /** @type {Theme} */ theme) {
  ctx.globalAlpha = 0.32;
  for (const bar of scene.bars) {
    ctx.fillStyle = bar.dim ? theme.faint : theme.tints[bar.tint % TINTS];
    ctx.beginPath();
    ctx.roundRect(bar.x1, bar.y - 6, bar.x2 - bar.x1, 12, 3);
    ctx.fill();
  }
  ctx.globalAlpha = 1;
}

/** A dashed box with words for the time in which an actor hung. */
function hangs(/** @type {CanvasRenderingContext2D} */ ctx, /** @type {Scene} */ scene, /** @type {any} */ frame) {
  const { theme, view } = frame;
  ctx.font = `11px ${theme.font}`;
  ctx.textBaseline = "middle";
  for (const hang of scene.spans) {
    ctx.fillStyle = theme.ground;
    ctx.strokeStyle = theme.hang;
    ctx.lineWidth = 1.4;
    ctx.beginPath();
    ctx.roundRect(hang.x1, hang.y - 8, hang.x2 - hang.x1, 16, 3);
    ctx.fill();
    ctx.globalAlpha = 0.22;
    ctx.fillStyle = theme.hang;
    ctx.fill();
    ctx.globalAlpha = 1;
    ctx.setLineDash([4, 3]);
    ctx.stroke();
    ctx.setLineDash([]);
    const from = Math.max(4, hang.x1 + 6);
    const room = Math.min(view.width, hang.x2) - from;
    ctx.fillStyle = theme.ink;
    const inside = ctx.measureText(hang.text).width <= room;
    if (inside) ctx.fillText(hang.text, from, hang.y);
    else ctx.fillText(hang.text, hang.x1, hang.y + 17);
  }
}

/** All arrows of one tint in a few strokes: a stroke each would be too slow for thousands. */
function arrows(
  /** @type {CanvasRenderingContext2D} */ ctx,
  /** @type {Arrow[]} */ same,
  /** @type {string} */ colour,
  /** @type {Theme} */ theme,
  /** @type {number} */ grain,
) {
  const crowd = grain > 1; // each stands for all on a strip so wide
  ctx.strokeStyle = ctx.fillStyle = colour;
  ctx.lineWidth = crowd ? grain : 1.6;
  if (crowd) ctx.globalAlpha = CROWD;
  flight(
    ctx,
    same.filter((a) => !a.end && a.message.certain),
    [],
  );
  flight(
    ctx,
    same.filter((a) => !a.end && !a.message.certain),
    [5, 4],
  );
  flight(
    ctx,
    same.filter((a) => a.end),
    [2, 3],
  );
  ctx.globalAlpha = 1;
  ctx.beginPath();
  if (!crowd) for (const arrow of same) if (!arrow.end) head(ctx, arrow);
  ctx.fill();
  ctx.lineWidth = 5;
  ctx.beginPath();
  for (const arrow of same) {
    if (arrow.x3 - arrow.x2 > 1) line(ctx, arrow.x2, arrow.y2, arrow.x3, arrow.y2);
  }
  ctx.stroke();
  ctx.globalAlpha = 0.45;
  ctx.beginPath();
  for (const arrow of same) if (arrow.x1 - arrow.x0 > 1) line(ctx, arrow.x0, arrow.y1, arrow.x1, arrow.y1);
  ctx.stroke();
  ctx.globalAlpha = 1;
  for (const arrow of same) if (arrow.end === "open") dot(ctx, arrow.x2, arrow.y2, colour, theme.ground);
}

function flight(
  /** @type {CanvasRenderingContext2D} */ ctx,
  /** @type {Arrow[]} */ some,
  /** @type {number[]} */ dash,
) {
  if (!some.length) return;
  ctx.setLineDash(dash);
  ctx.beginPath();
  for (const arrow of some) line(ctx, arrow.x1, arrow.y1, arrow.x2, arrow.y2);
  ctx.stroke();
  ctx.setLineDash([]);
}

function head(/** @type {CanvasRenderingContext2D} */ ctx, /** @type {Arrow} */ arrow) {
  const dx = arrow.x2 - arrow.x1;
  const dy = arrow.y2 - arrow.y1;
  const length = Math.hypot(dx, dy);
  if (length < 12) return;
  const ux = dx / length;
  const uy = dy / length;
  ctx.moveTo(arrow.x2, arrow.y2);
  ctx.lineTo(arrow.x2 - 8 * ux - 3.4 * uy, arrow.y2 - 8 * uy + 3.4 * ux);
  ctx.lineTo(arrow.x2 - 8 * ux + 3.4 * uy, arrow.y2 - 8 * uy - 3.4 * ux);
  ctx.closePath();
}

function crosses(/** @type {CanvasRenderingContext2D} */ ctx, /** @type {Arrow[]} */ some, /** @type {Theme} */ theme) {
  ctx.strokeStyle = theme.red;
  ctx.lineWidth = 2.4;
  ctx.beginPath();
  for (const { end, x2, y2 } of some) {
    if (!end || end === "open") continue;
    line(ctx, x2 - 4, y2 - 4, x2 + 4, y2 + 4);
    line(ctx, x2 - 4, y2 + 4, x2 + 4, y2 - 4);
  }
  ctx.stroke();
}

/** Prints are dots above the lane, notes are flags with their words, errors red crosses. */
function flags(/** @type {CanvasRenderingContext2D} */ ctx, /** @type {Scene} */ scene, /** @type {Theme} */ theme) {
  ctx.font = `11px ${theme.font}`;
  ctx.textBaseline = "middle";
  let free = Number.NEGATIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const { x, y, mark } of scene.flags) {
    const error = mark.kind === "error";
    if (!error && x - last < 1) continue;
    last = x;
    ctx.fillStyle = ctx.strokeStyle = error ? theme.red : theme.soft;
    if (mark.kind === "print") {
      ctx.beginPath();
      ctx.arc(x, y - 11, 2, 0, 7);
      ctx.fill();
      continue;
    }
    ctx.lineWidth = 1.4;
    stroke(ctx, x, y, x, y - 16, []);
    if (x < free) continue;
    const words = fitted(ctx, error ? "✖ failed" : mark.text, 130);
    ctx.fillText(words, x + 4, y - 13);
    free = x + ctx.measureText(words).width + 10;
  }
}

/** What is not drawn because it would look the same is counted. */
function alike(/** @type {CanvasRenderingContext2D} */ ctx, /** @type {Scene} */ scene, /** @type {any} */ frame) {
  if (!scene.merged) return;
  const { theme, view } = frame;
  ctx.font = `11px ${theme.font}`;
  ctx.textBaseline = "top";
  ctx.textAlign = "right";
  ctx.lineWidth = 4;
  ctx.strokeStyle = theme.ground;
  ctx.fillStyle = theme.soft;
  const words = `${count(scene.merged)} more look like these: zoom in`;
  ctx.strokeText(words, view.width - 6, 4);
  ctx.fillText(words, view.width - 6, 4);
  ctx.textAlign = "start";
}

function labels(/** @type {CanvasRenderingContext2D} */ ctx, /** @type {Scene} */ scene, /** @type {Theme} */ theme) {
  ctx.font = `11px ${theme.font}`;
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  ctx.lineWidth = 4;
  ctx.strokeStyle = theme.ground;
  for (const label of scene.labels) {
    const ended = label.message.end !== "";
    ctx.strokeText(label.text, label.x, label.y);
    ctx.fillStyle = ended ? theme.red : theme.tints[label.tint % TINTS];
    ctx.fillText(label.text, label.x, label.y);
  }
}

function highlight(
  /** @type {CanvasRenderingContext2D} */ ctx,
  /** @type {Arrow} */ arrow,
  /** @type {Theme} */ theme,
  /** @type {boolean} */ selected,
) {
  ctx.strokeStyle = ctx.fillStyle = theme.tints[arrow.tint % TINTS];
  ctx.lineCap = "round";
  ctx.globalAlpha = selected ? 0.3 : 0.16;
  ctx.lineWidth = 13;
  ctx.beginPath();
  ctx.moveTo(arrow.x0, arrow.y1);
  ctx.lineTo(arrow.x1, arrow.y1);
  ctx.lineTo(arrow.x2, arrow.y2);
  ctx.lineTo(arrow.x3, arrow.y2);
  ctx.stroke();
  ctx.globalAlpha = 1;
  ctx.lineCap = "butt";
  if (!selected) return;
  ctx.lineWidth = 2.6;
  ctx.beginPath();
  line(ctx, arrow.x1, arrow.y1, arrow.x2, arrow.y2);
  ctx.stroke();
  for (const [x, y] of [
    [arrow.x0, arrow.y1],
    [arrow.x3, arrow.y2],
  ].slice(0, arrow.end ? 1 : 2)) {
    dot(ctx, x, y, theme.tints[arrow.tint % TINTS], theme.ground);
  }
}

function dot(
  /** @type {CanvasRenderingContext2D} */ ctx,
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {string} */ colour,
  /** @type {string} */ ground,
) {
  ctx.beginPath();
  ctx.arc(x, y, 3.5, 0, 7);
  ctx.fillStyle = ground;
  ctx.fill();
  ctx.lineWidth = 1.6;
  ctx.strokeStyle = colour;
  ctx.stroke();
}

function line(
  /** @type {CanvasRenderingContext2D} */ ctx,
  /** @type {number} */ x1,
  /** @type {number} */ y1,
  /** @type {number} */ x2,
  /** @type {number} */ y2,
) {
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
}

function stroke(
  /** @type {CanvasRenderingContext2D} */ ctx,
  /** @type {number} */ x1,
  /** @type {number} */ y1,
  /** @type {number} */ x2,
  /** @type {number} */ y2,
  /** @type {number[]} */ dash,
) {
  ctx.setLineDash(dash);
  ctx.beginPath();
  line(ctx, Math.round(x1) + 0.5, Math.round(y1) + 0.5, Math.round(x2) + 0.5, Math.round(y2) + 0.5);
  ctx.stroke();
  ctx.setLineDash([]);
}

function fitted(/** @type {CanvasRenderingContext2D} */ ctx, /** @type {string} */ text, /** @type {number} */ width) {
  let short = text.split("\n")[0];
  if (ctx.measureText(short).width <= width) return short;
  while (short.length > 1 && ctx.measureText(short + "…").width > width) short = short.slice(0, -1);
  return short + "…";
}
