// @ts-check
/** The folded trace of one model, kept up to date whether or not it is shown anywhere. */

import { State } from "./state.js";

const AGAIN = 2_000; // ms until a browser that misses something asks again
const ENDS = ["comm_live_update", "comm:close", "destroy"]; // events of a model that lost its kernel, as after a restart
const GONE = ["restarting", "autorestarting", "terminating", "dead"]; // a kernel that died takes no leave of its models

/** @typedef {import("./state.js").Message} Message */
/** @typedef {(news: {added: Message[], changed: Message[], whole: boolean, told?: string}) => void} Listener  told: why something cannot be done */

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
    this.gone = false;
    this.onGone = () => {
      this.gone = true;
      this.onLive();
    };
    this.onStatus = (/** @type {any} */ _kernel, /** @type {string} */ status) =>
      GONE.includes(status) && this.onGone();
    this.onLive = () => this.#tell({ added: [], changed: [], whole: false });
    model.on("msg:custom", this.onBatch);
    model.on("change:snapshot", this.onSnapshot);
    model.on("change:live", this.onLive);
    model.on("change:steerable", this.onLive);
    for (const event of ENDS) model.on(event, this.onGone);
    this.kernel = model.widget_manager?.kernel;
    this.kernel?.statusChanged?.connect(this.onStatus);
    this.onSnapshot();
    this.#hello();
  }

  /** @returns {string} */
  get title() {
    return this.model.get("title");
  }

  /** @returns {boolean} */
  get live() {
    return this.model.get("live") && !this.gone;
  }

  /** Is there a lab that does what the buttons say? @returns {boolean} */
  get steerable() {
    return this.model.get("steerable") && this.live;
  }

  /** Ask the kernel to do something to the lab. @param {import("./steer.js").Command} command */
  do(command) {
    this.model.send({ type: "do", ...command });
  }

  /** In words: is this true of now, has it come to its end, was it cut off, or is it a recording? */
  get status() {
    if (this.model.get("recorded")) return "recorded";
    if (!this.model.get("live")) return "ended";
    return this.gone ? "kernel gone" : "live";
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
    this.model.off("change:steerable", this.onLive);
    for (const event of ENDS) this.model.off(event, this.onGone);
    this.kernel?.statusChanged?.disconnect(this.onStatus);
  }

  /** A snapshot is for those who missed a batch; parsing it takes a while. @param {any} snapshot */
  #look(snapshot) {
    if (snapshot.upto > this.state.have) this.#apply(JSON.parse(new TextDecoder().decode(snapshot.json)));
  }

  /** @param {any} batch */
  #apply(batch) {
    if (batch?.type === "told") this.#tell({ added: [], changed: [], whole: false, told: String(batch.text) });
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
