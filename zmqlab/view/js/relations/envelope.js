/**
 * What a program gave to a socket and got from one, and how a broker in between changes it: on the way there it
 * stacks routing ids in front, on the way back it takes them off. No DOM.
 */

/** @import { Frame, Message } from "../model/message.js" */
/** @import { State } from "../model/state.js" */

/** A routing id that nobody saw: zmq.proxy works where no program can be watched. */
const UNKNOWN = Object.freeze({ hex: "", size: -1 });

/** @param {Frame} one @param {Frame} other */
export function same(one, other) {
  return one.hex === other.hex && one.size === other.size && one.size >= 0;
}

/** @param {Frame[]} one @param {Frame[]} other */
export function sameFrames(one, other) {
  return one.length === other.length && one.every((frame, i) => same(frame, other[i]));
}

/** @param {State} state @param {string} socket */
export function typeOf(state, socket) {
  return state.sockets.get(socket)?.type ?? "";
}

/** @param {Message} message */
function onTheWire(message) {
  return message.wire_frames ?? message.frames ?? [];
}

/** The frames as the sending program gave them. @param {State} state @param {Message} message */
export function given(state, message) {
  if (message.sent !== null) return message.frames ?? [];
  if (message.left === null) return (message.frames ?? []).slice(typeOf(state, message.to) === "ROUTER" ? 1 : 0); // only received
  const wire = onTheWire(message);
  return typeOf(state, message.from) === "ROUTER" ? [UNKNOWN, ...wire] : wire;
}

/** The frames as the receiving program got them, or would have got them. @param {State} state @param {Message} message */
export function got(state, message) {
  if (message.received !== null) return message.received_frames ?? message.frames ?? [];
  const wire = onTheWire(message);
  if (typeOf(state, message.to) !== "ROUTER") return wire;
  const id = state.sockets.get(message.from)?.routing_id;
  return [id ? { hex: id, size: id.length / 2 } : UNKNOWN, ...wire];
}

/** How many frames are equal, counted from the last; 0 where all those are empty. @param {Frame[]} one @param {Frame[]} other */
function commonTail(one, other) {
  let tail = 0;
  let full = false;
  while (tail < one.length && tail < other.length && same(one[one.length - 1 - tail], other[other.length - 1 - tail])) {
    full ||= one[one.length - 1 - tail].size > 0;
    tail++;
  }
  return full ? tail : 0;
}

/**
 * Is `out` what the receiver of `message` made of it and sent on? "onward": further away from who sent it first, with
 * that one's routing id on it. "back": to the peer whose routing id it carried. "" where the frames do not say so.
 * @param {State} state @param {Message} message @param {Message} out
 * @returns {"" | "onward" | "back"}
 */
export function hop(state, message, out) {
  if (out.to === message.from) return "";
  const came = got(state, message);
  const went = given(state, out);
  const tail = commonTail(came, went);
  if (!tail) return "";
  const fromRouter = typeOf(state, message.to) === "ROUTER";
  const toRouter = typeOf(state, out.from) === "ROUTER";
  if (toRouter && addressed(came.slice(fromRouter ? 1 : 0), went, tail)) return "back";
  const rest = toRouter ? went.slice(1) : went;
  if (!fromRouter) return tail === came.length ? "onward" : "";
  if (came[0] !== UNKNOWN) return carries(rest, came[0]) ? "onward" : "";
  return tail === came.length - 1 && rest.length === came.length ? "onward" : "";
}

/** Was the address that a ROUTER sent to in the frames that came? @param {Frame[]} came @param {Frame[]} went @param {number} tail */
function addressed(came, went, tail) {
  if (went[0] !== UNKNOWN) return carries(came, went[0]);
  return tail === went.length - 1 && came.length === went.length;
}

/** Is that frame among them? True where none is asked for. @param {Frame[]} frames @param {Frame|null} wanted */
export function carries(frames, wanted) {
  return !wanted || frames.some((frame) => same(frame, wanted));
}
