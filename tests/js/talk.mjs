// Tells the browser of messages as ZeroMQ carries them: what each kind of socket adds to the frames and takes off.
import { actor, batch, frame, message, socket } from "./story.mjs";
import { State } from "../../zmqlab/view/js/model/state.js";

const ENDPOINT = "tcp://127.0.0.1:5555";
const empty = { hex: "", size: 0 };
const framed = (frames) => frames.map((one) => (typeof one === "string" ? frame(one) : one));

export class Talk {
  /** @param {Record<string, string>} types "alice" or "broker.front" -> "DEALER"; the routing id is the name */
  constructor(types) {
    this.types = types;
    this.messages = [];
    this.now = 0;
    this.envelopes = new Map(); // a REP's, to be put on its answer
  }

  /**
   * One message, a millisecond for each of its steps. `frames` as the program gives them; without an address for a
   * ROUTER, which sends to `to`. Returns its id.
   */
  pass(from, to, frames, { proxied = false, at = this.now, lost = false } = {}) {
    const body = framed(frames);
    const [sender, receiver] = [this.types[from], this.types[to]];
    const id = this.messages.length + 1;
    const wire = [...this.#added(from, sender), ...body];
    const given = sender === "ROUTER" ? [frame(to), ...body] : body;
    let got = receiver === "ROUTER" ? [frame(from), ...wire] : wire;
    if (receiver === "REQ" || receiver === "REP") {
      const delimiter = wire.findIndex(({ size }) => !size);
      if (receiver === "REP") this.envelopes.set(to, wire.slice(0, delimiter + 1));
      got = wire.slice(delimiter + 1);
    }
    this.messages.push(
      message(id, {
        from: `1.${from}`,
        to: lost ? "" : `1.${to}`,
        receiver: lost ? "" : to.split(".")[0],
        sent: proxied && from.startsWith("broker") ? null : at,
        left: at + 0.1,
        arrived: lost ? null : at + 0.2,
        received: lost || (proxied && to.startsWith("broker")) ? null : at + 0.5,
        frames: proxied && from.startsWith("broker") ? wire : given,
        wire_frames: wire,
        received_frames: got,
        end: lost ? "lost" : "",
        ended: lost ? at + 1 : null,
      }),
    );
    this.now = Math.max(this.now, at) + 1;
    return id;
  }

  #added(from, type) {
    if (type === "REQ") return [empty];
    return type === "REP" ? (this.envelopes.get(from) ?? [empty]) : [];
  }

  state() {
    const state = new State();
    const names = [...new Set(Object.keys(this.types).map((name) => name.split(".")[0]))];
    const sockets = Object.entries(this.types).map(([name, type]) =>
      socket(`1.${name}`, name.split(".")[0], type, { [name.includes(".") ? "binds" : "connects"]: [ENDPOINT] }),
    );
    state.apply(
      batch(0, 1, { actors: names.map((name) => actor(name)), sockets, messages: this.messages, now: this.now }),
    );
    return state;
  }
}
