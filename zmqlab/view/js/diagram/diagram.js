/** The space-time diagram: a canvas that can be panned, zoomed and clicked. */

import { focusOf, h, set } from "../dom/elements.js";
import { themeOf } from "../dom/theme.js";
import { Activity } from "../model/activity.js";
import { rhythmOf, runAt } from "../model/rhythm.js";
import { startOf } from "../model/message.js";
import { MARGIN, Steps, stepScale, timeScale, Viewport } from "../model/scale.js";
import { about, BROKEN, instant } from "../model/words.js";
import { Mouse } from "./mouse.js";
import { Names } from "./names.js";
import { AXIS, paint } from "./painter.js";
import { arrowOf, flagAt, lullAt, hit, sceneOf } from "./scene.js";
import { Places } from "./thin.js";

/** @import { Theme } from "../dom/theme.js" */
/** @import { Grouping, Row } from "../model/grouping.js" */
/** @import { Message } from "../model/message.js" */
/** @import { State } from "../model/state.js" */
/** @import { Plot, Scene } from "./scene.js" */

export const ZOOM = 1.5; // times, with a press

const LEAST = 20; // px a step, when following
const LONGEST = 20_000; // ms in sight, when following
const MOST = { steps: 96, ms: 400 }; // px a unit, when fitting
const TOP = 20;
const LANE = { least: 20, most: 60 }; // px
const HEADING = 20; // px of the heading of a group
const GUTTER = { least: 70, most: 160, wide: 260 }; // px of the names; `wide`: where there is much room
const WIDE = 1_000; // px
const SEEN = 8; // lanes that ask for room in a panel; of more than that, some may be scrolled to
const GRIP = 5; // px beside the line of the moment where the mouse takes hold of it

/** Of a diagram, px. @param {number} lanes @param {number} lane px @param {number} headings */
function heightOf(lanes, lane, headings = 0) {
  return TOP + lanes * lane + headings * HEADING - 16 + AXIS;
}

export class Diagram {
  /** @param {State} state @param {{select(id: number|null): void, redraw(): void, seek(time: number): void, collapse(name: string): void}} app */
  constructor(state, app) {
    this.state = state;
    this.app = app;
    this.kind = /** @type {"steps"|"ms"} */ ("steps");
    this.view = new Viewport();
    this.steps = new Steps();
    this.activity = new Activity();
    this.runs = [0]; // ms at which each began
    this.fitted = { from: Number.NaN, per: 0 }; // the part in sight when the last run was fitted in
    this.places = new Places();
    this.scale = stepScale(this.steps);
    /** @type {Scene} */
    this.scene = {
      arrows: [],
      bars: [],
      labels: [],
      flags: [],
      hangs: [],
      lulls: [],
      merged: 0,
      grains: { bright: 1, dim: 1 },
    };
    /** @type {Row[]} */
    this.rows = [];
    this.grouping = /** @type {Grouping|null} */ (null);
    this.tints = /** @type {Map<string, number>} */ (new Map());
    this.laneY = /** @type {Map<string, number>} */ (new Map());
    this.laneHeight = 52;
    this.gutter = 90;
    this.height = 120; // px in sight
    this.whole = 120; // px with the lanes that are out of sight
    /** @type {number[]} */
    this.ys = []; // px of the middles of the rows, from the first one's top
    this.ratio = 0; // px of the screen to a px of the page; 0 until the canvas has a size
    this.hovered = /** @type {number|null} */ (null);
    this.theme = /** @type {Theme|null} */ (null); // null: it has changed
    this.lit = /** @type {Plot["lit"]} */ (null); // what the person looks at; null: everything
    this.canvas = h("canvas", {
      tabindex: 0,
      role: "application",
      "aria-label":
        "Space-time diagram. Drag to zoom in, drag with Shift to pan, double click to fit. " +
        "Arrow keys pan, plus and minus zoom, F fits, Enter goes to the next message.",
    });
    this.tip = h("div", { class: "zf-tip", hidden: true });
    this.later = h("div", { class: "zf-later", hidden: true }); // what is after the moment that is shown
    this.band = h("div", { class: "zf-band", hidden: true }); // what will be zoomed into
    this.playhead = /** @type {number|null} */ (null); // px from the first lane's start
    this.names = new Names(
      state,
      (name) => app.collapse(name),
      (y) => this.#bring(y),
    );
    this.pane = h("div", { class: "zf-pane" }, this.canvas, this.names.element, this.later, this.band, this.tip);
    this.tall = h("div", {}, this.pane);
    this.element = h("div", { class: "zf-canvas" }, this.tall);
    Object.assign(this.canvas, { positionOf: (/** @type {number} */ id) => this.positionOf(id) });
    this.#listen();
  }

  /** @param {Grouping} grouping @param {Map<string, number>} tints */
  rebuild(grouping, tints) {
    this.grouping = grouping;
    this.rows = grouping.rows;
    this.tints = tints;
    this.resize();
  }

  /** px for the names. @param {number} width of the whole */
  #gutter(width) {
    const broken = (/** @type {string} */ name) => BROKEN.includes(this.state.actors.get(name)?.state ?? "");
    const lengths = this.rows.map(
      ({ label, lanes, depth, kind }) =>
        label.length + 2 * depth + (kind === "lane" ? 0 : 5) + (kind !== "open" && lanes.some(broken) ? 2 : 0),
    );
    const most = width >= WIDE ? GUTTER.wide : GUTTER.most;
    return Math.max(GUTTER.least, Math.min(most, 34 + Math.max(0, ...lengths) * 7.8));
  }

  resize() {
    const width = this.element.clientWidth;
    if (!width) return;
    this.gutter = this.#gutter(width);
    const headings = this.rows.filter(({ kind }) => kind === "open").length;
    const lanes = Math.max(1, this.rows.length - headings);
    this.element.style.setProperty("--zf-need", `${heightOf(Math.min(SEEN, lanes), LANE.least)}px`);
    this.laneHeight = this.#laneHeight(lanes, headings);
    this.whole = heightOf(lanes, this.laneHeight, headings);
    set(this.tall, { style: `height: ${this.whole}px` });
    this.height = Math.min(this.whole, this.element.clientHeight || this.whole);
    this.#lay();
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    set(this.canvas, { style: `width: ${width}px; height: ${this.height}px` });
    set(this.pane, { style: `height: ${this.height}px` });
    set(this.names.element, { style: `width: ${this.gutter - 8}px; height: ${this.height - AXIS + 14}px` });
    this.ratio = ratio;
    this.view.width = Math.max(50, width - this.gutter - 14);
  }

  /** In a place of its own height, as in a panel, the lanes share that. @param {number} lanes @param {number} headings */
  #laneHeight(lanes, headings) {
    if (getComputedStyle(this.element).flexGrow === "0")
      return lanes <= 4 ? 52 : lanes <= 10 ? 42 : lanes <= 20 ? 32 : 24;
    const share = Math.floor((this.element.clientHeight - heightOf(0, 0, headings)) / lanes);
    return Math.max(LANE.least, Math.min(LANE.most, share));
  }

  /** Where the rows are, from the first one's top; and in the part that is in sight. */
  #lay() {
    let top = 0;
    this.ys = this.rows.map(({ kind }) => {
      const open = kind === "open";
      const y = TOP + 10 + top - (open ? (this.laneHeight - HEADING) / 2 : 0); // just above its lanes
      top += open ? HEADING : this.laneHeight;
      return y;
    });
    this.names.rebuild(this.rows, this.ys, this.gutter - 16, `600 12px ${getComputedStyle(this.element).fontFamily}`);
    this.scrolled();
  }

  /** Other lanes are in sight. */
  scrolled() {
    const { scrollTop } = this.element;
    this.names.list.style.transform = `translateY(${-scrollTop}px)`;
    const places = new Map(this.rows.map((row, i) => [row, this.ys[i] - scrollTop]));
    this.laneY = new Map([...(this.grouping?.rowOf ?? [])].map(([name, row]) => [name, places.get(row) ?? 0]));
  }

  /** Are there lanes out of sight? */
  get overflows() {
    return this.whole > this.height;
  }

  /** Bring a row into sight. @param {number} y px from the first one's top */
  #bring(y) {
    const { element, height } = this;
    const least = y - (height - AXIS - this.laneHeight / 2);
    if (element.scrollTop < least || element.scrollTop > y - TOP) element.scrollTop = Math.max(0, y - height / 2);
  }

  /** @param {Message[]} changed @param {boolean} whole */
  take(changed, whole) {
    if (whole) [this.steps, this.activity] = [new Steps(), new Activity()];
    this.steps.add(changed);
    this.activity.take(this.state, changed);
  }

  /** After a batch or another choice of scale. */
  rescale() {
    const { list, now } = this.state;
    const first = list.length ? startOf(list[0]) : 0;
    if (this.state.forgotten) for (const times of [this.steps, this.activity]) times.drop(first);
    const { runs, lulls } = rhythmOf(this.activity, this.state, first);
    this.runs = runs;
    this.scale = this.kind === "steps" ? stepScale(this.steps, lulls) : timeScale(first, now, lulls);
  }

  /** Bring a moment into sight, if that is wanted; what is after it is dimmed. @param {number} at ms @param {boolean} live it is now */
  show(at, live) {
    const { view, scale } = this;
    const first = scale.exact ? scale.u(this.beginOf(at)) : scale.first;
    if (view.follow) view.chase(scale, this.#least(), MOST[this.kind], live ? scale.last : scale.u(at), first);
    const x = Math.round(view.x(scale.u(at)));
    this.playhead = live || x < 0 || x > view.width ? null : x;
    set(this.later, { hidden: live || x > view.width, "data-cut": x < 0 });
    const left = this.gutter + Math.max(0, x);
    const width = view.width - Math.max(0, x);
    set(this.later, { style: `left: ${left}px; width: ${width}px; height: ${this.height - AXIS + 14}px` });
  }

  #least() {
    return this.kind === "steps" ? LEAST : this.view.width / LONGEST;
  }

  /** @param {"steps"|"ms"} kind */
  use(kind) {
    this.kind = kind;
    this.view.follow = true;
    this.rescale();
    this.app.redraw();
  }

  /** @param {number|null} selected @param {boolean} live */
  draw(selected, live) {
    const ctx = this.canvas.getContext("2d");
    if (!ctx || !this.ratio) return; // not laid out yet; hidden for a moment, as when the theme changes, is no reason
    this.theme ??= themeOf(this.element);
    const plot = this.#plot();
    this.scene = sceneOf(this.state, plot);
    ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    const { theme, gutter, height, hovered, rows } = this;
    const { actors, now } = this.state;
    const lanes = rows.flatMap((row, i) =>
      row.kind === "open" ? [] : [{ y: this.ys[i] - this.element.scrollTop, names: row.lanes }],
    );
    paint(ctx, this.scene, { ...plot, theme, gutter, height, selected, hovered, actors, lanes, now, live });
  }

  #plot() {
    const { scale, view, laneY, laneHeight, tints, places, lit } = this;
    return { scale, view, laneY, laneHeight, tints, places, lit };
  }

  /** Where a message can be clicked, in px of the canvas, or null when it is not in sight. @param {number} id */
  positionOf(id) {
    const message = this.state.messages.get(id);
    const arrow = message && arrowOf(this.state, message, this.#plot());
    if (!arrow) return null;
    const x = this.gutter + (arrow.x1 + arrow.x2) / 2;
    return x < this.gutter || x > this.gutter + this.view.width ? null : { x, y: (arrow.y1 + arrow.y2) / 2 };
  }

  /** The beginning of the run in which a time is, or of the last one. @param {number} at ms */
  beginOf(at = Number.POSITIVE_INFINITY) {
    return this.runs[runAt(this.runs, at)];
  }

  /** Is the last run what is fitted in next? Else it is everything: there is one run alone, or the last one is fitted in. */
  get fitsRun() {
    const { from, per } = this.view;
    return this.runs.length > 1 && (from !== this.fitted.from || per !== this.fitted.per);
  }

  fit() {
    const { view, scale, fitsRun } = this;
    view.fit(scale, MOST[this.kind], fitsRun ? scale.u(this.beginOf()) : scale.first);
    view.follow = false;
    if (fitsRun) this.fitted = { from: view.from, per: view.per };
  }

  follow() {
    this.view.follow = true;
  }

  /** @param {number} factor */
  zoom(factor) {
    this.view.zoom(this.view.width / 2, factor);
  }

  /** @param {number} share of the width */
  pan(share) {
    this.view.pan(share * this.view.width, this.scale);
  }

  /** Bring a message into sight; a view that follows goes to the moment that is shown by itself. @param {number} id */
  reveal(id) {
    const message = this.state.messages.get(id);
    const arrow = message && arrowOf(this.state, message, this.#plot());
    if (!arrow) return;
    if (this.overflows) this.#bring(arrow.y1 + this.element.scrollTop);
    if (this.view.follow) return;
    const { width } = this.view;
    const last = arrow.end ? arrow.x2 : arrow.x1; // of a message that was dropped, the cross counts
    const inside = arrow.x0 >= 0 && last <= width - 8;
    const middle = last - arrow.x0 < width ? (arrow.x0 + last) / 2 : last;
    if (!inside) this.view.pan(middle - width / 2, this.scale, MARGIN.right / width);
  }

  #listen() {
    const { canvas, view } = this;
    const drawn = (/** @type {() => void} */ act) => {
      act();
      this.app.redraw();
    };
    new Mouse(canvas, {
      onTime: (event) => this.#onTime(event),
      seek: (event) => this.#seek(event),
      hover: (event) => this.#hover(event),
      click: (event) => this.app.select(this.#messageAt(event)?.id ?? null),
      doubleClick: () => drawn(() => this.fit()),
      pan: (px) => drawn(() => view.pan(px, this.scale)),
      mark: (one, other) => this.#mark(...this.#within(one, other)),
      unmark: () => (this.band.hidden = true),
      zoom: (one, other) => {
        const [from, to] = this.#within(one, other);
        if (to > from) drawn(() => view.show(view.u(from), view.u(to)));
      },
    });
    canvas.addEventListener("pointerleave", () => this.#unhover());
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.element.addEventListener("scroll", () =>
      drawn(() => {
        this.scrolled();
        this.tip.hidden = true;
      }),
    );
  }

  /** Show what will be zoomed into. @param {number} from px @param {number} to */
  #mark(from, to) {
    const height = this.height - AXIS + 14;
    set(this.band, { style: `left: ${this.gutter + from}px; width: ${to - from}px; height: ${height}px` });
    this.band.hidden = false;
    this.tip.hidden = true;
  }

  /** A stretch of the canvas, as a stretch of what is in sight. @param {number} one px @param {number} other @returns {[number, number]} */
  #within(one, other) {
    const bound = (/** @type {number} */ x) => Math.max(0, Math.min(this.view.width, x - this.gutter));
    return [bound(Math.min(one, other)), bound(Math.max(one, other))];
  }

  /** The page keeps scrolling until the diagram has been clicked, and so do lanes that are not all in sight; Ctrl zooms at once. @param {WheelEvent} event */
  #wheel(event) {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    const scrolls = this.overflows || focusOf(this.element) !== this.canvas;
    if (!sideways && !event.ctrlKey && !event.metaKey && scrolls) return;
    event.preventDefault();
    if (sideways) this.view.pan(event.deltaX, this.scale);
    else this.view.zoom(event.offsetX - this.gutter, Math.exp(-Math.max(-100, Math.min(100, event.deltaY)) / 300));
    this.app.redraw();
  }

  /** Is the mouse where a moment is chosen: on the axis, or on the line of the moment that is shown? @param {MouseEvent} event */
  #onTime(event) {
    const x = event.offsetX - this.gutter;
    if (x < 0) return false;
    if (event.offsetY > this.height - AXIS) return true;
    return this.playhead !== null && Math.abs(x - this.playhead) <= GRIP && !this.#messageAt(event);
  }

  /** @param {MouseEvent} event */
  #seek(event) {
    this.app.seek(this.scale.t(this.view.u(event.offsetX - this.gutter)));
  }

  /** @param {MouseEvent} event */
  #messageAt(event) {
    return hit(this.scene, event.offsetX - this.gutter, event.offsetY);
  }

  /** @param {MouseEvent} event */
  #hover(event) {
    const message = this.#messageAt(event);
    const mark = message ? null : flagAt(this.scene, event.offsetX - this.gutter, event.offsetY);
    const lull = message || mark ? null : lullAt(this.scene, event.offsetX - this.gutter);
    this.canvas.style.cursor = this.#onTime(event) ? "ew-resize" : message ? "pointer" : "crosshair";
    const words = message ? about(message) : mark ? `${instant(mark.time)}  ${mark.text}` : lull?.text;
    this.tip.hidden = !words;
    if (words) {
      this.tip.textContent = words;
      const left = Math.min(event.offsetX + 12, this.element.clientWidth - 260);
      set(this.tip, { style: `left: ${left}px; top: ${event.offsetY + 14}px` });
    }
    if (this.hovered !== (message?.id ?? null)) {
      this.hovered = message?.id ?? null;
      this.app.redraw();
    }
  }

  #unhover() {
    this.tip.hidden = true;
    if (this.hovered === null) return;
    this.hovered = null;
    this.app.redraw();
  }
}
