/** Times, counts and journeys in words. No DOM. */

import { endsOf } from "./held.js";
import { OUTSIDE, isAway, startOf } from "./message.js";
import { firstNot } from "./search.js";
import { settingOf } from "./settings.js";

/** @import { Message, Wait } from "./message.js" */
/** @import { State, Wall } from "./state.js" */

const SECOND = 1_000; // ms
const MINUTE = 60 * SECOND;

/** A time since the beginning, with its unit: `8.25 ms`, `711 ms`, and `5:28.3` where there are minutes. @param {number|null} time */
export function instant(time) {
  if (time === null) return "?";
  return Math.abs(time) < MINUTE ? `${few(time)} ms` : inMinutes(time, 3).replace(/\.?0+$/, "");
}

/** How far a run has come, as on a stop watch: `8.25 ms`, `0:01.06`. @param {number} time */
export function watch(time) {
  return time < SECOND ? `${few(time)} ms` : inMinutes(time, 2);
}

/** Milliseconds with as many decimals as tell something. @param {number} time */
function few(time) {
  const size = Math.abs(time);
  return time.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0);
}

/** `5:28.300`, and `1:05:28.300` where there are hours. @param {number} time ms @param {number} decimals of the seconds */
function inMinutes(time, decimals) {
  const grain = 10 ** decimals;
  const rounded = Math.round((Math.abs(time) / SECOND) * grain);
  const seconds = ((rounded % (60 * grain)) / grain).toFixed(decimals).padStart(decimals ? decimals + 3 : 2, "0");
  const minutes = Math.floor(rounded / (60 * grain));
  const hours = Math.floor(minutes / 60);
  const before = hours ? `${hours}:${String(minutes % 60).padStart(2, "0")}` : String(minutes);
  return `${time < 0 ? "-" : ""}${before}:${seconds}`;
}

/** Times with just as many decimals as tell them apart; of those that are near, in microseconds. @param {number[]} times @param {boolean} exact else they stay in milliseconds */
export function instants(times, exact = false) {
  const fine = exact && leastApart(times) < MICRO;
  const short = apart(
    times.filter((time) => Math.abs(time) < MINUTE),
    (time, decimals) => {
      const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
      return `${(fine ? 1000 * time : time).toLocaleString("en-US", options)} ${fine ? "µs" : "ms"}`;
    },
  );
  const long = apart(
    times.filter((time) => Math.abs(time) >= MINUTE),
    inMinutes,
  );
  return times.map((time) => short.get(time) ?? long.get(time) ?? "");
}

const FINEST = 6; // decimals
const MICRO = 0.05; // ms between two times, below which they are written in µs

/** How near the nearest two are. @param {number[]} times in order */
function leastApart(times) {
  return times.reduce((least, time, i) => (i ? Math.min(least, time - times[i - 1]) : least), MINUTE);
}

/** @param {number[]} times @param {(time: number, decimals: number) => string} write @returns {Map<number, string>} */
function apart(times, write) {
  const all = new Set(times);
  for (let decimals = 0; ; decimals++) {
    const texts = new Map(times.map((time) => [time, write(time, decimals)]));
    if (decimals === FINEST || new Set(texts.values()).size === all.size) return texts;
  }
}

/**
 * The time of day, to the microsecond and with its zone: `2026-11-30 13:11:27.541110 +0000`.
 * @param {Wall} wall @param {number} time ms since the beginning
 */
export function timeOfDay({ at, ahead }, time) {
  const us = at + Math.round(time * 1000);
  const local = new Date(Math.floor(us / 1000) + ahead * 60_000).toISOString();
  const zone = Math.abs(ahead);
  const hours = String(Math.floor(zone / 60)).padStart(2, "0");
  const minutes = String(zone % 60).padStart(2, "0");
  const digits = String(us % 1_000_000).padStart(6, "0");
  return `${local.slice(0, 10)} ${local.slice(11, 19)}.${digits} ${ahead < 0 ? "-" : "+"}${hours}${minutes}`;
}

/** When a message began, by the clock on the wall and exactly; "" where nobody knows the time of day. @param {State} state @param {Message} message */
export function began({ wall }, message) {
  const start = startOf(message);
  const exact = start.toLocaleString("en-US", { minimumFractionDigits: 3, maximumFractionDigits: 3 });
  return wall ? `${timeOfDay(wall, start)}, ${exact} ms after the beginning` : "";
}

/** A length of time with its unit: `410 ms`, `2.40 s`, and `5:12` where it took minutes. @param {number} length */
export function duration(length) {
  if (length >= MINUTE) return inMinutes(length, 0);
  return length < SECOND ? `${few(length)} ms` : `${(length / SECOND).toFixed(length < 10_000 ? 2 : 1)} s`;
}

/** @param {number} n */
export function count(n) {
  return n.toLocaleString("en-US");
}

/** From whom to whom. @param {Message} message @param {(name: string) => string} write a name */
export function route({ sender, receiver, end }, write = (name) => name) {
  const nobody = end ? "nobody" : "nobody yet";
  return `${write(sender)} → ${receiver ? write(receiver) : nobody}`;
}

const BRIEF = 22; // letters

/** A name, or both its ends where it is long. @param {string} name @param {number} letters at most */
export function brief(name, letters = BRIEF) {
  return bothEnds(name, letters, (text) => text.length);
}

export const NOT_YET = "not yet started";
export const UNKNOWN = "unknown"; // nobody has told of it, or it is told no more

/** What an actor can be, in the words of the API, and before it is anything. `zmqlab/view/saying.py` says the same. */
export const STATES = [NOT_YET, "started", "hung", "ended", "failed", "crashed", "stopped", "abandoned"];

/** States of an actor that came to a bad end: its lane is marked. */
export const BROKEN = ["failed", "crashed"];

const SIGNS = /** @type {Record<string, string>} */ ({ hung: "❚❚ ", failed: "✖ ", crashed: "✖ " });

/**
 * What the card of an actor says of it: its state or, while it runs, what its program does, where that is known.
 * @param {string} now its state @param {Wait[]} waits the calls that it waits in @param {boolean} full it sends, and the queue is full
 * @param {boolean} busy it has a message in hand
 */
export function doing(now, waits, full, busy) {
  if (now === "unknown") return "";
  if (now !== "started") return `${SIGNS[now] ?? ""}${now}`;
  const calls = waits.map(({ call }) => call);
  if (calls.includes("send")) return full ? "waits in send: queue full" : "waits in send";
  if (calls.includes("recv")) return "waits in recv";
  if (calls.includes("poll")) return "polls";
  return busy ? "works" : now;
}

/** For each place of a message but outside, of which the kernel says it; `zmqlab/view/saying.py` says the same. @type {Record<string, string>} */
export const STANDING = {
  received: "received",
  passed: "passed on",
  in: "waits unread",
  wire: "on the wire",
  out: "waits to be sent",
  dropped: "dropped",
  lost: "lost",
  unsent: "not sent",
  unseen: "out of sight",
};

const TOLD = ["dropped", "lost", "unsent", "outside", "unseen"]; // said beside the label where the way of a message breaks off

/** How it stands with a message, in a word or two. @param {Message} message */
export function standing(message) {
  return message.place === OUTSIDE ? message.away : STANDING[message.place];
}

/** What stands where the way of a message breaks off: its label, and what became of it. @param {string} label @param {Message} message */
export function atTheEnd(label, message) {
  return TOLD.includes(message.place) ? `${label} ${standing(message)}`.trimStart() : label;
}

/** The text, or its beginning where it has more than `most` letters. @param {string} text @param {number} most */
export function shorten(text, most) {
  if (text.length <= most) return text;
  const letters = [...text];
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : text;
}

/** The text, or its beginning where it is wider than `room`. @param {string} text @param {number} room @param {(text: string) => number} widthOf */
export function fitted(text, room, widthOf) {
  if (widthOf(text) <= room) return text;
  const letters = [...text];
  let kept = letters.length - 1;
  while (kept > 1 && widthOf(`${letters.slice(0, kept).join("")}…`) > room) kept--;
  return `${letters.slice(0, kept).join("")}…`;
}

/** The text, or its beginning and its end where it is wider than `room`: names often differ at the end. @param {string} text @param {number} room @param {(text: string) => number} widthOf */
export function bothEnds(text, room, widthOf) {
  if (widthOf(text) <= room) return text;
  const letters = [...text];
  const shorter = (/** @type {number} */ kept) =>
    `${letters.slice(0, Math.ceil(kept / 2)).join("")}…${letters.slice(letters.length - Math.floor(kept / 2)).join("")}`;
  const most = firstNot(1, letters.length, (kept) => widthOf(shorter(kept)) <= room) - 1;
  return shorter(Math.max(2, most));
}

/** A message in a line: number, way, words, and how it stands. @param {Message} message */
export function about(message) {
  const reason = message.reason ? `: ${message.reason}` : "";
  return `#${message.id}  ${route(message)}  ${shorten(message.label, 40)}  ${standing(message)}${reason}`;
}

/** One line for the list of messages. @param {Message} message */
export function line(message) {
  return {
    number: `#${message.id}`,
    route: route(message, brief),
    label: shorten(message.label, 28),
    time: instant(startOf(message)),
    standing: standing(message),
  };
}

/**
 * The journey, one sentence a step.
 * @param {State} state @param {Message} message
 * @returns {string[]}
 */
export function journey(state, message) {
  const { sender } = message;
  const receiver = message.receiver || "the receiver";
  const steps = [];
  const { sent, returned, left, arrived, received } = message;
  if (sent !== null) steps.push(`sent at ${instant(sent)} by ${sender}`);
  if (sent !== null && returned !== null) steps.push(`send() was blocked for ${duration(returned - sent)}`);
  if (left !== null) {
    steps.push(`on the wire at ${instant(left)}${lasted(sent, left, "waited", `in ${sender}'s outgoing queue`)}`);
  }
  if (arrived !== null) steps.push(`arrived at ${instant(arrived)}${lasted(left, arrived, "took", "on the wire")}`);
  if (received !== null) {
    const where = arrived === null ? "" : lasted(arrived, received, "waited", `unread in ${receiver}'s incoming queue`);
    const how = message.place === "passed" ? "passed on" : "received";
    steps.push(`${how} at ${instant(received)} by ${receiver}${message.place === "passed" ? "'s proxy" : ""}${where}`);
  } else if (message.end) {
    const when = message.ended === null ? "" : ` at ${instant(message.ended)}`;
    steps.push(`${standing(message)}${when}: ${message.reason || "no reason known"}`);
  } else if (isAway(message)) {
    steps.push(standing(message));
  } else {
    steps.push(now(state, message));
  }
  if (!message.certain) steps.push("which send this was is inferred, not seen");
  return steps;
}

/** @param {number|null} from @param {number} to @param {string} how @param {string} where */
function lasted(from, to, how, where) {
  return from === null || to - from < 0.05 ? "" : ` (${how} ${duration(to - from)} ${where})`;
}

/** Where a message is that is still under way, for how long, and what keeps it there. @param {State} state @param {Message} message */
function now(state, message) {
  const { place } = message;
  const since = message.arrived ?? message.left ?? message.sent ?? state.now;
  const length = state.now - since < 0.05 ? "" : `for ${duration(state.now - since)}, `;
  if (message.blocked !== null && message.returned === null && place === "out") {
    return `now: send() is blocked, ${duration(state.now - (message.sent ?? message.blocked))} by now: no peer takes it`;
  }
  if (place === "out") {
    const reason = message.reason ? `: ${message.reason}` : "";
    return `now: ${standing(message)} ${length}in ${message.sender}'s outgoing queue${reason}`;
  }
  if (place === "in") return `now: ${standing(message)} ${length}in ${message.receiver}'s incoming queue`;
  const { hold, cut } = settingOf(state.settings, ...endsOf(state, message.lane));
  const why = cut ? ": the link is cut" : hold ? ": held back" : "";
  return `now: ${length}${standing(message)}${why}`;
}

/** How many messages are shown of how many, in words. @param {number} some @param {number} all */
export function share(some, all) {
  return `${count(some)} of ${count(all)} message${all === 1 ? "" : "s"}`;
}

/** The counts in a sentence, for the header and for screen readers. @param {State} state */
export function summary(state) {
  const { received, passed, dropped, lost, unsent, outside, unseen, open } = state.counts;
  const parts = [`${count(state.total)} message${state.total === 1 ? "" : "s"}`, `${count(received)} received`];
  if (passed) parts.push(`${count(passed)} passed on`);
  if (dropped) parts.push(`${count(dropped)} dropped`);
  if (lost) parts.push(`${count(lost)} lost`);
  if (unsent) parts.push(`${count(unsent)} not sent`);
  if (outside) parts.push(`${count(outside)} ${state.away}`);
  if (unseen) parts.push(`${count(unseen)} ${STANDING.unseen}`);
  if (open) parts.push(`${count(open)} under way${state.held ? `, ${count(state.held)} of them held` : ""}`);
  if (state.unknown) parts.push(`${count(state.unknown)} older ones not kept`);
  if (state.notDrawn) parts.push(`drawn ${count(state.total - state.notDrawn)} of ${count(state.total)}`);
  return parts.join(" · ");
}
