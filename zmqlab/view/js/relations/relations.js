/**
 * Which messages belong to which: the reply to a request, the copy that a broker sent on, the retry. Said only as far
 * as frames and socket types tell; what the order alone suggests is marked as not certain. No DOM.
 */

import { startOf } from "../model/message.js";
import { idAt, placeOfId } from "./correlation.js";
import { carries, given, got, hop, same, typeOf } from "./envelope.js";
import { around, cameAt, from, trafficOf, upTo } from "./traffic.js";

/** @import { Frame, Message } from "../model/message.js" */
/** @import { State } from "../model/state.js" */
/** @import { Traffic } from "./traffic.js" */
/** @typedef {{of: Message, out: Message, way: "onward"|"back", certain: boolean}} Copy */
/**
 * `alone`: nothing says that it is the reply, but no other message can have been meant.
 * @typedef {{message: Message, certain: boolean, alone: boolean}} Answer
 */

export const WINDOW = 400; // messages of an actor that are looked through in either direction
const SAMPLE = 100; // requests from which is learned where a socket has its correlation ids

/** The first so many that are so. @param {Message[]} messages @param {number} most @param {(m: Message) => boolean} so */
function first(messages, most, so) {
  const found = [];
  for (let i = 0; i < messages.length && found.length < most; i++) if (so(messages[i])) found.push(messages[i]);
  return found;
}

export class Relations {
  /** @param {State} state */
  constructor(state) {
    this.state = state;
    /** @type {Map<string, Traffic>} */
    this.traffic = new Map();
    /** @type {Map<string, number|null>} */
    this.places = new Map();
    /** @type {Map<number, Copy[]>} */
    this.copied = new Map();
    /** @type {Map<number, "request"|"reply">} */
    this.natures = new Map();
  }

  /** After news: look at everything anew. */
  forget() {
    for (const known of [this.traffic, this.places, this.copied, this.natures]) known.clear();
  }

  /** What the actor of a socket sent and got. @param {string} socket */
  trafficAt(socket) {
    const actor = this.state.actorOf(socket);
    let traffic = this.traffic.get(actor);
    if (!traffic) this.traffic.set(actor, (traffic = trafficOf(this.state, actor)));
    return traffic;
  }

  /** Where the requests of a socket have their correlation id, from the last frame; null where that is not known. @param {string} socket */
  #placeOf(socket) {
    let known = this.places.get(socket);
    if (known !== undefined) return known;
    const { in: came, out } = this.trafficAt(socket);
    const asked = first(out, SAMPLE, (message) => message.from === socket);
    const replies = first(came, WINDOW, (message) => message.to === socket);
    const met = first(came, WINDOW, (message) => typeOf(this.state, message.to) === "ROUTER");
    const addresses = new Set(met.map((message) => got(this.state, message)[0]?.hex));
    known = placeOfId(this.state, socket, asked, replies, addresses);
    this.places.set(socket, known);
    return known;
  }

  /** The peer of an actor's ROUTERs that has a routing id. @param {string} socket of that actor @param {string} hex */
  peerWith(socket, hex) {
    const met = this.trafficAt(socket).in.find(
      (m) => typeOf(this.state, m.to) === "ROUTER" && got(this.state, m)[0]?.hex === hex,
    );
    return met ? met.sender : null;
  }

  /** The id that the sender of a request gave it. @param {Message} message */
  ownId(message) {
    const place = this.#placeOf(message.from);
    return place ? idAt(given(this.state, message), place) : null;
  }

  /** The id of a request that comes back in this message. @param {Message} message */
  #idBack(message) {
    const place = message.to ? this.#placeOf(message.to) : null;
    if (!place) return null;
    const asked = upTo(this.trafficAt(message.to).out, startOf, cameAt(message), WINDOW).filter(
      ({ from }) => from === message.to,
    );
    const ids = new Set(asked.map((one) => idAt(given(this.state, one), place)));
    return got(this.state, message).find(({ hex }) => ids.has(hex))?.hex ?? null;
  }

  /** The correlation id in a message, as hex; null where none is known. @param {Message} message @returns {string|null} */
  idOf(message) {
    const near = this.ownId(message) ?? this.#idBack(message);
    if (near) return near;
    const origin = this.originOf(message)?.of;
    if (origin) return this.ownId(origin) ?? this.#idBack(origin);
    for (const { out } of this.forwardsOf(message)) {
      const far = this.#idBack(out);
      if (far) return far;
    }
    return null;
  }

  /** What the receiver of a message sent on of it. @param {Message} message */
  forwardsOf(message) {
    return this.#copies(message).filter(({ of }) => of === message);
  }

  /** The message that this one is a copy of, one hop on. @param {Message} message @returns {Copy|null} */
  originOf(message) {
    const came = upTo(this.trafficAt(message.from).in, cameAt, startOf(message), WINDOW);
    const like = came.reverse().find((one) => hop(this.state, one, message));
    return (like && this.#copies(like).find(({ out }) => out === message)) ?? null;
  }

  /** All copies of a message and of those that say the same: the first goes with the first. @param {Message} message @returns {Copy[]} */
  #copies(message) {
    let copies = this.copied.get(message.id);
    if (copies) return copies;
    this.copied.set(message.id, (copies = []));
    if (!message.to || cameAt(message) === Number.POSITIVE_INFINITY) return copies;
    const { in: came, out } = this.trafficAt(message.to);
    const near = around(came, cameAt, cameAt(message), WINDOW);
    const made = from(out, startOf, cameAt(near[0]), 2 * WINDOW).filter((one) => hop(this.state, message, one));
    const free = near.filter((one) => made.length && hop(this.state, one, made[0]));
    const used = /** @type {Message[]} */ ([]);
    let guessed = false; // which goes with which; so it stays until each has gone
    for (const one of made) {
      const ready = free.filter((other) => cameAt(other) <= startOf(one)).length;
      guessed = ready > 1 || (guessed && ready > 0);
      const of = ready ? free.shift() : this.#tellsWhose(one) && used[used.length - 1];
      if (!of) continue;
      if (ready) used.push(of);
      const way = /** @type {"onward"|"back"} */ (hop(this.state, of, one));
      copies.push({ of, out: one, way, certain: !guessed });
      guessed &&= ready !== 1;
    }
    for (const one of used) this.copied.set(one.id, copies);
    return copies;
  }

  /** Is the address on it known? A copy that zmq.proxy made may be of anybody's message. @param {Message} out */
  #tellsWhose(out) {
    return out.sent !== null;
  }

  /** Does this message ask or answer? @param {Message} message @returns {"request"|"reply"} */
  natureOf(message) {
    let nature = this.natures.get(message.id);
    if (!nature) this.natures.set(message.id, (nature = this.#nature(message)));
    return nature;
  }

  /** @param {Message} message */
  #nature(message) {
    const way = this.originOf(message)?.way ?? this.forwardsOf(message)[0]?.way;
    if (way) return way === "onward" ? "request" : "reply";
    const [sender, receiver] = [typeOf(this.state, message.from), typeOf(this.state, message.to)];
    if (sender === "REP" || receiver === "REP") return sender === "REP" ? "reply" : "request";
    if (sender === "REQ" || this.ownId(message)) return "request";
    if (receiver === "REQ" || this.#idBack(message)) return "reply";
    const { in: came, out } = this.trafficAt(message.from);
    const began = (/** @type {Message|undefined} */ one) => (one ? startOf(one) : Number.POSITIVE_INFINITY);
    const asked = began(out.find(({ from, to }) => from === message.from && to === message.to));
    const told = began(came.find(({ from, to }) => from === message.to && to === message.from));
    return asked <= told ? "request" : "reply"; // who spoke first asks
  }

  /** Is `other` on its way from the receiver of `message` to its sender? @param {Message} message @param {Message} other */
  #goesBack(message, other) {
    if (this.state.actorOf(other.from) !== this.state.actorOf(message.to)) return false;
    if (other.to) return other.to === message.from;
    const [to] = given(this.state, other);
    const [address] = got(this.state, message);
    return (
      other.from === message.to && typeOf(this.state, other.from) === "ROUTER" && !!to && !!address && same(to, address)
    );
  }

  /** The replies to a request, the first one first; or the next message back, not certain. @param {Message} message @returns {Answer[]} */
  answersTo(message) {
    if (!message.from || !message.to || this.natureOf(message) === "reply") return [];
    const locked = this.inLockStep(message);
    if (locked) return [{ message: locked, certain: true, alone: true }];
    if (typeOf(this.state, message.to) === "REP") return []; // it has not answered
    const back = from(this.trafficAt(message.to).out, startOf, cameAt(message), WINDOW).filter((other) =>
      this.#goesBack(message, other),
    );
    const whose = this.#whose(message);
    const theirs = back.filter((other) => carries(given(this.state, other), whose));
    const id = this.idOf(message);
    if (id) {
      const replies = theirs.filter((other) => given(this.state, other).some(({ hex }) => hex === id));
      return replies.map((reply) => ({ message: reply, certain: true, alone: true }));
    }
    const [next] = theirs;
    if (!next || this.natureOf(next) === "request") return [];
    const alone = this.#isAlone(message, next, whose);
    return [{ message: next, certain: alone && !!whose && typeOf(this.state, message.to) === "REQ", alone }];
  }

  /** The routing id of the one who asked first, where a broker has put it on. @param {Message} message @returns {Frame|null} */
  #whose(message) {
    const origin = this.originOf(message);
    if (origin?.way !== "onward" || typeOf(this.state, origin.of.to) !== "ROUTER") return null;
    const [id] = got(this.state, origin.of);
    return id.size >= 0 ? id : given(this.state, message)[typeOf(this.state, message.from) === "ROUTER" ? 1 : 0];
  }

  /** REP answers what it got last, and REQ gets nothing but the answer. @param {Message} message */
  inLockStep(message) {
    if (typeOf(this.state, message.to) === "REP" && message.received !== null) {
      const { in: came, out } = this.trafficAt(message.to);
      const answer = from(out, startOf, message.received, WINDOW).find((other) => other.from === message.to);
      const next = from(came, cameAt, message.received, WINDOW).find(
        (other) => other.to === message.to && other !== message,
      );
      return answer && (!next || cameAt(next) > startOf(answer)) ? answer : null;
    }
    if (typeOf(this.state, message.from) !== "REQ" || message.sent === null) return null;
    const { in: came, out } = this.trafficAt(message.from);
    const asked = upTo(out, startOf, message.sent, WINDOW)
      .filter((other) => other.from === message.from && other !== message)
      .pop();
    const again = from(out, startOf, message.sent, WINDOW).find(
      (other) => other.from === message.from && other !== message,
    );
    const got = (/** @type {number} */ since) =>
      from(came, cameAt, since, WINDOW).find((other) => other.to === message.from && other.received !== null);
    if (asked && cameAt(got(startOf(asked)) ?? message) > message.sent) return null; // it asks without waiting: REQ_RELAXED
    const answer = got(message.sent);
    if (!answer || (again && startOf(again) < cameAt(answer))) return null;
    return this.natureOf(answer) === "reply" ? answer : null;
  }

  /** Is that the only request of this one which had no answer by then? @param {Message} message @param {Message} answer @param {Frame|null} whose */
  #isAlone(message, answer, whose) {
    const { in: came, out } = this.trafficAt(message.to);
    const asked = upTo(came, cameAt, startOf(answer), WINDOW).filter(
      (m) => m.from === message.from && m.to === message.to && carries(got(this.state, m), whose),
    );
    const answered = upTo(out, startOf, startOf(answer), WINDOW).filter(
      (m) => this.#goesBack(message, m) && carries(given(this.state, m), whose),
    );
    return asked.length === answered.length; // the answer is one of them
  }

  /** The request that a message answers. @param {Message} message @returns {Answer|null} */
  requestOf(message) {
    if (!message.from || this.natureOf(message) === "request") return null;
    for (const asked of upTo(this.trafficAt(message.from).in, cameAt, startOf(message), WINDOW).reverse()) {
      const answer = this.#goesBack(asked, message) && this.answersTo(asked).find((one) => one.message === message);
      if (answer) return { ...answer, message: asked };
    }
    return null;
  }
}
