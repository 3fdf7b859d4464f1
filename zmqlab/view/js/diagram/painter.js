/** Draws a scene on a canvas. */

import { ticks, timeTicks } from "../model/scale.js";
import { count, instants } from "../model/words.js";

/** @import { Theme } from "../dom/theme.js" */
/** @import { Actor } from "../model/message.js" */
/** @import { Arrow, Plot, Scene } from "./scene.js" */
/**
 * @typedef {object} Look  how a scene is drawn, beside what is in it
 * @property {Theme} theme @property {number} gutter px for the names @property {number} height px
 * @property {number|null} selected @property {number|null} hovered
 * @property {{y: number, names: string[]}[]} lanes a collapsed one is that of several
 * @property {Map<string, Actor>} actors @property {number} now ms @property {boolean} live it is the picture of now
 */

export const AXIS = 40; // px below the lanes
const SAID = ["print", "log", "warning", "severe"]; // marks that are dots
const RADIUS = /** @type {Record<string, number>} */ ({ warning: 3, severe: 3.5 }); // px, where it is not 2
const CROWD = 0.4; // how opaque an arrow is that stands for many

/** @param {CanvasRenderingContext2D} ctx @param {Scene} scene @param {Plot & Look} look */
export function paint(ctx, scene, look) {
  new Painter(ctx, look).paint(scene);
}

class Painter {
  /** @param {CanvasRenderingContext2D} ctx @param {Plot & Look} look */
  constructor(ctx, look) {
    this.ctx = ctx;
    this.look = look;
    this.theme = look.theme;
    this.view = look.view;
  }

  /** @param {Scene} scene */
  paint(scene) {
    const { ctx, view } = this;
    const { gutter, height, selected, hovered } = this.look;
    ctx.clearRect(0, 0, gutter + view.width, height);
    ctx.save();
    ctx.beginPath();
    ctx.rect(gutter, 0, view.width, height);
    ctx.clip();
    ctx.translate(gutter, 0);
    this.#axis(scene);
    ctx.beginPath();
    ctx.rect(0, 0, view.width, height - AXIS + 14);
    ctx.clip();
    this.#lanes();
    this.#bars(scene);
    const bright = this.#arrows(scene);
    this.#hangs(scene);
    this.#crosses(bright, this.theme.red);
    this.#flags(scene);
    this.#labels(scene);
    this.#merged(scene);
    const chosen = scene.arrows.filter(({ message: { id } }) => id === selected || id === hovered);
    for (const arrow of chosen) this.#highlight(arrow, arrow.message.id === selected);
    this.#crosses(chosen, this.theme.red); // once more, above the highlight
    ctx.restore();
  }

  #lanes() {
    const { ctx, theme, view } = this;
    const { lanes, actors, scale, height } = this.look;
    const place = (/** @type {number} */ time) => Math.max(0, Math.min(view.width, view.x(scale.u(time))));
    ctx.strokeStyle = theme.faint;
    ctx.lineWidth = 1;
    for (const { y, names } of lanes) {
      if (y < 0 || y > height) continue;
      this.#stroke(0, y, view.width, y, [1, 5]);
      for (const name of names) {
        const actor = actors.get(name);
        for (const [start, end] of actor?.earlier ?? []) this.#life(y, place(start), place(end));
        this.#life(y, actor ? place(actor.started) : 0, actor?.ended == null ? view.width : place(actor.ended));
      }
    }
  }

  /** An actor ran from here to there. @param {number} y @param {number} from @param {number} to */
  #life(y, from, to) {
    if (to > from) this.#stroke(from, y, to, y);
  }

  /** The time axis; in steps it still tells the true time of some of them. @param {Scene} scene */
  #axis({ lulls }) {
    const { ctx, theme, view } = this;
    const { height, scale, live, now } = this.look;
    const y = height - AXIS + 14;
    ctx.strokeStyle = theme.faint;
    ctx.lineWidth = 1;
    this.#stroke(0, y, view.width, y);
    this.#write("top", theme.soft, "center");
    const taken = this.#lulls(lulls, y);
    const from = Math.max(scale.first, view.u(0));
    const to = Math.min(scale.last, view.u(view.width));
    const most = view.width / 92;
    const at = scale.exact
      ? timeTicks(scale, from, to, most)
      : ticks(from, to, most).filter((u) => Number.isInteger(u) && u <= scale.last - 0.5);
    const texts = instants(
      at.map((u) => scale.t(u)),
      scale.exact,
    );
    at.forEach((u, i) => {
      const x = view.x(u);
      this.#stroke(x, y - 3, x, y + 3);
      this.#below(texts[i], x, y, taken);
    });
    if (live) {
      ctx.strokeStyle = theme.focus;
      const x = view.x(scale.exact ? scale.u(now) : scale.last);
      this.#stroke(x, 6, x, y, [3, 3]);
    }
    ctx.textAlign = "start";
  }

  /** A dotted line for each lull, and below it how long that was; in ms, on the strip that is left of it. @param {Scene["lulls"]} lulls @param {number} y of the axis */
  #lulls(lulls, y) {
    const { ctx, theme } = this;
    /** @type {[number, number][]} */
    const taken = [];
    for (const { x1, x2, text } of lulls) {
      const x = (x1 + x2) / 2;
      ctx.globalAlpha = 0.3;
      ctx.fillStyle = theme.faint;
      if (this.look.scale.exact) ctx.fillRect(x1, 6, x2 - x1, y - 6);
      ctx.globalAlpha = 1;
      ctx.strokeStyle = theme.soft;
      this.#stroke(x, 6, x, y + 4, [2, 4]);
      ctx.fillStyle = theme.ink;
      this.#below(text, x, y, taken);
    }
    ctx.strokeStyle = theme.faint;
    ctx.fillStyle = theme.soft;
    return taken;
  }

  /** Words below the axis, where there is room for them. @param {string} text @param {number} x of their middle @param {number} y @param {[number, number][]} taken from where to where */
  #below(text, x, y, taken) {
    const half = this.ctx.measureText(text).width / 2 + 5;
    if (x < half || x > this.view.width - half || taken.some(([from, to]) => x - half < to && from < x + half)) return;
    taken.push([x - half, x + half]);
    this.ctx.fillText(text, x, y + 7);
  }

  /** @param {Scene} scene */
  #bars({ bars }) {
    const { ctx, theme } = this;
    ctx.globalAlpha = 0.32;
    for (const bar of bars) {
      ctx.fillStyle = bar.dim ? theme.faint : this.#tint(bar);
      this.#box(bar.x1, bar.x2, bar.y, 6);
      ctx.fill();
    }
    ctx.globalAlpha = 1;
  }

  /** A dashed box with words for the time in which an actor hung. @param {Scene} scene */
  #hangs({ hangs }) {
    const { ctx, theme, view } = this;
    this.#write("middle", theme.ink);
    for (const { x1, x2, y, text } of hangs) {
      ctx.fillStyle = theme.ground;
      ctx.strokeStyle = theme.hang;
      ctx.lineWidth = 1.4;
      this.#box(x1, x2, y, 8);
      ctx.fill();
      ctx.globalAlpha = 0.22;
      ctx.fillStyle = theme.hang;
      ctx.fill();
      ctx.globalAlpha = 1;
      ctx.setLineDash([4, 3]);
      ctx.stroke();
      ctx.setLineDash([]);
      const from = Math.max(4, x1 + 6);
      ctx.fillStyle = theme.ink;
      const inside = ctx.measureText(text).width <= Math.min(view.width, x2) - from;
      if (inside) ctx.fillText(text, from, y);
      else ctx.fillText(text, x1, y + 17);
    }
  }

  /** Those that the person does not look at are faint, and below the others, which are returned. @param {Scene} scene */
  #arrows({ arrows, grains }) {
    const { theme } = this;
    const dim = arrows.filter((arrow) => arrow.dim);
    const bright = dim.length ? arrows.filter((arrow) => !arrow.dim) : arrows;
    this.#sameColour(dim, theme.faint, grains.dim);
    this.#crosses(dim, theme.faint);
    for (let tint = 0; tint < theme.tints.length; tint++) {
      const same = bright.filter((arrow) => arrow.tint === tint);
      if (same.length) this.#sameColour(same, theme.tints[tint], grains.bright);
    }
    return bright;
  }

  /** All arrows of one colour in a few strokes: a stroke each would be too slow for thousands. @param {Arrow[]} same @param {string} colour @param {number} grain px */
  #sameColour(same, colour, grain) {
    const { ctx } = this;
    const crowd = grain > 1; // each stands for all on a strip so wide
    ctx.strokeStyle = ctx.fillStyle = colour;
    ctx.lineWidth = crowd ? grain : 1.6;
    if (crowd) ctx.globalAlpha = CROWD;
    const flights = (/** @type {(arrow: Arrow) => boolean} */ some, /** @type {number[]} */ dash) =>
      this.#flights(same.filter(some), dash);
    flights((a) => !a.end && a.message.certain, []);
    flights((a) => !a.end && !a.message.certain, [5, 4]);
    flights((a) => a.end !== "", [2, 3]);
    ctx.globalAlpha = 1;
    ctx.beginPath();
    if (!crowd) for (const arrow of same) if (!arrow.end) this.#head(arrow);
    ctx.fill();
    ctx.lineWidth = 5;
    ctx.beginPath();
    for (const { x2, x3, y2 } of same) if (x3 - x2 > 1) this.#line(x2, y2, x3, y2);
    ctx.stroke();
    ctx.globalAlpha = 0.45;
    ctx.beginPath();
    for (const { x0, x1, y1 } of same) if (x1 - x0 > 1) this.#line(x0, y1, x1, y1);
    ctx.stroke();
    ctx.globalAlpha = 1;
    for (const arrow of same) if (arrow.end === "open") this.#dot(arrow.x2, arrow.y2, colour);
  }

  /** @param {Arrow[]} some @param {number[]} dash */
  #flights(some, dash) {
    const { ctx } = this;
    if (!some.length) return;
    ctx.setLineDash(dash);
    ctx.beginPath();
    for (const { x1, y1, x2, y2 } of some) this.#line(x1, y1, x2, y2);
    ctx.stroke();
    ctx.setLineDash([]);
  }

  /** @param {Arrow} arrow */
  #head({ x1, y1, x2, y2 }) {
    const { ctx } = this;
    const [dx, dy] = [x2 - x1, y2 - y1];
    const length = Math.hypot(dx, dy);
    if (length < 12) return;
    const [ux, uy] = [dx / length, dy / length];
    ctx.moveTo(x2, y2);
    ctx.lineTo(x2 - 8 * ux - 3.4 * uy, y2 - 8 * uy + 3.4 * ux);
    ctx.lineTo(x2 - 8 * ux + 3.4 * uy, y2 - 8 * uy - 3.4 * ux);
    ctx.closePath();
  }

  /** Where the way of a message broke off. @param {Arrow[]} some @param {string} colour */
  #crosses(some, colour) {
    const { ctx } = this;
    ctx.strokeStyle = colour;
    ctx.lineWidth = 2.4;
    ctx.beginPath();
    for (const { end, x2, y2 } of some) {
      if (!end || end === "open") continue;
      this.#line(x2 - 4, y2 - 4, x2 + 4, y2 + 4);
      this.#line(x2 - 4, y2 + 4, x2 + 4, y2 - 4);
    }
    ctx.stroke();
  }

  /** What is printed and logged are dots above the lane, notes are flags with their words, errors red crosses. @param {Scene} scene */
  #flags({ flags }) {
    const { ctx, theme } = this;
    let free = Number.NEGATIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    this.#write("middle", theme.soft);
    for (const { x, y, mark } of flags) {
      const error = mark.kind === "error";
      if (!error && !RADIUS[mark.kind] && x - last < 1) continue;
      last = x;
      ctx.fillStyle = ctx.strokeStyle =
        { error: theme.red, severe: theme.red, warning: theme.hang }[mark.kind] ?? theme.soft;
      if (SAID.includes(mark.kind)) {
        ctx.beginPath();
        ctx.arc(x, y - 11, RADIUS[mark.kind] ?? 2, 0, 7);
        ctx.fill();
        continue;
      }
      ctx.lineWidth = 1.4;
      this.#stroke(x, y, x, y - 16);
      if (x < free) continue;
      const words = this.#fitted(error ? "✖ failed" : mark.text, 130);
      ctx.fillText(words, x + 4, y - 13);
      free = x + ctx.measureText(words).width + 10;
    }
  }

  /** @param {Scene} scene */
  #labels({ labels }) {
    const { ctx, theme } = this;
    ctx.lineJoin = "round";
    for (const label of labels) {
      this.#write("middle", label.message.end ? theme.red : this.#tint(label));
      this.#outlined(label.text, label.x, label.y);
    }
  }

  /** What is not drawn because it would look the same is counted. @param {Scene} scene */
  #merged({ merged }) {
    const { ctx, theme, view } = this;
    if (!merged) return;
    this.#write("top", theme.soft, "right");
    this.#outlined(`${count(merged)} more look like these: zoom in`, view.width - 6, 4);
    ctx.textAlign = "start";
  }

  /** @param {Arrow} arrow @param {boolean} selected or else the mouse is on it */
  #highlight(arrow, selected) {
    const { ctx } = this;
    const { x0, x1, x2, x3, y1, y2 } = arrow;
    const colour = this.#tint(arrow);
    ctx.strokeStyle = colour;
    ctx.lineCap = "round";
    ctx.globalAlpha = selected ? 0.3 : 0.16;
    ctx.lineWidth = 13;
    ctx.beginPath();
    ctx.moveTo(x0, y1);
    ctx.lineTo(x1, y1);
    ctx.lineTo(x2, y2);
    ctx.lineTo(x3, y2);
    ctx.stroke();
    ctx.globalAlpha = 1;
    ctx.lineCap = "butt";
    if (!selected) return;
    ctx.lineWidth = 2.6;
    ctx.beginPath();
    this.#line(x1, y1, x2, y2);
    ctx.stroke();
    this.#dot(x0, y1, colour);
    if (!arrow.end) this.#dot(x3, y2, colour);
  }

  /** @param {{tint: number}} one of an actor */
  #tint({ tint }) {
    return this.theme.tints[tint];
  }

  /** How words are written. @param {CanvasTextBaseline} baseline @param {string} colour @param {CanvasTextAlign} align */
  #write(baseline, colour, align = "start") {
    Object.assign(this.ctx, {
      font: `11px ${this.theme.font}`,
      textBaseline: baseline,
      textAlign: align,
      fillStyle: colour,
    });
  }

  /** Words that can be read over lines. @param {string} text @param {number} x @param {number} y */
  #outlined(text, x, y) {
    const { ctx } = this;
    ctx.lineWidth = 4;
    ctx.strokeStyle = this.theme.ground;
    ctx.strokeText(text, x, y);
    ctx.fillText(text, x, y);
  }

  /** @param {number} x1 @param {number} x2 @param {number} y of its middle @param {number} half px of its height */
  #box(x1, x2, y, half) {
    this.ctx.beginPath();
    this.ctx.roundRect(x1, y - half, x2 - x1, 2 * half, 3);
  }

  /** @param {number} x @param {number} y @param {string} colour */
  #dot(x, y, colour) {
    const { ctx } = this;
    ctx.beginPath();
    ctx.arc(x, y, 3.5, 0, 7);
    ctx.fillStyle = this.theme.ground;
    ctx.fill();
    ctx.lineWidth = 1.6;
    ctx.strokeStyle = colour;
    ctx.stroke();
  }

  /** @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 */
  #line(x1, y1, x2, y2) {
    this.ctx.moveTo(x1, y1);
    this.ctx.lineTo(x2, y2);
  }

  /** A sharp line, level or upright. @param {number} x1 @param {number} y1 @param {number} x2 @param {number} y2 @param {number[]} dash */
  #stroke(x1, y1, x2, y2, dash = []) {
    const [a, b, c, d] = [x1, y1, x2, y2].map((place) => Math.round(place) + 0.5);
    this.ctx.setLineDash(dash);
    this.ctx.beginPath();
    this.#line(a, b, c, d);
    this.ctx.stroke();
    this.ctx.setLineDash([]);
  }

  /** The first line of a text, or its beginning where there is no room for more. @param {string} text @param {number} width px */
  #fitted(text, width) {
    const { ctx } = this;
    let short = text.split("\n")[0];
    if (ctx.measureText(short).width <= width) return short;
    while (short.length > 1 && ctx.measureText(`${short}…`).width > width) short = short.slice(0, -1);
    return `${short}…`;
  }
}
