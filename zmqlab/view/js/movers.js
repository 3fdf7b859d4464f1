// @ts-check
/** The messages on the stage that are on their way or in a program's hands, each a pill with its number. */

import { pill } from "./card.js";
import { s, say, set } from "./dom.js";
import { tintOf } from "./layout.js";
import { TINTS } from "./theme.js";
import { about } from "./words.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Message} Message */
/** @typedef {import("./layout.js").Point} Point */
/** @typedef {import("./moment.js").Moment} Moment */

const MOST = 6; // pills that a way has room for; one more tells how many there are besides
const SPACE = 0.08; // of the way, between two that stand still

export class Movers {
  /** @param {State} state @param {(id: number) => void} select */
  constructor(state, select) {
    this.state = state;
    this.select = select;
    this.element = s("g", { class: "zf-pills" });
    /** @type {Map<string, ReturnType<typeof pill>>} */
    this.pills = new Map();
  }

  /**
   * @param {Moment} moment @param {Map<string, number>} tints
   * @param {{onWay(message: Message, progress: number): Point|null, inHand(message: Message): Point|null,
   *   lit: ((message: Message) => boolean)|null}} stage
   */
  draw(moment, tints, stage) {
    const kept = new Set();
    for (const [way, travellers] of byWay(moment)) {
      for (const [place, { message, progress, held }] of travellers.slice(0, MOST).entries()) {
        const at = stage.onWay(message, held ? Math.max(0.1, progress - place * SPACE) : progress);
        if (at) this.#put(kept, String(message.id), at, message, tints, "", stage.lit);
      }
      const more = travellers.length - MOST;
      const at = more > 0 ? stage.onWay(travellers[0].message, 0.03) : null;
      if (at) this.#put(kept, way, at, travellers[MOST].message, tints, `+${more}`, null);
    }
    for (const message of moment.hands) {
      const at = stage.inHand(message);
      if (at) this.#put(kept, String(message.id), at, message, tints, "", stage.lit);
    }
    for (const [key, { group }] of this.pills) {
      if (kept.has(key)) continue;
      group.remove();
      this.pills.delete(key);
    }
  }

  /** @param {Set<string>} kept @param {string} key @param {Point} at @param {Message} message @param {Map<string, number>} tints @param {string} more @param {((message: Message) => boolean)|null} lit */
  #put(kept, key, at, message, tints, more, lit) {
    kept.add(key);
    let shape = this.pills.get(key);
    if (!shape) {
      shape = pill();
      this.pills.set(key, shape);
      this.element.append(shape.group);
      shape.group.addEventListener("click", () => this.select(message.id));
      shape.group.append(s("title", {}, about(this.state, message)));
    }
    const ended = message.end !== "" && !more;
    const text = more || `${ended ? "✕ " : ""}${message.id}`;
    if (shape.text.textContent !== text) {
      say(shape.text, text);
      const width = 12 + text.length * 7;
      set(shape.box, { width, x: -width / 2 });
      const tint = tintOf(tints, message) % TINTS;
      set(shape.group, { style: `--tint: var(--zf-${ended ? "red" : `tint${tint}`})`, "data-pill": key });
    }
    set(shape.group, { "data-dim": lit?.(message) === false });
    shape.group.setAttribute("transform", `translate(${at.x.toFixed(1)} ${at.y.toFixed(1)})`);
  }
}

/** Those on each way, the foremost first. @param {Moment} moment */
function byWay(moment) {
  /** @type {Map<string, import("./moment.js").Traveller[]>} */
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
