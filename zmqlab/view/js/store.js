// @ts-check
/** The folded trace of one model, kept up to date whether or not it is shown anywhere. */

import { State } from "./state.js";

const AGAIN = 2_000; // ms until a browser that misses something asks again

/** @typedef {import("./state.js").Message} Message */
/** @typedef {(news: {added: Message[], changed: Message[], whole: boolean}) => void} Listener */

export class Store {
  /** @param {any} model  anywidget's: get, on, off, send */
  constructor(model) {
    this.model = model;
    this.state = new State();
    this.asked = 0;
    /** @type {Set<Listener>} */
    this.listeners = new Set();
    this.onBatch = (/** @type {any} */ batch) => this.#apply(batch);
    this.onSnapshot = () => this.#look(model.get("snapshot"));
    this.onLive = () => this.#tell({ added: [], changed: [], whole: false });
    model.on("msg:custom", this.onBatch);
    model.on("change:snapshot", this.onSnapshot);
    model.on("change:live", this.onLive);
    this.onSnapshot();
    this.#hello();
  }

  /** @returns {string} */
  get title() {
    return this.model.get("title");
  }

  /** @returns {boolean} */
  get live() {
    return this.model.get("live");
  }

  /** @param {Listener} listener @returns {() => void} the way to stop */
  listen(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close() {
    this.listeners.clear();
    this.model.off("msg:custom", this.onBatch);
    this.model.off("change:snapshot", this.onSnapshot);
    this.model.off("change:live", this.onLive);
  }

  /** A snapshot is for those who missed a batch; parsing it takes a while. @param {any} snapshot */
  #look(snapshot) {
    if (snapshot.upto > this.state.have) this.#apply(JSON.parse(snapshot.json));
  }

  /** @param {any} batch */
  #apply(batch) {
    if (!batch || typeof batch.upto !== "number") return;
    const { gap, ...news } = this.state.apply(batch);
    if (gap && performance.now() - this.asked > AGAIN) this.#hello();
    this.#tell(news);
  }

  /** Say how far this browser has come; the kernel answers with everything when that is not far enough. */
  #hello() {
    this.asked = performance.now();
    this.model.send({ type: "hello", have: this.state.have });
  }

  /** @type {Listener} */
  #tell(news) {
    for (const listener of this.listeners) listener(news);
  }
}
