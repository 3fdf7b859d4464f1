// @ts-check
/**
 * Messages on the stage, flying slower than life: most take a fraction of a millisecond. What came first flies first,
 * an answer leaves after its question has landed, and when too many come, some are not flown. No DOM.
 */

import { placeOf, startOf } from "./state.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Message} Message */
/** @typedef {{message: Message, start: number, held: boolean}} Flight  start: ms of the flights' clock */

export const FLIGHT = 800; // ms
const GAP = 170; // ms between two messages on the same way
const BACKLOG = { calm: 4_000, live: 2_000 }; // ms that the flights may lag behind, by their own clock
const HASTE = 300; // ms: so far behind, that clock runs at twice the speed
const FASTEST = 3; // faster than this nobody could follow
const MOST = 30;
const HALFWAY = 0.55; // where a message stays that is on the wire and has not arrived

export class Flights {
  constructor() {
    /** @type {Flight[]} */
    this.flights = [];
    /** @type {Map<number, Message>} seen, and still with the sender */
    this.waiting = new Map();
    /** @type {Map<string, number>} when a way is free again, and when an actor has got what it answers */
    this.free = new Map();
    this.clock = 0; // the time of the flights: it runs faster than the browser's while they are behind
    this.read = Number.NEGATIVE_INFINITY;
    this.calm = true; // what is past is told at its ease; as soon as there is news, the flights catch up
  }

  /** @param {State} state @param {Message[]} added @param {number} time @param {boolean} calm these are no news */
  add(state, added, time, calm = false) {
    const now = this.#tick(time);
    this.calm = calm;
    const ready = [...this.waiting.values(), ...added].sort((a, b) => startOf(a) - startOf(b));
    this.waiting.clear();
    for (const message of ready) {
      if (placeOf(message) === "out") {
        if (this.waiting.size < MOST) this.waiting.set(message.id, message);
      } else {
        this.#schedule(state, message, now);
      }
    }
  }

  /** @param {State} state @param {Message} message @param {number} now */
  #schedule(state, message, now) {
    const way = `${message.from} ${message.to}`;
    const sender = state.actorOf(message.from);
    const receiver = state.receiverOf(message);
    const start = Math.max(now, this.free.get(way) ?? 0, this.free.get(sender) ?? 0);
    if (start > now + (this.calm ? BACKLOG.calm : BACKLOG.live) || this.flights.length >= MOST) return;
    this.flights.push({ message, start, held: false });
    this.free.set(way, start + GAP);
    if (receiver !== null && message.received !== null) {
      this.free.set(receiver, Math.max(this.free.get(receiver) ?? 0, start + FLIGHT));
    }
  }

  /**
   * The flights under way and how far each has come, from 0 to 1. Those that have landed are let go.
   * @param {number} time
   */
  active(time) {
    const now = this.#tick(time);
    const shown = [];
    this.flights = this.flights.filter((flight) => {
      const progress = this.#progress(flight, now);
      if (progress >= 0 && progress < 1) shown.push({ message: flight.message, progress });
      return progress < 1;
    });
    return shown;
  }

  /** @param {number} time of the browser's clock */
  #tick(time) {
    const passed = this.read === Number.NEGATIVE_INFINITY ? time : Math.max(0, time - this.read);
    const behind = Math.max(0, ...this.flights.map((flight) => flight.start - this.clock));
    this.clock += this.calm ? passed : passed * Math.min(FASTEST, 1 + behind / HASTE);
    this.read = time;
    return this.clock;
  }

  /** Is there anything that moves? A message that stands still on the wire does not. */
  get moving() {
    return this.flights.some((flight) => !flight.held);
  }

  /** @param {Flight} flight @param {number} now */
  #progress(flight, now) {
    let progress = (now - flight.start) / FLIGHT;
    if (placeOf(flight.message) === "wire" && progress >= HALFWAY) {
      flight.held = true;
      return HALFWAY;
    }
    if (flight.held) {
      flight.held = false;
      flight.start = now - HALFWAY * FLIGHT;
      progress = HALFWAY;
    }
    return progress;
  }
}
