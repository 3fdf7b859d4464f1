/** The messages on the stage that are on their way or in a program's hands, each a pill with its words. */

import { keyed, s, say, set } from "../dom/elements.js";
import { TINTS } from "../dom/theme.js";
import { tintOf } from "../model/message.js";
import { about } from "../model/words.js";
import { PILL } from "./chips.js";

/** @import { Message } from "../model/message.js" */
/** @import { Moment, Traveller } from "../model/moment.js" */
/** @import { State } from "../model/state.js" */
/** @import { Chips } from "./chips.js" */
/** @import { Point } from "./layout.js" */
/** @typedef {{message: Message, at: Point, room: number, more: number, dim: boolean}} Mover  more: it stands for so many others */
/** @typedef {{group: SVGElement, box: SVGElement, text: SVGElement, look: string, row: number}} Pill  row: how far beside its way it flies */

const MOST = 6; // pills that a way has room for; one more tells how many there are besides
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
   * @param {{onWay(message: Message, progress: number): Point|null, inHand(message: Message): {at: Point, room: number}|null,
   *   lit: ((message: Message) => boolean)|null}} stage
   */
  draw(moment, tints, { onWay, inHand, lit }) {
    /** @type {Map<string, Mover>} */
    const movers = new Map();
    const put = (/** @type {Message} */ message, /** @type {Point|null} */ at, room = this.chips.room) =>
      at && movers.set(String(message.id), { message, at, room, more: 0, dim: lit?.(message) === false });
    /** @type {Map<string, number>} */
    const rows = new Map();
    for (const [way, travellers] of byWay(moment)) {
      const flying = travellers.slice(0, MOST);
      for (const [key, row] of this.#rowsOf(flying.map(({ message }) => String(message.id)))) rows.set(key, row);
      for (const { message, progress } of flying)
        put(message, beside(onWay(message, progress), rows.get(String(message.id))));
      const more = travellers.length - MOST;
      const at = more > 0 ? beside(onWay(travellers[0].message, 0.03), MOST) : null;
      if (at) movers.set(way, { message: travellers[MOST].message, at, room: this.chips.room, more, dim: false });
    }
    for (const message of moment.hands) {
      const hand = inHand(message);
      if (hand) put(message, hand.at, hand.room);
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
      let row = 0;
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
    const title = s("title", {}, about(this.state, message));
    const group = s("g", { class: "zf-pill", "data-pill": key }, box, text, title);
    group.addEventListener("click", () => this.select(message.id));
    this.element.append(group);
    return { group, box, text, look: "", row };
  }

  /** @param {Pill} pill @param {Mover} mover @param {Map<string, number>} tints */
  #show(pill, { message, at, room, more, dim }, tints) {
    const { group, box, text } = pill;
    const ended = message.end !== "" && !more;
    const tint = ended ? "red" : `tint${tintOf(tints, message) % TINTS}`;
    const look = `${tint} ${room} ${more} ${message.label}`;
    if (pill.look !== look) {
      pill.look = look;
      const { words, width } = more ? this.chips.said(`+${more}`) : this.chips.of(message, room);
      say(text, words);
      set(box, { width, x: -width / 2 });
      set(group, { style: `--tint: var(--zf-${tint})` });
    }
    set(group, { "data-dim": dim });
    group.setAttribute("transform", `translate(${at.x.toFixed(1)} ${at.y.toFixed(1)})`);
  }
}

/** Those that fly at the same time do not cover one another. @param {Point|null} at @param {number} row */
function beside(at, row = 0) {
  if (!at || !row) return at;
  return { x: at.x, y: at.y + (row % 2 ? -ROW : ROW) * Math.ceil(row / 2) };
}

/** Those on each way, the foremost first. @param {Moment} moment */
function byWay(moment) {
  /** @type {Map<string, Traveller[]>} */
  const ways = new Map();
  for (const traveller of moment.way) {
    const { from, to, lane } = traveller.message;
    const way = `${from} ${to || lane}`;
    const known = ways.get(way);
    if (known) known.push(traveller);
    else ways.set(way, [traveller]);
  }
  for (const travellers of ways.values())
    travellers.sort((a, b) => b.progress - a.progress || a.message.id - b.message.id);
  return ways;
}
