/** The messages on the stage that are on their way or in a program's hands, each a pill with its words. */

import { keyed, s, say, set } from "../dom/elements.js";
import { tintOf } from "../model/message.js";
import { about } from "../model/words.js";
import { PILL } from "./chips.js";
import { arrange } from "./heldplaces.js";
import { along } from "./layout.js";

/** @import { Message } from "../model/message.js" */
/** @import { Moment, Traveller } from "../model/moment.js" */
/** @import { State } from "../model/state.js" */
/** @import { Chips } from "./chips.js" */
/** @import { Box, Point, Way } from "./layout.js" */
/** @typedef {Point & {left?: number, right?: number}} Spot  where a pill stands, and between which edges it stays */
/** @typedef {{message: Message, at: Spot, room: number, more: number, dim: boolean}} Mover  more: it stands for so many others */
/** @typedef {{group: SVGElement, box: SVGElement, text: SVGElement, look: string, width: number, row: number}} Pill  row: how far beside its way it flies */

const MOST = 6; // pills that a way has room for; one more tells how many there are besides
const CLEAR = 2; // px between a pill and a card
const TIGHT = 70; // px of room for a pill, below which it flies beside its way and clear of what stands in the middle
const ROW = PILL + 3; // px between two that fly side by side

export class Movers {
  /** @param {State} state @param {Chips} chips @param {(id: number) => void} select */
  constructor(state, chips, select) {
    this.state = state;
    this.chips = chips;
    this.select = select;
    this.element = s("g", { class: "zf-pills" });
    /** @type {Map<string, Pill>} */
    this.pills = new Map();
  }

  /**
   * @param {Moment} moment @param {Map<string, number>} tints
   * @param {{wayOf(message: Message): Way|null, inHand(message: Message): {at: Point, room: number}|null, taken: Box[],
   *   height: number, lit: ((message: Message) => boolean)|null}} stage
   */
  draw(moment, tints, { wayOf, inHand, taken, height, lit }) {
    /** @type {Map<string, Mover>} */
    const movers = new Map();
    const put = (/** @type {Message} */ message, /** @type {Spot} */ at, room = this.chips.room) =>
      movers.set(String(message.id), { message, at, room, more: 0, dim: lit?.(message) === false });
    const rest = (
      /** @type {string} */ key,
      /** @type {Message} */ message,
      /** @type {number} */ more,
      /** @type {Spot} */ at,
    ) => more > 0 && movers.set(`${key} more`, { message, at, room: this.chips.room, more, dim: false });
    const standing = [
      ...byWay(
        moment.way.filter((one) => stands(one)),
        wayOf,
      ),
    ];
    const queues = standing.map(([, { way, some }]) => ({
      way,
      widths: some.map(({ message }) => this.chips.of(message).width),
      sign: 0,
    }));
    for (const [i, { spots, more, tell }] of arrange(queues, taken, height).entries()) {
      const [key, { some }] = standing[i];
      spots.forEach((at, place) => put(some[place].message, at));
      rest(key, some[spots.length]?.message, more, tell);
    }
    /** @type {Map<string, number>} */
    const rows = new Map();
    for (const [key, { way, some }] of byWay(
      moment.way.filter((one) => !stands(one)),
      wayOf,
    )) {
      const flying = some.slice(0, MOST);
      for (const [id, row] of this.#rowsOf(flying.map(({ message }) => String(message.id)))) rows.set(id, row);
      for (const { message, progress } of flying)
        put(message, beside(spotOn(way, progress), rows.get(String(message.id))));
      rest(key, some[MOST]?.message, some.length - MOST, beside(spotOn(way, 0.03), MOST));
    }
    /** @type {Map<{at: Point, room: number}, Message[]>} */
    const hands = new Map();
    for (const message of moment.hands) {
      const hand = inHand(message);
      if (hand) hands.set(hand, [...(hands.get(hand) ?? []), message]);
    }
    for (const [{ at, room }, some] of hands) {
      if (some.length === 1) put(some[0], at, room);
      else rest(`hand ${some[0].work?.actor}`, some[0], some.length, at); // of a card that stands for many
    }
    keyed(this.pills, movers, {
      make: ({ message }, key) => this.#make(message, key, rows.get(key) ?? 0),
      show: (pill, mover) => this.#show(pill, mover, tints),
      drop: ({ group }) => group.remove(),
    });
  }

  /** Each keeps the row that it has; who is new takes the first one that is free. @param {string[]} keys @returns {Map<string, number>} */
  #rowsOf(keys) {
    const rows = new Map(keys.flatMap((key) => (this.pills.has(key) ? [[key, this.pills.get(key)?.row ?? 0]] : [])));
    const used = new Set(rows.values());
    for (const key of keys) {
      if (rows.has(key)) continue;
      let row = this.chips.room < TIGHT ? 1 : 0;
      while (used.has(row)) row++;
      used.add(row);
      rows.set(key, row);
    }
    return rows;
  }

  /** @param {Message} message @param {string} key @param {number} row @returns {Pill} */
  #make(message, key, row) {
    const text = s("text", { "text-anchor": "middle", dy: "0.36em" });
    const box = s("rect", { rx: PILL / 2, height: PILL, y: -PILL / 2 });
    const title = s("title", {}, about(message));
    const group = s("g", { class: "zf-pill", "data-pill": key }, box, text, title);
    group.addEventListener("click", () => this.select(message.id));
    this.element.append(group);
    return { group, box, text, look: "", width: 0, row };
  }

  /** @param {Pill} pill @param {Mover} mover @param {Map<string, number>} tints */
  #show(pill, { message, at, room, more, dim }, tints) {
    const { group, box, text } = pill;
    const ended = message.end !== "" && !more;
    const tint = ended ? "red" : `tint${tintOf(tints, message)}`;
    const look = `${tint} ${room} ${more} ${message.label}`;
    if (pill.look !== look) {
      pill.look = look;
      const { words, width } = more ? this.chips.said(`+${more}`) : this.chips.of(message, room);
      pill.width = width;
      say(text, words);
      set(box, { width, x: -width / 2 });
      set(group, { style: `--tint: var(--zf-${tint})` });
    }
    set(group, { "data-dim": dim });
    group.setAttribute("transform", `translate(${between(at, pill.width).toFixed(1)} ${at.y.toFixed(1)})`);
  }
}

/** What leaves a card or comes to one covers neither. @param {Spot} at @param {number} width */
function between({ x, left = Number.NEGATIVE_INFINITY, right = Number.POSITIVE_INFINITY }, width) {
  const [first, last] = [left + width / 2 + CLEAR, right - width / 2 - CLEAR];
  return first > last ? (left + right) / 2 : Math.max(first, Math.min(last, x));
}

/** Those that fly at the same time do not cover one another. @param {Spot} at @param {number} row @returns {Spot} */
function beside(at, row = 0) {
  if (!row) return at;
  return { ...at, y: at.y + (row % 2 ? -ROW : ROW) * Math.ceil(row / 2) };
}

/** Does it stand still? @param {Traveller} traveller */
function stands({ message, held }) {
  return held || message.end !== "";
}

/** Where on its way a message is that flies: it gathers speed, and slows down. @param {Way} way @param {number} progress @returns {Spot} */
function spotOn(way, progress) {
  const eased = progress < 0.5 ? 2 * progress * progress : 1 - 2 * (1 - progress) * (1 - progress);
  const [{ x: from }, , { x: to }] = way;
  const right = from === to ? Number.POSITIVE_INFINITY : Math.max(from, to);
  return { ...along(way, eased), left: Math.min(from, to), right };
}

/** Those on each way that the stage has, the foremost first. @param {Traveller[]} travellers @param {(message: Message) => Way|null} wayOf */
function byWay(travellers, wayOf) {
  /** @type {Map<string, {way: Way, some: Traveller[]}>} */
  const ways = new Map();
  /** @type {Map<Way, Traveller[]>} */
  const shared = new Map(); // where several actors have one card, their messages go the same way
  for (const traveller of travellers) {
    const { from, to, lane } = traveller.message;
    const key = `${from} ${to || lane}`;
    const known = ways.get(key);
    const way = known ? null : wayOf(traveller.message);
    const some = known?.some ?? (way && shared.get(way));
    if (some) some.push(traveller);
    else if (way) {
      const first = { way, some: [traveller] };
      ways.set(key, first);
      shared.set(way, first.some);
    }
  }
  for (const { some } of ways.values()) some.sort((a, b) => b.progress - a.progress || a.message.id - b.message.id);
  return ways;
}
