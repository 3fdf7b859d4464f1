// @ts-check
/** The stage: a card per actor, links between their sockets, messages flying along them. */

import { Card, pill } from "./card.js";
import { h, s, say, set } from "./dom.js";
import { Flights } from "./flights.js";
import { along, edgesOf, placeCards, tintOf } from "./layout.js";
import { TINTS } from "./theme.js";
import { about } from "./words.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Message} Message */
/** @typedef {import("./layout.js").Point} Point */

const CARD = { least: 132, most: 212, gap: 84 };
const MANY = 4; // cards from which on those of actors that have ended are one line
const CROWD = 4; // cards in a column from which on they are small

export class Stage {
  /** @param {State} state @param {(id: number) => void} select */
  constructor(state, select) {
    this.state = state;
    this.select = select;
    this.flights = new Flights();
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    /** @type {Map<string, Card>} */
    this.cards = new Map();
    /** @type {Map<string, [Point, Point, Point]>} "from to" (socket ids) -> way */
    this.ways = new Map();
    /** @type {Map<number, ReturnType<typeof pill>>} */
    this.pills = new Map();
    this.tints = new Map();
    this.lines = s("g", { class: "zf-links" });
    this.flying = s("g", { class: "zf-pills" });
    this.drawing = s("svg", { "aria-hidden": true }, this.lines, this.flying);
    this.floor = h("div", { class: "zf-floor" }, /** @type {any} */ (this.drawing));
    this.empty = h("p", { class: "zf-empty" }, "No actors yet.");
    this.element = h(
      "section",
      { class: "zf-stage", "aria-label": "Stage: actors, sockets and queues" },
      h("h3", {}, "Stage", h("small", {}, "messages fly slower than life; the queues are as they are")),
      this.empty,
      this.floor,
    );
  }

  /** @param {string[][]} columns @param {Map<string, number>} tints */
  rebuild(columns, tints) {
    this.tints = tints;
    const names = columns.flat();
    for (const [name, card] of this.cards) {
      if (!names.includes(name)) {
        card.element.remove();
        this.cards.delete(name);
      }
    }
    for (const name of names) {
      if (!this.cards.has(name)) {
        const card = new Card(this.state, name);
        this.cards.set(name, card);
        this.floor.append(card.element);
      }
      this.cards.get(name)?.rebuild();
    }
    this.empty.hidden = names.length > 0;
    this.columns = columns;
    this.place();
  }

  /** After the width, or the height of a card, may have changed. */
  place() {
    if (!this.columns?.length || !this.floor.clientWidth) return;
    const width = this.floor.clientWidth;
    const n = this.columns.length;
    const wide = Math.round(Math.max(CARD.least, Math.min(CARD.most, (width - (n - 1) * CARD.gap) / n)));
    this.floor.classList.toggle("zf-folded", this.cards.size > MANY);
    this.floor.classList.toggle("zf-crowd", this.columns.some((names) => names.length > CROWD));
    for (const card of this.cards.values()) card.element.style.width = `${wide}px`;
    const heights = new Map([...this.cards].map(([name, card]) => [name, card.element.offsetHeight]));
    const { places, height } = placeCards(this.columns, heights, width, wide);
    for (const [name, { x, y }] of places) {
      const style = /** @type {Card} */ (this.cards.get(name)).element.style;
      style.transform = `translate(${x}px, ${y}px)`;
    }
    this.floor.style.height = `${height}px`;
    set(this.drawing, { width, height, viewBox: `0 0 ${width} ${height}` });
    this.#connect(places, wide);
  }

  /** After a batch. */
  refresh() {
    for (const card of this.cards.values()) card.refresh();
  }

  /** Move what flies; true when it has to be called again. @param {number} now */
  move(now) {
    const active = this.flights.active(now);
    const flying = new Set(active.map(({ message }) => message.id));
    for (const [id, { group }] of this.pills) {
      if (!flying.has(id)) {
        group.remove();
        this.pills.delete(id);
      }
    }
    for (const { message, progress } of active) this.#fly(message, this.still.matches ? 0.5 : progress);
    return this.flights.moving;
  }

  /** @param {Message} message @param {number} progress */
  #fly(message, progress) {
    const place = this.#whereIs(message, progress);
    if (!place) return;
    let shape = this.pills.get(message.id);
    if (!shape) {
      shape = pill();
      this.pills.set(message.id, shape);
      this.flying.append(shape.group);
      shape.group.addEventListener("click", () => this.select(message.id));
      shape.group.append(s("title", {}, about(this.state, message)));
    }
    const ended = message.end !== "";
    const text = `${ended ? "✕ " : ""}${message.id}`;
    if (shape.text.textContent !== text) {
      say(shape.text, text);
      const width = 12 + text.length * 7;
      set(shape.box, { width, x: -width / 2 });
      const tint = tintOf(this.state, this.tints, message) % TINTS;
      set(shape.group, { style: `--tint: var(--zf-${ended ? "red" : `tint${tint}`})`, "data-pill": message.id });
    }
    shape.group.setAttribute("transform", `translate(${place.x.toFixed(1)} ${place.y.toFixed(1)})`);
  }

  /** @param {Message} message @param {number} progress @returns {Point|null} */
  #whereIs(message, progress) {
    const eased = progress < 0.5 ? 2 * progress * progress : 1 - 2 * (1 - progress) * (1 - progress);
    const way = this.ways.get(`${message.from} ${message.to}`);
    if (way) return along(way, message.end ? eased * 0.55 : eased);
    const start = this.#anchor(message.from);
    return start && { x: start.x + start.width / 2, y: start.y + 12 + 30 * eased };
  }

  /** @param {Map<string, Point>} places @param {number} wide */
  #connect(places, wide) {
    this.places = places;
    this.wide = wide;
    this.ways.clear();
    this.lines.replaceChildren();
    for (const edge of edgesOf(this.state)) {
      const way = this.#way(edge.client, edge.server);
      if (!way) continue;
      const [a, middle, b] = way;
      this.ways.set(`${edge.client} ${edge.server}`, way);
      this.ways.set(`${edge.server} ${edge.client}`, [b, middle, a]);
      const d = `M${a.x} ${a.y}Q${middle.x} ${middle.y} ${b.x} ${b.y}`;
      this.lines.append(s("path", { d, "data-closed": edge.closed }));
    }
  }

  /** @param {string} from @param {string} to @returns {[Point, Point, Point]|null} */
  #way(from, to) {
    const one = this.#anchor(from);
    const other = this.#anchor(to);
    if (!one || !other) return null;
    if (one.x === other.x) {
      const right = one.x + one.width;
      return [
        { x: right, y: one.y },
        { x: right + 60, y: (one.y + other.y) / 2 },
        { x: right, y: other.y },
      ];
    }
    const a = { x: one.x < other.x ? one.x + one.width : one.x, y: one.y };
    const b = { x: other.x < one.x ? other.x + other.width : other.x, y: other.y };
    return [a, { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, b];
  }

  /** The row of a socket on its card, or the card where the socket has none. @param {string} socket */
  #anchor(socket) {
    const name = this.state.actorOf(socket);
    const place = this.places?.get(name);
    const card = this.cards.get(name);
    if (!place || !card) return null;
    const row = card.rows.get(socket)?.row;
    const y = row?.offsetHeight ? row.offsetTop + row.offsetHeight / 2 : card.element.offsetHeight / 2;
    return { x: place.x, y: Math.round(place.y + y), width: this.wide ?? 0 };
  }
}
