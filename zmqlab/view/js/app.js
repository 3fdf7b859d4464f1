/** One view: puts the parts together, and keeps them together in what the person looks at. */

import { Diagram } from "./diagram/diagram.js";
import { QueueGraph } from "./diagram/queuegraph.js";
import { Toolbar } from "./diagram/toolbar.js";
import { focusOf, h, say, set } from "./dom/elements.js";
import { within } from "./dom/notebook.js";
import { Roving } from "./dom/roving.js";
import { onThemeChange } from "./dom/theme.js";
import { Drawing } from "./drawing.js";
import { actOf } from "./keys.js";
import { Clock } from "./model/clock.js";
import { Grouping } from "./model/grouping.js";
import { stepScale } from "./model/scale.js";
import { momentOf } from "./model/message.js";
import { about, summary } from "./model/words.js";
import { Seldom } from "./pace.js";
import { Cover } from "./panels/cover.js";
import { Errors } from "./panels/errors.js";
import { FilterBar } from "./panels/filterbar.js";
import { Header } from "./panels/header.js";
import { Inspector } from "./panels/inspector.js";
import { Keys } from "./panels/keys.js";
import { MessageLog } from "./panels/log.js";
import { Printed } from "./panels/printed.js";
import { Transport } from "./panels/transport.js";
import { Focus } from "./relations/focus.js";
import { Relations } from "./relations/relations.js";
import { Replays } from "./replays.js";
import { Stage } from "./stage/stage.js";
import { Controls } from "./steering/controls.js";
import { Menu } from "./steering/menu.js";
import { Steer } from "./steering/steer.js";

/** @import { Around } from "./dom/notebook.js" */
/** @import { Way } from "./panels/header.js" */
/** @import { Listener, Store } from "./store.js" */
/**
 * @typedef {object} Setting  where a view is drawn
 * @property {"here"|"beside"|"window"} seat in the output of a cell it is as high as it wants, elsewhere as its seat
 * @property {Way[]} ways to other places @property {Around} around the notebook that its keys belong to
 */

const LISTS = 400; // ms between two refreshes of the lists
const SPOKEN = 2_000; // ms between two words to a screen reader
const LEGEND = "thin: to be sent · thick: unread · wide: in hand · dot: printed · cross: dropped";

export class App {
  /** @param {Store} store @param {HTMLElement} el @param {Setting} setting */
  constructor(store, el, { seat, ways, around }) {
    const { state } = store;
    const redraw = () => this.redraw();
    const select = (/** @type {number|null} */ id) => this.select(id);
    this.store = store;
    this.state = state;
    const collapse = (/** @type {string} */ name) => this.#collapse(name);
    this.grouping = new Grouping();
    this.selected = /** @type {number|null} */ (null);
    this.visiting = false; // the moment of the chosen message
    this.structure = -1; // of the state, when cards and lanes were last made
    this.lists = new Seldom(LISTS, () => this.#list());
    this.words = new Seldom(SPOKEN, () => this.header.speak(`${store.status}: ${summary(state)}`));
    this.clock = new Clock();
    this.groups = /** @type {Roving[]} */ ([]);
    this.steer = new Steer(store);
    this.controls = new Controls(this.steer, () => this.#asked());
    this.menu = new Menu();
    this.keys = new Keys();
    this.header = new Header(state, store.title, this.controls, {
      ways,
      find: () => this.filter.open(),
      keys: () => this.keys.toggle(),
    });
    this.stage = new Stage(state, this.grouping, select, this.controls, this.menu, redraw, collapse);
    this.diagram = new Diagram(state, { select, redraw, collapse, seek: (time) => this.#seek(time) });
    this.toolbar = new Toolbar(this.diagram, redraw);
    this.legend = h("p", { class: "zf-legend" });
    this.graph = new QueueGraph(state, this.diagram, redraw);
    this.transport = new Transport(this.clock, {
      scale: () => this.diagram.scale,
      steps: () => stepScale(this.diagram.steps),
      runs: () => this.diagram.runs,
      counted: () => state.notDrawn === 0,
      changed: () => this.#taken(),
    });
    this.cover = new Cover(() => {
      this.root.focus({ preventScroll: true }); // the button goes, and the keys are to work on
      this.transport.toggle();
    });
    this.replays = new Replays(state, this.clock, this.diagram);
    this.relations = new Relations(state);
    this.focus = new Focus(state, this.relations);
    this.filter = new FilterBar(state, this.focus, () => this.#focused());
    const go = (/** @type {number} */ step) => this.go(step);
    const acts = { select, go, converse: () => this.converse(), out: () => this.out() };
    this.inspector = new Inspector(state, this.relations, acts);
    this.log = new MessageLog(this.focus, acts, this.header.counts);
    this.printed = new Printed(state);
    this.errors = new Errors(state);
    this.drawing = new Drawing(this, () => this.#takeIn());
    this.root = this.#build(seat);
    within(this.root, around);
    this.groups = this.#groups().map((group) => new Roving(group));
    el.append(this.root);
    this.stops = this.#listen();
    this.#news({ added: state.list, changed: state.list, whole: true });
    if (store.model.get("covered") && state.total) this.#begin();
    if (store.at !== null) this.#stand(store.at);
  }

  /** Take the view away; nothing of it stays behind. */
  remove() {
    for (const stop of this.stops) stop();
    this.root.remove();
  }

  /** Choose a message: stage and diagram go to its moment, and back to now when it is chosen no longer. @param {number|null} id */
  select(id) {
    this.selected = id !== null && this.state.messages.has(id) ? id : null;
    const chosen = this.#chosen();
    const moment = chosen && momentOf(chosen);
    if (moment !== null) this.#seek(moment);
    else if (this.visiting) this.transport.end();
    this.visiting = moment !== null;
    if (chosen) {
      this.diagram.reveal(chosen.id);
      this.toolbar.refresh();
      this.log.reveal(chosen.id);
      this.header.speak(about(chosen));
    } else this.log.refresh(null);
    const focused = focusOf(this.root);
    this.#inspect();
    // In a narrow view the list of messages makes room for the one that was chosen.
    if (this.log.element.contains(focused) && !focused?.checkVisibility())
      this.inspector.element.focus({ preventScroll: true });
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

  /** Highlight the conversation of the chosen message, or no longer. */
  converse() {
    const chosen = this.#chosen();
    const ends = !chosen || this.focus.conversation?.ids.has(chosen.id);
    this.focus.converse(ends ? null : chosen);
    if (this.clock.alone) this.transport.end(); // a replay that nobody asked for would hide how it ends
    this.#focused();
  }

  /** Escape: the help goes, or else all that was chosen, so that everything is shown again. */
  out() {
    if (this.keys.close()) return;
    const inside = this.inspector.element.contains(focusOf(this.root));
    this.select(null);
    this.filter.clear();
    if (inside) this.root.focus({ preventScroll: true });
  }

  redraw() {
    this.drawing.again();
  }

  #chosen() {
    return this.selected === null ? null : (this.state.messages.get(this.selected) ?? null);
  }

  #inspect() {
    const chosen = this.#chosen();
    this.inspector.show(chosen, chosen !== null && (this.focus.conversation?.ids.has(chosen.id) ?? false));
    this.printed.element.hidden = chosen !== null;
    for (const group of this.groups) group.refresh();
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

  /** Something was clicked that the kernel has to do: show that it was heard. */
  #asked() {
    this.clock.live(); // what was done is seen now, and not at another time
    this.menu.refresh();
    this.redraw();
  }

  /** A recorded page waits at its first moment until somebody plays it. */
  #begin() {
    this.diagram.rescale();
    this.#seek(this.diagram.runs[0]);
    this.cover.lay();
  }

  /** Stand still at a moment that the program has named, and which may be new. @param {number} time */
  #stand(time) {
    this.diagram.rescale();
    this.#seek(time);
  }

  /** @param {number} time */
  #seek(time) {
    this.clock.seek(time, this.diagram.scale);
    this.#taken();
  }

  /** The person has taken the clock in hand: nothing starts by itself any more until there are news. */
  #taken() {
    this.replays.skip();
    this.cover.lift();
    this.redraw();
  }

  #takeIn() {
    const { state, store } = this;
    if (this.structure !== state.structure) this.#rebuild();
    this.errors.rebuild();
    this.diagram.rescale();
    this.toolbar.refresh();
    this.#inspect();
    this.filter.refresh();
    this.controls.refresh();
    this.menu.refresh();
    this.header.refresh();
    say(this.legend, `${state.colour} · ${LEGEND}`);
    set(this.root, {
      "data-live": String(store.live),
      "data-messages": state.total,
      "data-received": state.counts.received,
      "data-dropped": state.counts.dropped,
      "data-undrawn": state.notDrawn,
    });
    this.lists.ask();
    this.words.ask();
  }

  /** Actors, sockets or connections have changed. */
  #rebuild() {
    const { structure, order } = this.state;
    this.structure = structure;
    this.grouping.take(order.lanes, order.groups);
    this.#regroup();
    this.printed.rebuild();
    this.filter.rebuild();
  }

  /** Other lanes have a row and a card of their own. */
  #regroup() {
    const { columns, tints } = this.state.order;
    this.stage.rebuild(this.grouping.collapse(columns), tints);
    this.diagram.rebuild(this.grouping, tints);
    this.toolbar.refresh();
    for (const group of this.groups) group.refresh();
  }

  /** Collapse the lanes of a group into one, or expand them. @param {string} name */
  #collapse(name) {
    this.grouping.toggle(name);
    this.#regroup();
    this.redraw();
  }

  #list() {
    this.log.refresh(this.selected);
    this.printed.refresh();
  }

  /** @param {Setting["seat"]} seat */
  #build(seat) {
    const { toolbar, diagram, graph } = this;
    this.stage.element.append(this.cover.element);
    return h(
      "div",
      {
        class: "zmqlab-flow",
        role: "region",
        "aria-label": `zmqlab view of ${this.store.title}`,
        "data-selected": "",
        "data-seat": seat,
      },
      this.header.element,
      this.keys.element,
      this.filter.element,
      this.errors.element,
      this.stage.element,
      this.transport.element,
      h(
        "section",
        { class: "zf-spacetime", "aria-label": "Space-time diagram" },
        toolbar.element,
        diagram.element,
        graph.element,
        this.legend,
      ),
      h("div", { class: "zf-lower" }, this.log.element, this.inspector.element, this.printed.element),
      this.header.spoken,
      this.menu.element,
    );
  }

  /** What Tab comes to once; the arrow keys lead from button to button. */
  #groups() {
    const { controls, header, transport, toolbar, stage, inspector } = this;
    const bars = [controls.bar, header.tools, transport.element, toolbar.element];
    return [...bars, this.diagram.names.element, stage.floor, inspector.element];
  }

  /** @returns {(() => void)[]} what ends it */
  #listen() {
    const { root } = this;
    const sizes = new ResizeObserver(() => this.#resized());
    const sight = new IntersectionObserver((entries) => this.drawing.see(entries[entries.length - 1].isIntersecting));
    for (const one of [root, this.stage.element, this.diagram.element]) sizes.observe(one);
    sight.observe(root);
    root.addEventListener("click", (event) => {
      const queue = /** @type {Element} */ (event.target).closest("[data-queue]")?.getAttribute("data-queue");
      if (!queue) return;
      this.graph.toggle(queue);
      this.redraw();
    });
    root.addEventListener("keydown", (event) => this.#key(event));
    return [
      () => sizes.disconnect(),
      () => sight.disconnect(),
      () => this.drawing.frames.stop(),
      () => this.lists.stop(),
      () => this.words.stop(),
      () => this.stage.close(),
      () => this.controls.remove(),
      () => this.menu.close(),
      onThemeChange(() => {
        this.diagram.theme = null;
        this.redraw();
      }),
      this.store.listen((news) => this.#news(news)),
    ];
  }

  #resized() {
    this.stage.place();
    this.menu.refresh();
    this.diagram.resize();
    this.diagram.rescale();
    this.redraw();
  }

  /** @type {Listener} */
  #news({ changed, whole, refusal, at }) {
    this.steer.update(performance.now());
    if (refusal !== undefined) this.#refused(refusal);
    if (this.selected !== null && !this.state.messages.has(this.selected)) this.select(null);
    this.diagram.take(changed, whole);
    this.relations.forget();
    this.focus.take(changed, whole);
    if (changed.length) this.replays.news(whole);
    this.drawing.news();
    if (at !== undefined) this.#stand(at);
  }

  /** What was asked for cannot be done. @param {string} text */
  #refused(text) {
    this.steer.refused();
    this.controls.tell(text);
    this.controls.refresh();
    this.menu.refresh();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const act = actOf(this, event);
    if (!act) return;
    event.preventDefault();
    act();
    this.toolbar.refresh();
    this.redraw();
  }
}
