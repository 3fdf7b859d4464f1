/** The messages that are held back: which, in which order, and which of them may go. No DOM. */

import { settingOf } from "./settings.js";

/** @import { Message } from "./message.js" */
/** @import { Settings } from "./settings.js" */
/** @import { State } from "./state.js" */

/** The actors at the two ends of a connection; "" for one outside. @param {State} state @param {string} lane "12>" @returns {[string, string]} */
export function endsOf(state, lane) {
  const connection = state.connectionOf({ lane });
  const nameOf = (/** @type {string|undefined} */ id) => state.sockets.get(id ?? "")?.actor ?? "";
  return [nameOf(connection?.client), nameOf(connection?.server)];
}

export class HeldBack {
  /** @param {State} state */
  constructor(state) {
    /** @type {Map<string, Message[]>} lane (a connection and direction) -> its messages, the first to go first */
    this.lanes = new Map();
    this.cut = /** @type {Set<string>} */ (new Set()); // lanes on which nothing passes
    if (!holds(state.settings)) return; // of very many messages, none need be looked at
    for (const message of state.list) {
      if (message.place !== "wire" || !message.lane) continue;
      const lane = this.lanes.get(message.lane);
      if (lane) lane.push(message);
      else this.lanes.set(message.lane, [message]);
    }
    for (const [lane, messages] of this.lanes) {
      const [one, other] = endsOf(state, lane);
      const { hold, cut } = settingOf(state.settings, one, other);
      if (hold) messages.sort((a, b) => (a.number ?? 0) - (b.number ?? 0));
      else this.lanes.delete(lane);
      if (cut) this.cut.add(lane);
    }
  }

  /** Those that may go now, the one that has waited longest first. @returns {Message[]} */
  get first() {
    return [...this.lanes.values()].map(([first]) => first).sort((a, b) => (a.left ?? 0) - (b.left ?? 0));
  }

  /** @param {Message} message */
  has(message) {
    return this.lanes.get(message.lane)?.includes(message) ?? false;
  }

  /** Why a message that is held may not go, or "" when it may. @param {Message} message */
  whyNot(message) {
    if (this.cut.has(message.lane)) return "its link is cut: heal it first";
    const first = this.lanes.get(message.lane)?.[0];
    return !first || first === message ? "" : `#${first.id} goes first: TCP keeps the order of a connection`;
  }

  /** Those between two actors, in either direction, lane by lane. @param {State} state @param {string} one @param {string} other */
  between(state, one, other) {
    return [...this.lanes].filter(([lane]) => {
      const ends = endsOf(state, lane);
      return ends.includes(one) && ends.includes(other);
    });
  }
}

/** Is anything held anywhere? @param {Settings} settings */
function holds({ hold, links }) {
  return hold || links.some((link) => link.hold);
}
