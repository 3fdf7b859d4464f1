/** The messages that are held back, each in its place in the queue on its link: click one to let it go. */

import { button, centre, focusOf, h, keyed, say, set } from "../dom/elements.js";
import { tintOf } from "../model/message.js";
import { about, count } from "../model/words.js";
import { arrange, besidePill, boxOf } from "./heldplaces.js";

/** @import { Message } from "../model/message.js" */
/** @import { Moment } from "../model/moment.js" */
/** @import { Controls } from "../steering/controls.js" */
/** @import { Chips } from "./chips.js" */
/** @import { Box, Point, Way } from "./layout.js" */
/**
 * @typedef {{wayOf(message: Message): Way|null, signOf(message: Message): number, taken: Box[], height: number,
 *   lit: ((message: Message) => boolean)|null}} Floor
 */
/** @typedef {{message: Message, lane: string, at: Point}} Held */
/** @typedef {{pill: HTMLButtonElement, lane: string}} Pill */

export class HeldPills {
  /** @param {Controls} controls @param {Chips} chips @param {(id: number) => void} select */
  constructor(controls, chips, select) {
    this.controls = controls;
    this.chips = chips;
    this.select = select;
    /** @type {Map<number, Pill>} */
    this.pills = new Map();
    /** @type {Map<string, HTMLElement>} lane -> how many have no room */
    this.rest = new Map();
    this.chosen = /** @type {number|null} */ (null);
    this.go = button("Let it go", { class: "zf-go", "aria-keyshortcuts": "G" }, () => controls.letGo(this.chosen));
    this.why = h("span", {});
    this.bubble = h("div", { class: "zf-bubble", hidden: true }, this.go, this.why);
    this.element = h("div", { class: "zf-held-pills" }, this.bubble);
  }

  /**
   * @param {Moment} moment @param {Map<string, number>} tints @param {number|null} selected @param {Floor} floor
   * @returns {{ids: Set<number>, boxes: Box[]}} the messages that stand in a queue, drawn or not, and what they cover
   */
  draw(moment, tints, selected, floor) {
    const queues = this.#queues(moment, floor);
    /** @type {Map<number, Held>} */
    const held = new Map();
    /** @type {Map<string, {more: number, tell: Point}>} */
    const rest = new Map();
    for (const [i, { spots, more, tell }] of arrange(queues, floor.taken, floor.height).entries()) {
      const { lane, here } = queues[i];
      spots.forEach((at, place) => held.set(here[place].id, { message: here[place], lane, at }));
      if (more) rest.set(lane, { more, tell });
    }
    this.bubble.hidden = true;
    this.#show(held, tints, selected, floor);
    keyed(this.rest, rest, {
      make: () => {
        const made = h("span", { class: "zf-rest" });
        this.element.append(made);
        return made;
      },
      show: (one, { more, tell }) => {
        say(one, `+${count(more)}`);
        set(one, { title: `${count(more)} more are held behind` });
        centre(one, tell);
      },
      drop: (one) => one.remove(),
    });
    const ids = new Set(queues.flatMap(({ here }) => here.map(({ id }) => id)));
    const boxes = [...held.values()].map(({ message, at }) => boxOf(at, this.chips.of(message).width));
    const chosen = selected === null ? undefined : held.get(selected);
    const { steer } = this.controls;
    if (chosen && steer.able)
      this.#ask(chosen.message, steer.held.whyNot(chosen.message), chosen.at, [...floor.taken, ...boxes]);
    return { ids, boxes };
  }

  /** What is held on each lane that is in the picture. @param {Moment} moment @param {Floor} floor */
  #queues(moment, floor) {
    const standing = new Set(moment.way.filter(({ held }) => held || moment.live).map(({ message }) => message.id));
    const queues = [];
    for (const [lane, messages] of this.controls.steer.held.lanes) {
      const here = messages.filter(({ id }) => standing.has(id));
      const way = here.length ? floor.wayOf(here[0]) : null;
      if (way)
        queues.push({
          lane,
          here,
          way,
          widths: here.map((message) => this.chips.of(message).width),
          sign: floor.signOf(here[0]),
        });
    }
    return queues;
  }

  /** The focus goes on from one that has gone to what is next. @param {Map<number, Held>} held @param {Map<string, number>} tints @param {number|null} selected @param {Floor} floor */
  #show(held, tints, selected, { lit }) {
    let lost = "";
    keyed(this.pills, held, {
      make: ({ message, lane }) => this.#make(message.id, lane),
      show: ({ pill }, { message, at }) => {
        this.#put(pill, message, at, message.id === selected);
        pill.style.setProperty("--tint", `var(--zf-tint${tintOf(tints, message)})`);
        set(pill, { "data-dim": lit?.(message) === false });
      },
      drop: ({ pill, lane }) => {
        if (pill === focusOf(this.element)) lost = lane;
        pill.remove();
      },
    });
    if (!lost) return;
    const next = [...this.pills.values()].find(({ lane }) => lane === lost) ?? this.pills.values().next().value;
    (next?.pill ?? this.controls.hold).focus({ preventScroll: true });
  }

  /** @param {HTMLElement} pill @param {Message} message @param {Point} at @param {boolean} selected */
  #put(pill, message, at, selected) {
    const { steer } = this.controls;
    const whyNot = steer.held.whyNot(message);
    const way = whyNot || "double click or Enter lets it go";
    const line = about(message);
    centre(pill, at);
    say(pill, this.chips.of(message).words);
    set(pill, {
      "data-first": !whyNot && steer.able,
      "data-waits": steer.waits({ action: "step", message: message.id }),
      "aria-pressed": String(selected),
      "aria-label": steer.able ? `held ${line}; ${way}` : `held ${line}`,
      title: steer.able ? `${line}\n${way}` : line,
    });
  }

  /** Beside the message that was chosen: let it go, or why it has to wait. @param {Message} message @param {string} whyNot @param {Point} at @param {Box[]} things */
  #ask({ id }, whyNot, at, things) {
    this.chosen = id;
    this.bubble.hidden = false;
    this.go.hidden = whyNot !== "";
    this.why.hidden = whyNot === "";
    say(this.go, `Let #${id} go`);
    const waits = this.controls.steer.waits({ action: "step", message: id });
    set(this.go, { "data-waits": waits, title: `let #${id} go (G)` });
    say(this.why, whyNot);
    const { offsetWidth: width, offsetHeight: height } = this.bubble;
    centre(this.bubble, besidePill(at, { width, height }, things));
  }

  /** @param {number} id @param {string} lane @returns {Pill} */
  #make(id, lane) {
    const pill = button("", { class: "zf-held", "data-held": id }, () => this.select(id));
    pill.addEventListener("dblclick", () => this.controls.letGo(id));
    pill.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      if (event.repeat) return; // by then the focus is on the next one
      this.select(id);
      this.controls.letGo(id);
    });
    this.element.append(pill);
    return { pill, lane };
  }
}
