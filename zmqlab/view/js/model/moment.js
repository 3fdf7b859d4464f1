/** The picture at a moment: what lies in which queue, what is on its way and how far, what is in a program's hands. No DOM. */

import { NOT_YET, UNKNOWN } from "./words.js";

/** @import { Mark, Message, Socket, Wait } from "./message.js" */
/** @import { Scale } from "./scale.js" */
/** @import { State } from "./state.js" */
/** @typedef {{message: Message, progress: number, held: boolean}} Traveller  progress: 0 to 1 of the way; held: it stands still */
/**
 * @typedef {object} Moment
 * @property {number} at ms @property {boolean} live
 * @property {Map<string, number[]>} queues socket id -> messages in its [out, in] queue
 * @property {Traveller[]} way @property {Message[]} hands
 */

export const HALFWAY = 0.4; // where a message stays that has not arrived yet, and where one ends that never does: on its sender's side
const LINGERS = 1; // units of the scale for which a message that has ended badly is still shown

/**
 * What the messages do at a time, as the diagram draws it there.
 * @param {State} state @param {Scale} scale @param {number} at ms
 * @returns {Moment}
 */
export function momentAt(state, scale, at) {
  const { columns, list } = state;
  const { start, gone, finish, until } = columns;
  const u = scale.u(at);
  const linger = scale.t(u - LINGERS);
  /** @type {Moment} */
  const moment = { at, live: false, queues: new Map(), way: [], hands: [] };
  for (let i = 0; i < columns.length; i++) {
    if (start[i] > at || (until[i] <= at && (finish[i] <= linger || !list[i].end))) continue;
    const message = list[i];
    const land = columns.land(i, scale.exact);
    if (at < gone[i]) enqueue(moment, message.from, 0);
    else if (at < land) moment.way.push(traveller(message, scale, u, gone[i], land));
    else if (at < finish[i]) enqueue(moment, message.to, 1);
    else if (message.end) moment.way.push({ message, progress: HALFWAY, held: false });
    else moment.hands.push(message);
  }
  return moment;
}

/** Now: the queues are those of all messages, also of the ones that are not drawn. @param {State} state @param {Scale} scale */
export function momentNow(state, scale) {
  const moment = momentAt(state, scale, Math.max(state.now, scale.t(scale.last)));
  return { ...moment, live: true, queues: state.queues };
}

/** @param {Message} message @param {Scale} scale @param {number} u @param {number} gone @param {number} land */
function traveller(message, scale, u, gone, land) {
  const from = scale.u(gone);
  const held = land === Number.POSITIVE_INFINITY;
  const part = (u - from) / (held ? 0.5 : Math.max(1e-9, scale.u(land) - from));
  const progress = Math.min(1, part) * (held || message.end ? HALFWAY : 1);
  return { message, progress, held: held && part >= 1 };
}

/** @param {Moment} moment @param {string} socket @param {number} side 0: out, 1: in */
function enqueue(moment, socket, side) {
  let queue = moment.queues.get(socket);
  if (!queue) moment.queues.set(socket, (queue = [0, 0]));
  queue[side]++;
}

/** How it stood with an actor. @param {State} state @param {string} name @param {Moment} moment */
export function stateAt(state, name, moment) {
  const actor = state.actors.get(name);
  if (!actor || moment.live) return actor?.state ?? UNKNOWN;
  if (moment.at < actor.started) {
    const before = moment.at < actor.first ? NOT_YET : UNKNOWN;
    const [, until, how] = actor.earlier.findLast(([from]) => from <= moment.at) ?? [0, 0, before];
    if (moment.at >= until) return how;
  }
  for (const { actor: who, start, end } of state.hangs.values()) {
    if (who === name && start <= moment.at && moment.at < (end ?? Number.POSITIVE_INFINITY)) return "hung";
  }
  return actor.ended !== null && moment.at >= actor.ended ? actor.state : "started";
}

/** The calls that an actor waits in. @param {State} state @param {string} name @param {Moment} moment @returns {Wait[]} */
export function waitsAt(state, name, moment) {
  const waits = state.waits.get(name) ?? [];
  if (moment.live) return waits.filter(({ end }) => end === null);
  return waits.filter(({ start, end }) => start <= moment.at && moment.at < (end ?? Number.POSITIVE_INFINITY));
}

/** What an actor printed or noted last. @param {State} state @param {string} name @param {Moment} moment @returns {Mark|undefined} */
export function lastAt(state, name, moment) {
  if (moment.live) {
    const last = state.last.get(name);
    const since = state.actors.get(name)?.started ?? 0; // an actor that was started again begins anew
    return last && last.time >= since ? last : undefined;
  }
  return state.marks.findLast((mark) => mark.actor === name && mark.time <= moment.at);
}

/** Was a socket closed by then? @param {Socket} socket @param {Moment} moment */
export function closedAt(socket, moment) {
  return socket.closed !== null && (moment.live || moment.at >= socket.closed);
}
