/** When a view is drawn: at most once a frame, only what has changed, and no more batches than can be drawn. */

import { set } from "./dom/elements.js";
import { momentAt, momentNow } from "./model/moment.js";
import { Frames } from "./pace.js";
import { modeWords } from "./panels/transport.js";

/** @import { Diagram } from "./diagram/diagram.js" */
/** @import { QueueGraph } from "./diagram/queuegraph.js" */
/** @import { Clock } from "./model/clock.js" */
/** @import { Header } from "./panels/header.js" */
/** @import { Transport } from "./panels/transport.js" */
/** @import { Replays } from "./replays.js" */
/** @import { Stage } from "./stage/stage.js" */
/** @import { Store } from "./store.js" */
/**
 * @typedef {{store: Store, clock: Clock, replays: Replays, stage: Stage, diagram: Diagram, graph: QueueGraph,
 *   transport: Transport, header: Header, root: HTMLElement, selected: number|null}} Parts
 */

const PAUSE = 6; // after a batch was drawn, the next waits so many times as long as that took
const HIDDEN = 500; // ms between two batches that are taken in while the view is out of sight

export class Drawing {
  /** @param {Parts} parts @param {() => void} takeIn bring all parts up to date with the state */
  constructor(parts, takeIn) {
    this.parts = parts;
    this.takeIn = takeIn;
    this.stale = { state: true, picture: true };
    this.visible = true;
    this.resting = 0; // the browser's clock until which no batch is taken in
    this.counted = 0; // messages there were when the picture was last that of now
    this.frames = new Frames((now) => this.#frame(now));
  }

  /** There is news. */
  news() {
    this.stale.state = true;
    this.frames.soon();
  }

  /** The same is to be shown in another way. */
  again() {
    this.stale.picture = true;
    this.frames.soon();
  }

  /** Out of sight nothing is drawn; the words are kept up to date at leisure. @param {boolean} visible */
  see(visible) {
    this.visible = visible;
    if (visible) this.frames.soon();
  }

  /** @param {number} now */
  #frame(now) {
    const { visible, stale } = this;
    const { clock, diagram, replays } = this.parts;
    const due = stale.state && now >= this.resting;
    if (due) {
      this.stale = { state: false, picture: true };
      this.takeIn();
    }
    if (visible && !this.stale.state && clock.mode === "live") this.#replay(now);
    const moving = visible && clock.mode === "replay";
    if (moving && !clock.tick(now, diagram.scale)) replays.skip();
    if (visible && (this.stale.picture || moving)) this.#show();
    if (due) this.resting = now + Math.max(visible ? 0 : HIDDEN, PAUSE * (performance.now() - now));
    if (this.stale.state) this.frames.sleep(this.resting - now);
    if (moving) this.frames.soon();
  }

  /** Show again what was missed, when the programs are at rest. @param {number} now */
  #replay(now) {
    const { replays, store } = this.parts;
    const rest = replays.restIn(now);
    if (rest) this.frames.sleep(rest);
    else if (replays.start()) {
      this.counted = store.state.total;
      this.again();
    }
  }

  /** The moment of the clock, on the stage and in the diagram. */
  #show() {
    const { store, clock, replays, stage, diagram, graph, transport, header, root, selected } = this.parts;
    const { state } = store;
    const { from, per } = diagram.view;
    const live = clock.mode === "live";
    const at = clock.shown(diagram.scale, replays.still.matches);
    if (live || !store.live) this.counted = state.total; // of what is over, nothing comes since
    const words = modeWords(clock, diagram.scale, store.status, state.total - this.counted);
    stage.show(live ? momentNow(state, diagram.scale) : momentAt(state, diagram.scale, at), words, selected);
    diagram.show(at, live);
    const moved = diagram.view.from !== from || diagram.view.per !== per;
    if (this.stale.picture || moved) diagram.draw(selected, live && store.live);
    graph.draw(at, live);
    transport.refresh(store.live);
    header.show(live || store.status === "recorded" ? store.status : clock.mode);
    set(root, { "data-mode": clock.mode });
    this.stale.picture = false;
  }
}
