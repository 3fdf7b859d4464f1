// @ts-check
/** The messages that are held back, each in its place in the queue on its link: click one to let it go. */

import { h, say, set } from "./dom.js";
import { tintOf } from "./layout.js";
import { arrange } from "./queueing.js";
import { TINTS } from "./theme.js";
import { about, count } from "./words.js";

/** @typedef {import("./state.js").Message} Message */
/** @typedef {import("./layout.js").Point} Point */
/** @typedef {import("./moment.js").Moment} Moment */
/**
 * @typedef {{wayOf(message: Message): [Point, Point, Point]|null, signOf(message: Message): number,
 *   lit: ((message: Message) => boolean)|null}} Floor
 */

const UNDER = 17; // px from a pill to what stands under it

export class Queues {
  /** @param {import("./controls.js").Controls} controls @param {(id: number) => void} select */
  constructor(controls, select) {
    this.controls = controls;
    this.select = select;
    /** @type {Map<number, {pill: HTMLButtonElement, lane: string}>} */
    this.pills = new Map();
    /** @type {Map<string, HTMLElement>} lane -> how many have no room */
    this.rest = new Map();
    this.go = h("button", { type: "button", class: "zf-go", "aria-keyshortcuts": "G" }, "Let it go");
    this.why = h("span", {});
    this.bubble = h("div", { class: "zf-bubble", hidden: true }, this.go, this.why);
    this.chosen = /** @type {number|null} */ (null);
    this.go.addEventListener("click", () => this.controls.letGo(this.chosen));
    this.element = h("div", { class: "zf-queues" }, this.bubble);
  }

  /**
   * @param {Moment} moment @param {Map<string, number>} tints @param {number|null} selected @param {Floor} floor
   * @returns {Set<number>} the messages that stand in a queue, drawn or not
   */
  draw(moment, tints, selected, floor) {
    const { held } = this.controls.steer;
    const standing = new Set(moment.way.filter(({ held }) => held || moment.live).map(({ message }) => message.id));
    const queued = /** @type {Set<number>} */ (new Set());
    const drawn = new Set();
    const lanes = new Set();
    this.bubble.hidden = true;
    const queues = [];
    for (const [lane, messages] of held.lanes) {
      const here = messages.filter(({ id }) => standing.has(id));
      const way = here.length ? floor.wayOf(here[0]) : null;
      if (!way) continue;
      lanes.add(lane);
      for (const { id } of here) queued.add(id);
      queues.push({ lane, here, way, ids: here.map(({ id }) => id), sign: floor.signOf(here[0]) });
    }
    for (const [i, { spots, more, tell }] of arrange(queues).entries()) {
      const { lane, here } = queues[i];
      spots.forEach((spot, place) => {
        drawn.add(here[place].id);
        this.#put(lane, here[place], spot, tints, here[place].id === selected);
        set(/** @type {Element} */ (this.pills.get(here[place].id)?.pill), {
          "data-dim": floor.lit?.(here[place]) === false,
        });
      });
      this.#tellRest(lane, more, tell);
    }
    this.#clear(drawn, lanes);
    return queued;
  }

  /** @param {string} lane @param {Message} message @param {Point} at @param {Map<string, number>} tints @param {boolean} selected */
  #put(lane, message, at, tints, selected) {
    const { steer } = this.controls;
    const { pill } = this.pills.get(message.id) ?? this.#make(message, lane);
    const whyNot = steer.held.whyNot(message);
    const way = whyNot || "double click or Enter lets it go";
    const tint = tintOf(tints, message) % TINTS;
    pill.style.setProperty("--tint", `var(--zf-tint${tint})`);
    pill.style.transform = `translate(${at.x.toFixed(1)}px, ${at.y.toFixed(1)}px) translate(-50%, -50%)`;
    const line = about(steer.state, message);
    set(pill, {
      "data-first": !whyNot && steer.able,
      "data-waits": steer.waits({ action: "step", message: message.id }),
      "aria-pressed": selected ? "true" : "false",
      "aria-label": steer.able ? `held ${line}; ${way}` : `held ${line}`,
      title: steer.able ? `${line}\n${way}` : line,
    });
    if (selected && steer.able) this.#offer(message, whyNot, at);
  }

  /** Beside the message that was chosen: let it go, or why it has to wait. @param {Message} message @param {string} whyNot @param {Point} at */
  #offer(message, whyNot, at) {
    this.chosen = message.id;
    this.bubble.hidden = false;
    this.go.hidden = whyNot !== "";
    this.why.hidden = whyNot === "";
    say(this.go, `Let #${message.id} go`);
    set(this.go, {
      "data-waits": this.controls.steer.waits({ action: "step", message: message.id }),
      title: `let #${message.id} go (G)`,
    });
    say(this.why, whyNot);
    this.bubble.style.transform = `translate(${at.x.toFixed(1)}px, ${(at.y + UNDER).toFixed(1)}px) translate(-50%, 0)`;
  }

  /** @param {string} lane @param {number} more @param {Point} at */
  #tellRest(lane, more, at) {
    let rest = this.rest.get(lane);
    if (!more) {
      rest?.remove();
      this.rest.delete(lane);
      return;
    }
    if (!rest) {
      rest = h("span", { class: "zf-rest" });
      this.rest.set(lane, rest);
      this.element.append(rest);
    }
    say(rest, `+${count(more)}`);
    set(rest, { title: `${count(more)} more are held behind` });
    rest.style.transform = `translate(${at.x.toFixed(1)}px, ${at.y.toFixed(1)}px) translate(-50%, -50%)`;
  }

  /** @param {Message} message @param {string} lane */
  #make({ id }, lane) {
    const pill = h("button", { type: "button", class: "zf-held", "data-held": id }, String(id));
    pill.addEventListener("click", () => this.select(id));
    pill.addEventListener("dblclick", () => this.controls.letGo(id));
    pill.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      if (event.repeat) return; // by then the focus is on the next one
      this.select(id);
      this.controls.letGo(id);
    });
    const made = { pill, lane };
    this.pills.set(id, made);
    this.element.append(pill);
    return made;
  }

  /** Those that have gone; the focus goes on to what is next. @param {Set<number>} drawn @param {Set<string>} lanes */
  #clear(drawn, lanes) {
    let lost = "";
    for (const [id, { pill, lane }] of this.pills) {
      if (drawn.has(id)) continue;
      if (pill === document.activeElement) lost = lane;
      pill.remove();
      this.pills.delete(id);
    }
    for (const [lane, rest] of this.rest) {
      if (lanes.has(lane)) continue;
      rest.remove();
      this.rest.delete(lane);
    }
    if (!lost) return;
    const next = [...this.pills.values()].find(({ lane }) => lane === lost) ?? this.pills.values().next().value;
    (next?.pill ?? this.controls.hold).focus({ preventScroll: true });
  }
}
