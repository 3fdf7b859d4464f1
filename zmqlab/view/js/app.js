// @ts-check
/** One view: puts the parts together, and draws at most once a frame, only when something has changed. */

import { Clock } from "./clock.js";
import { Controls } from "./controls.js";
import { Diagram } from "./diagram.js";
import { h, say, set } from "./dom.js";
import { FilterBar } from "./filterbar.js";
import { Focus } from "./focus.js";
import { Graph } from "./graph.js";
import { Inspector } from "./inspector.js";
import { Kin } from "./kin.js";
import { MessageLog } from "./log.js";
import { Menu } from "./menu.js";
import { momentAt, momentNow } from "./moment.js";
import { Errors, Said } from "./said.js";
import { stepScale } from "./scale.js";
import { Stage } from "./stage.js";
import { Steer } from "./steer.js";
import { onThemeChange } from "./theme.js";
import { modeWords, Transport } from "./transport.js";
import { Unseen } from "./unseen.js";
import { about, summary } from "./words.js";

/** @typedef {import("./store.js").Store} Store */

const PAUSE = 6; // after a batch was drawn, the next waits so many times as long as that took
const HIDDEN = 500; // ms between two batches that are taken in while the view is out of sight
const LISTS = 400; // ms between two refreshes of the lists
const SPOKEN = 2_000; // ms between two words to a screen reader
const LEGEND =
  "thin: waits to leave · thick: arrived, unread · wide: in the program's hands · dot: printed · cross: dropped";

export class App {
  /** @param {Store} store @param {HTMLElement} el */
  constructor(store, el) {
    this.store = store;
    this.state = store.state;
    this.selected = /** @type {number|null} */ (null);
    this.dirty = { data: true, draw: true };
    this.structure = -1;
    this.listed = this.spoken = Number.NEGATIVE_INFINITY;
    this.request = this.rest = this.waking = 0;
    this.visible = true;
    this.clock = new Clock();
    this.unseen = new Unseen();
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.seen = 0; // messages there were when the picture was last that of now
    this.steer = new Steer(store);
    this.controls = new Controls(this.steer, () => this.#asked());
    this.menu = new Menu();
    this.stage = new Stage(this.state, (id) => this.select(id), this.controls, this.menu);
    this.diagram = new Diagram(this.state, {
      select: (id) => this.select(id),
      redraw: () => this.redraw(),
      seek: (time) => this.#seek(time),
    });
    this.graph = new Graph(this.state, this.diagram, () => this.redraw());
    this.transport = new Transport(this.clock, {
      scale: () => this.diagram.scale,
      steps: () => stepScale(this.diagram.steps),
      changed: () => this.#taken(),
    });
    this.kin = new Kin(this.state);
    this.focus = new Focus(this.state, this.kin);
    this.filter = new FilterBar(this.state, this.focus, () => this.#focused());
    const acts = {
      select: (/** @type {number|null} */ id) => this.select(id),
      go: (/** @type {number} */ step) => this.go(step),
      converse: () => this.#converse(),
    };
    this.inspector = new Inspector(this.state, this.kin, acts);
    this.log = new MessageLog(this.focus, acts);
    this.said = new Said(this.state);
    this.errors = new Errors(this.state);
    this.root = this.#build();
    el.append(this.root);
    this.stops = this.#listen();
    this.#news({ added: this.state.list, changed: this.state.list, whole: true });
  }

  /** Take the view away; nothing of it stays behind. */
  remove() {
    cancelAnimationFrame(this.request);
    clearTimeout(this.timer);
    clearTimeout(this.waking);
    this.request = -1;
    this.controls.remove();
    this.menu.close();
    for (const stop of this.stops) stop();
    this.root.remove();
  }

  /** @param {number|null} id */
  select(id) {
    this.selected = id !== null && this.state.messages.has(id) ? id : null;
    if (this.selected !== null) {
      this.diagram.reveal(this.selected);
      this.#press();
    }
    this.#inspect();
    if (this.selected === null) this.log.refresh(null);
    else this.log.reveal(this.selected);
    const chosen = this.#chosen();
    if (chosen) say(this.spokenText, about(this.state, chosen));
    set(this.root, { "data-selected": this.selected ?? "" });
    this.redraw();
  }

  /** To the next or the previous message. @param {number} step */
  go(step) {
    const list = this.focus.shown;
    if (!list.length) return;
    const at = list.findIndex((message) => message.id === this.selected);
    const next = at < 0 ? (step > 0 ? 0 : list.length - 1) : Math.max(0, Math.min(list.length - 1, at + step));
    this.select(list[next].id);
  }

  #inspect() {
    const chosen = this.#chosen();
    this.inspector.show(chosen, chosen !== null && (this.focus.conversation?.ids.has(chosen.id) ?? false));
  }

  /** Highlight the conversation of the chosen message, or no longer. */
  #converse() {
    const chosen = this.#chosen();
    const ends = !chosen || this.focus.conversation?.ids.has(chosen.id);
    this.focus.converse(ends ? null : chosen);
    if (this.clock.alone) this.transport.end(); // a replay that nobody asked for would hide how it ends
    this.#focused();
  }

  /** The person looks at something else. */
  #focused() {
    this.diagram.lit = this.stage.lit = this.focus.active ? (message) => this.focus.lit(message) : null;
    this.filter.refresh();
    this.#inspect();
    this.log.refresh(this.selected);
    set(this.root, { "data-shown": this.focus.shown.length });
    this.redraw();
  }

  /** One step out: of the conversation, of the message, of the filter. */
  #out() {
    if (this.focus.conversation) this.#converse();
    else if (this.selected !== null) this.select(null);
    else this.filter.clear();
  }

  redraw() {
    this.dirty.draw = true;
    this.#schedule();
  }

  #chosen() {
    return this.selected === null ? null : (this.state.messages.get(this.selected) ?? null);
  }

  #schedule() {
    this.request ||= requestAnimationFrame((now) => {
      this.request = 0;
      this.#frame(now);
    });
  }

  /** Out of sight nothing is drawn; the words are kept up to date at leisure. @param {number} now */
  #frame(now) {
    const { visible, clock } = this;
    const due = this.dirty.data && now >= this.rest;
    if (due) this.#takeIn();
    if (visible) this.#again(now);
    const moving = visible && clock.mode === "replay";
    if (moving && !clock.tick(now, this.diagram.scale)) this.#seenAll();
    if (visible && (this.dirty.draw || moving)) this.#show();
    if (due) this.rest = now + Math.max(visible ? 0 : HIDDEN, PAUSE * (performance.now() - now));
    if (this.dirty.data) this.#sleep(this.rest - now);
    if (moving) this.#schedule();
  }

  /** What was too fast to be seen is shown again, once, when the programs are at rest. @param {number} now */
  #again(now) {
    const { clock, unseen, diagram } = this;
    if (clock.mode !== "live" || this.dirty.data) return;
    if (this.state.held) return this.#seenAll(); // who holds messages back is looking at them
    if (now < unseen.quiet) return this.#sleep(unseen.quiet - now);
    const from = this.still.matches ? null : unseen.next(diagram.steps);
    if (from === null) return this.#seenAll();
    clock.play(diagram.scale, from, true);
    this.seen = this.state.total;
    this.redraw();
  }

  /** The moment of the clock, on the stage and in the diagram. */
  #show() {
    const { state, clock, diagram } = this;
    const live = clock.mode === "live";
    const at = clock.shown(diagram.scale, this.still.matches);
    if (live) this.seen = state.total;
    const words = modeWords(clock, diagram.scale, this.store.status, state.total - this.seen);
    this.stage.show(live ? momentNow(state, diagram.scale) : momentAt(state, diagram.scale, at), words, this.selected);
    const { from, per } = diagram.view;
    diagram.show(at, live);
    if (this.dirty.draw || diagram.view.from !== from || diagram.view.per !== per)
      diagram.draw(this.selected, live && this.store.live);
    this.graph.draw(at, live);
    this.transport.refresh(this.store.live);
    say(this.status, words);
    set(this.root, { "data-mode": clock.mode });
    this.dirty.draw = false;
  }

  /** @param {number} time */
  #seek(time) {
    this.clock.seek(time, this.diagram.scale);
    this.#taken();
  }

  /** The person has taken the clock in hand: nothing starts by itself any more until there are news. */
  #taken() {
    this.#seenAll();
    this.redraw();
  }

  #seenAll() {
    this.unseen.done(this.diagram.steps);
  }

  /** @param {number} time ms */
  #sleep(time) {
    this.waking ||= setTimeout(() => this.#wake(), time);
  }

  #wake() {
    this.waking = 0;
    this.#schedule();
  }

  #takeIn() {
    const { state } = this;
    this.dirty = { data: false, draw: true };
    if (this.structure !== state.structure) {
      this.structure = state.structure;
      const { columns, lanes, tints } = state.order;
      this.stage.rebuild(columns, tints);
      this.diagram.rebuild(lanes, tints);
      this.said.rebuild();
      this.filter.rebuild();
    }
    this.errors.rebuild();
    this.diagram.rescale();
    this.#inspect();
    this.filter.refresh();
    this.controls.refresh();
    this.menu.refresh();
    this.#tally();
    this.#list();
  }

  #tally() {
    const { state, store } = this;
    say(this.counts, summary(state));
    set(this.root, {
      "data-live": store.live ? "true" : "false",
      "data-messages": state.total,
      "data-received": state.counts.received,
      "data-dropped": state.counts.dropped,
      "data-undrawn": state.notDrawn,
    });
  }

  /** The lists and the spoken words are brought up to date less often than the pictures. */
  #list() {
    const now = performance.now();
    clearTimeout(this.timer);
    if (now - this.listed < LISTS) {
      this.timer = setTimeout(() => this.#list(), LISTS);
      return;
    }
    this.listed = now;
    this.log.refresh(this.selected);
    this.said.refresh();
    if (now - this.spoken < SPOKEN) {
      this.timer = setTimeout(() => this.#list(), SPOKEN);
      return;
    }
    this.spoken = now;
    say(this.spokenText, `${this.store.status}: ${summary(this.state)}`);
  }

  #build() {
    this.status = h("span", { class: "zf-live" });
    this.counts = h("span", { class: "zf-counts" });
    this.spokenText = h("div", { class: "zf-spoken", "aria-live": "polite" });
    const title = this.store.title;
    return h(
      "div",
      {
        class: "zmqlab-flow",
        role: "region",
        "aria-label": `zmqlab view of ${title}`,
        "data-selected": "",
        "data-lm-suppress-shortcuts": "true", // JupyterLab's own keys would come first
      },
      h(
        "header",
        { class: "zf-bar" },
        h("h2", {}, title),
        this.controls.bar,
        this.status,
        this.counts,
        this.controls.told,
      ),
      this.filter.element,
      this.errors.element,
      h("div", { class: "zf-upper" }, this.stage.element, this.inspector.element),
      this.transport.element,
      h(
        "section",
        { class: "zf-spacetime", "aria-label": "Space-time diagram" },
        this.#tools(),
        this.diagram.element,
        this.graph.element,
        h("p", { class: "zf-legend" }, LEGEND),
      ),
      h("div", { class: "zf-lower" }, this.log.element, this.said.element),
      this.spokenText,
      this.menu.element,
    );
  }

  /** Something was clicked that the kernel has to do: show that it was heard. */
  #asked() {
    this.menu.refresh();
    this.redraw();
  }

  #tools() {
    const button = (
      /** @type {string} */ text,
      /** @type {string} */ name,
      /** @type {string} */ key,
      /** @type {() => void} */ act,
    ) => {
      const made = h(
        "button",
        { type: "button", title: `${name} (${key})`, "aria-label": name, "aria-keyshortcuts": key },
        text,
      );
      made.addEventListener("click", () => {
        act();
        this.redraw();
      });
      return made;
    };
    this.steps = button("steps", "scale: steps", "S", () => this.#use("steps"));
    this.millis = button("ms", "scale: ms, milliseconds", "S", () => this.#use("ms"));
    this.following = button("follow", "follow the newest", "L", () => this.#follow());
    this.axisName = h("small", {});
    const bar = h(
      "h3",
      {},
      "Space-time",
      this.axisName,
      h(
        "span",
        { class: "zf-buttons" },
        h("span", { class: "zf-pair", role: "group", "aria-label": "scale" }, this.steps, this.millis),
        button("−", "zoom out", "-", () => this.#zoom(1 / 1.5)),
        button("+", "zoom in", "+", () => this.#zoom(1.5)),
        button("fit", "fit the whole run", "F", () => this.#fit()),
        this.following,
      ),
    );
    this.#press();
    return bar;
  }

  #press() {
    const { kind, view } = this.diagram;
    set(this.steps, { "aria-pressed": kind === "steps" ? "true" : "false" });
    set(this.millis, { "aria-pressed": kind === "ms" ? "true" : "false" });
    set(this.following, { "aria-pressed": view.follow ? "true" : "false" });
    say(this.axisName, kind === "steps" ? "steps, not to scale: one for each send and receive" : "ms, to scale");
  }

  /** @param {"steps"|"ms"} kind */
  #use(kind) {
    this.diagram.use(kind);
    this.#press();
  }

  #follow() {
    this.diagram.follow();
    this.#press();
  }

  #fit() {
    this.diagram.fit();
    this.#press();
  }

  /** @param {number} factor */
  #zoom(factor) {
    this.diagram.zoom(factor);
    this.#press();
  }

  /** @returns {(() => void)[]} */
  #listen() {
    const sizes = new ResizeObserver(() => {
      this.stage.place();
      this.menu.refresh();
      this.diagram.resize();
      this.diagram.rescale();
      this.redraw();
    });
    sizes.observe(this.root);
    this.stage.onResize = () => this.redraw();
    const sight = new IntersectionObserver((entries) => {
      this.visible = entries[entries.length - 1].isIntersecting;
      if (this.visible) this.#schedule();
    });
    sight.observe(this.root);
    this.root.addEventListener("click", (event) => {
      const queue = /** @type {Element} */ (event.target).closest("[data-queue]")?.getAttribute("data-queue");
      if (!queue) return;
      this.graph.toggle(queue);
      this.redraw();
    });
    this.root.addEventListener("keydown", (event) => this.#key(event));
    return [
      () => sizes.disconnect(),
      () => this.stage.close(),
      () => sight.disconnect(),
      onThemeChange(() => {
        this.diagram.refreshTheme();
        this.redraw();
      }),
      this.store.listen((news) => this.#news(news)),
    ];
  }

  /** @type {import("./store.js").Listener} */
  #news({ changed, whole, told }) {
    this.steer.update(performance.now());
    if (told !== undefined) this.#told(told);
    if (this.selected !== null && !this.state.messages.has(this.selected)) this.select(null);
    this.diagram.take(changed, whole);
    this.kin.forget();
    this.focus.take(changed, whole);
    this.dirty.data = true;
    if (changed.length) this.#noteNews(whole);
    this.#schedule();
  }

  /** What was asked for cannot be done. @param {string} text */
  #told(text) {
    this.steer.refused();
    this.controls.tell(text);
    this.controls.refresh();
    this.menu.refresh();
  }

  /** A replay that started by itself does not keep anybody from what is new. @param {boolean} whole */
  #noteNews(whole) {
    const { clock, unseen, diagram } = this;
    unseen.news(performance.now(), whole);
    if (!clock.alone) return;
    diagram.rescale();
    if (!this.state.held && !Unseen.late(clock.remaining(diagram.scale))) return;
    unseen.from = clock.at;
    clock.live();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "Tab") event.stopPropagation(); // the notebook would take the focus away, and then the keys
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = /** @type {Element} */ (event.target);
    if (target.closest("select")) return;
    if (target === this.filter.text && event.key !== "Escape") return;
    const slides = target.closest("input[type=range]") !== null;
    if (event.key === " " && target.closest("button")) return; // it presses the button
    const onCanvas = event.target === this.diagram.canvas;
    const acts = {
      "+": () => this.#zoom(1.5),
      "=": () => this.#zoom(1.5),
      "-": () => this.#zoom(1 / 1.5),
      f: () => this.#fit(),
      l: () => this.#follow(),
      s: () => this.#use(this.diagram.kind === "steps" ? "ms" : "steps"),
      n: () => this.go(1),
      p: () => this.go(-1),
      c: () => this.#converse(),
      w: () => this.inspector.turnWire(),
      "/": () => this.filter.text.focus(),
      Escape: () => this.#out(),
      ...(this.steer.able && {
        h: () => this.controls.toggle(),
        j: () => this.controls.next(),
        g: () => this.controls.letGo(this.selected),
      }),
      " ": () => this.transport.toggle(),
      ",": () => this.transport.step(-1),
      ".": () => this.transport.step(1),
      ...(!slides && { Home: () => this.transport.rewind(), End: () => this.transport.end() }),
      ...(onCanvas && {
        ArrowLeft: () => this.diagram.pan(-0.15),
        ArrowRight: () => this.diagram.pan(0.15),
        Enter: () => this.go(event.shiftKey ? -1 : 1),
      }),
    };
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
    this.#press();
    this.redraw();
  }
}
