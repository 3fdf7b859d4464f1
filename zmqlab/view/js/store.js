/** The folded trace of one model, kept up to date whether or not it is shown anywhere. */

import { State } from "./model/state.js";

/** @import { Message } from "./model/message.js" */
/** @import { Batch } from "./model/state.js" */
/** @import { Command } from "./steering/steer.js" */
/**
 * @typedef {{title: string, live: boolean, recorded?: boolean, steerable?: boolean, where: ""|"here", at?: number|null, born: number,
 *   covered?: boolean, snapshot: {upto: number, json: BufferSource}, _css?: string}} Traits  at: the moment to stand at, in s; covered: it waits to be played
 */
/** @typedef {(act: (sender: unknown, status: string) => void) => void} Connect */
/**
 * What a view uses of anywidget's model.
 * @typedef {object} Model
 * @property {<K extends keyof Traits>(name: K) => Traits[K]} get
 * @property {(event: string, act: (news: any) => void) => void} on @property {(event: string, act: (news: any) => void) => void} off
 * @property {(content: object) => void} send
 * @property {{kernel?: {id?: string, statusChanged?: {connect: Connect, disconnect: Connect}}}} [widget_manager]
 */
/** @typedef {(news: {added: Message[], changed: Message[], whole: boolean, refusal?: string, at?: number}) => void} Listener  refusal: why something cannot be done; at: the moment to go to, in ms */

const AGAIN = 2_000; // ms until a browser that misses something asks again
const ENDS = ["comm_live_update", "comm:close", "destroy"]; // events of a model that lost its kernel, as after a restart
const GONE = ["restarting", "autorestarting", "terminating", "dead"]; // a kernel that died tells its models nothing

export class Store {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    this.state = new State();
    this.asked = 0;
    /** @type {Set<Listener>} */
    this.listeners = new Set();
    this.gone = false;
    const news = () => this.#tell({ added: [], changed: [], whole: false });
    const gone = () => {
      this.gone = true;
      news();
    };
    /** @type {Record<string, (news: any) => void>} */
    this.events = {
      "msg:custom": (batch) => this.#apply(batch),
      "change:snapshot": () => this.#look(),
      "change:at": () => this.#go(),
      "change:live": news,
      "change:steerable": news,
      ...Object.fromEntries(ENDS.map((event) => [event, gone])),
    };
    for (const [event, act] of Object.entries(this.events)) model.on(event, act);
    this.onStatus = (/** @type {unknown} */ _kernel, /** @type {string} */ status) => GONE.includes(status) && gone();
    this.kernel = model.widget_manager?.kernel;
    this.kernel?.statusChanged?.connect(this.onStatus);
    this.#look();
    this.#hello();
  }

  get title() {
    return this.model.get("title");
  }

  get live() {
    return this.model.get("live") && !this.gone;
  }

  /** Is there a lab that does what the buttons say? */
  get steerable() {
    return this.live && this.model.get("steerable") === true;
  }

  /** Ask the kernel to do something to the lab. @param {Command} command */
  do(command) {
    this.model.send({ type: "do", ...command });
  }

  /** The moment to stand at, in ms of the trace; null for none. */
  get at() {
    const seconds = this.model.get("at");
    return typeof seconds === "number" ? 1000 * seconds : null;
  }

  /** Tell the person why something cannot be done. @param {string} refusal */
  refuse(refusal) {
    this.#tell({ added: [], changed: [], whole: false, refusal });
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
    for (const [event, act] of Object.entries(this.events)) this.model.off(event, act);
    this.kernel?.statusChanged?.disconnect(this.onStatus);
  }

  #go() {
    if (this.at !== null) this.#tell({ added: [], changed: [], whole: false, at: this.at });
  }

  /** A snapshot is for those who missed a batch; parsing it takes a while. */
  #look() {
    const { upto, json } = this.model.get("snapshot");
    if (upto > this.state.have) this.#apply(JSON.parse(new TextDecoder().decode(json)));
  }

  /** @param {Batch|{type: "refused", text: string}} batch */
  #apply(batch) {
    if ("text" in batch) return this.refuse(batch.text);
    if (typeof batch.upto !== "number") return;
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
