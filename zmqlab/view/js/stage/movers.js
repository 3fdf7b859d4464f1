/** The messages on the stage that are on their way or in a program's hands, each a pill with its number. */

import { keyed, s, say, set } from "../dom/elements.js";
import { TINTS } from "../dom/theme.js";
import { tintOf } from "../model/message.js";
import { about } from "../model/words.js";

/** @import { Message } from "../model/message.js" */
/** @import { Moment, Traveller } from "../model/moment.js" */
/** @import { State } from "../model/state.js" */
/** @import { Point } from "./layout.js" */
/** @typedef {{message: Message, at: Point, more: number, dim: boolean}} Mover  more: it stands for so many others */
/** @typedef {{group: SVGElement, box: SVGElement, text: SVGElement}} Pill */

const MOST = 6; // pills that a way has room for; one more tells how many there are besides
const SPACE = 0.08; // of the way, between two that stand still

export class Movers {
  /** @param {State} state @param {(id: number) => void} select */
  constructor(state, select) {
    this.state = state;
    this.select = select;
    this.element = s("g", { class: "zf-pills" });
    /** @type {Map<string, Pill>} */
    this.pills = new Map();
  }

  /**
   * @param {Moment} moment @param {Map<string, number>} tints
   * @param {{onWay(message: Message, progress: number): Point|null, inHand(message: Message): Point|null,
   *   lit: ((message: Message) => boolean)|null}} stage
   */
  draw(moment, tints, { onWay, inHand, lit }) {
    /** @type {Map<string, Mover>} */
    const movers = new Map();
    const put = (/** @type {Message} */ message, /** @type {Point|null} */ at) =>
      at && movers.set(String(message.id), { message, at, more: 0, dim: lit?.(message) === false });
    for (const [way, travellers] of byWay(moment)) {
      for (const [place, { message, progress, held }] of travellers.slice(0, MOST).entries()) {
        put(message, onWay(message, held ? Math.max(0.1, progress - place * SPACE) : progress));
      }
      const more = travellers.length - MOST;
      const at = more > 0 ? onWay(travellers[0].message, 0.03) : null;
      if (at) movers.set(way, { message: travellers[MOST].message, at, more, dim: false });
    }
    for (const message of moment.hands) put(message, inHand(message));
    keyed(this.pills, movers, {
      make: ({ message }, key) => this.#make(message, key),
      show: (pill, mover) => show(pill, mover, tints),
      drop: ({ group }) => group.remove(),
    });
  }

  /** @param {Message} message @param {string} key */
  #make(message, key) {
    const text = s("text", { "text-anchor": "middle", dy: "0.36em" });
    const box = s("rect", { rx: 9, height: 18, y: -9 });
    const title = s("title", {}, about(this.state, message));
    const group = s("g", { class: "zf-pill", "data-pill": key }, box, text, title);
    group.addEventListener("click", () => this.select(message.id));
    this.element.append(group);
    return { group, box, text };
  }
}

/** @param {Pill} pill @param {Mover} mover @param {Map<string, number>} tints */
function show({ group, box, text }, { message, at, more, dim }, tints) {
  const ended = message.end !== "" && !more;
  const words = more ? `+${more}` : `${ended ? "✕ " : ""}${message.id}`;
  if (text.textContent !== words) {
    say(text, words);
    const width = 12 + words.length * 7;
    set(box, { width, x: -width / 2 });
    set(group, { style: `--tint: var(--zf-${ended ? "red" : `tint${tintOf(tints, message) % TINTS}`})` });
  }
  set(group, { "data-dim": dim });
  group.setAttribute("transform", `translate(${at.x.toFixed(1)} ${at.y.toFixed(1)})`);
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
