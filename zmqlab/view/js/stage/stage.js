/** The stage: a card for each actor, lines between their sockets, messages moving along them. */

import { h, keyed, s, say, section, set } from "../dom/elements.js";
import { measure } from "../dom/measure.js";
import { endsOf } from "../model/held.js";
import { OUTSIDE } from "../model/message.js";
import { closedAt } from "../model/moment.js";
import { settingOf } from "../model/settings.js";
import { actorMenu } from "../steering/menus.js";
import { Card } from "./card.js";
import { Chips } from "./chips.js";
import { GroupCard } from "./groupcard.js";
import { Handles } from "./handles.js";
import { HeldPills } from "./heldpills.js";
import { airy, cardWidth, FEW, handleBox, handlePlace, placeCards, wayBetween } from "./layout.js";
import { Movers } from "./movers.js";

/** @import { Edge, Message } from "../model/message.js" */
/** @import { Grouping } from "../model/grouping.js" */
/** @import { Moment } from "../model/moment.js" */
/** @import { State } from "../model/state.js" */
/** @import { Controls } from "../steering/controls.js" */
/** @import { Menu } from "../steering/menu.js" */
/** @import { Link } from "./handles.js" */
/** @import { Box, Point, Way } from "./layout.js" */

const CHIP = { least: 44, most: 108, clear: 4 }; // px: of a pill's width, and what stays free of the way it stands on
const MARGIN = 12; // px below the cards
const TALLEST = 600; // px of the cards, above which a stage that may be as high as it wants is scrolled
const LEAST = 150; // px of a card, below which it does not say how a socket comes to its place
const NARROW = 200; // px of a card, below which what it says of itself stands below its name
const BRIEF = 36; // px of a word like "works"
const EDGE = 20; // px of a card, beside what stands on it
const FIRST = "Nothing runs yet. Run the next cell: what it starts appears here.";
const NOTHING = "No sockets have been seen yet.";
const HINT = "a message with a ring may go: double-click it";
const MANY = 4; // cards from which on those of actors that have ended are one line
const CROWD = 4; // cards in a column from which on they are small
const SIZES = ["zf-whole", "zf-crowd", "zf-tight"]; // cards with all they have to say, without their last words, with the state alone

export class Stage {
  /**
   * @param {State} state @param {Grouping} grouping @param {(id: number) => void} select
   * @param {Controls} controls @param {Menu} menu @param {() => void} resized a card has another height
   * @param {(name: string) => void} expand a group
   */
  constructor(state, grouping, select, controls, menu, resized, expand) {
    this.state = state;
    this.grouping = grouping;
    this.expand = expand;
    this.controls = controls;
    this.menu = menu;
    this.chips = new Chips();
    this.movers = new Movers(state, this.chips, select);
    this.handles = new Handles(controls, menu);
    this.held = new HeldPills(controls, this.chips, select);
    /** @type {Map<string, Card|GroupCard>} */
    this.cards = new Map();
    /** @type {Map<string, Way>} "from to" (socket ids) -> way */
    this.ways = new Map();
    /** @type {Map<string, number>} */
    this.tints = new Map();
    /** @type {string[][]} */
    this.columns = [];
    /** @type {Map<string, Point>} */
    this.places = new Map();
    /** @type {Box[]} */
    this.boxes = [];
    /** @type {Map<string, {at: Point, room: number}>} */
    this.hands = new Map(); // card -> where the message lies that its program has in hand
    this.wide = 0; // px of a card
    this.font = ""; // of the pills
    this.lit = /** @type {((message: Message) => boolean)|null} */ (null); // what the person looks at; null: everything
    this.placed = false;
    this.sizes = new ResizeObserver(() => {
      this.placed = false; // a card has grown by a line, or the stage has more room
      resized();
    });
    /** @type {{path: Element, edges: Edge[], ends: [string, string], ways: Way[]}[]} */
    this.paths = [];
    this.lines = s("g", { class: "zf-paths" });
    this.drawing = s("svg", { "aria-hidden": true }, this.lines, this.movers.element);
    this.floor = h("div", { class: "zf-floor" }, this.drawing, this.handles.element, this.held.element);
    this.mode = h("small", { class: "zf-mode" });
    this.hint = h("small", { class: "zf-hint" });
    this.empty = h("p", { class: "zf-empty" });
    const heading = ["Stage", this.mode, this.hint];
    this.element = section("zf-stage", "Stage: actors, sockets and queues", heading, this.empty, this.floor);
    this.sizes.observe(this.element);
  }

  close() {
    this.sizes.disconnect();
  }

  /** @param {string[][]} columns @param {Map<string, number>} tints */
  rebuild(columns, tints) {
    this.tints = tints;
    const names = columns.flat();
    keyed(this.cards, new Map(names.map((name) => [name, name])), {
      make: (name) => this.#make(name),
      show: (card) => card.rebuild(),
      drop: ({ element }) => {
        this.sizes.unobserve(element);
        element.remove();
      },
    });
    this.empty.hidden = names.length > 0;
    say(this.empty, this.controls.steer.able ? FIRST : NOTHING);
    this.columns = columns;
    this.placed = false;
  }

  /** @param {string} name */
  #make(name) {
    const group = this.grouping.rows.find(({ key, kind }) => kind === "collapsed" && key === name);
    const card = group
      ? new GroupCard(this.state, this.grouping, group, this.expand)
      : new Card(this.state, name, (button) => this.menu.toggle(button, actorMenu(this.controls, name)));
    this.floor.append(card.element);
    this.sizes.observe(card.element);
    return card;
  }

  /** After the width, or the height of a card, may have changed. */
  place() {
    if (!this.columns.length || !this.floor.clientWidth) return;
    this.placed = true;
    const n = this.columns.length;
    const width = this.floor.clientWidth;
    const wide = cardWidth(n, width);
    this.floor.classList.toggle("zf-narrow", wide < NARROW);
    this.floor.classList.toggle("zf-least", wide < LEAST);
    this.floor.classList.toggle("zf-brief", this.cards.size > MANY);
    for (const card of this.cards.values()) card.element.style.width = `${wide}px`;
    this.element.style.flexBasis = "";
    const room = this.#room();
    let size = this.cards.size > FEW || this.columns.some((names) => names.length > CROWD) ? 1 : 0;
    let placed = this.#place(width, room, wide, size);
    while (room && placed.height > room && size + 1 < SIZES.length) placed = this.#place(width, room, wide, ++size);
    const need = airy(this.columns, placed.heights);
    if (size === SIZES.length - 1 && need < room) {
      // As small as the cards are now, they do not need all of it: the diagram does.
      this.element.style.flexBasis = `${this.element.offsetHeight - (room - need)}px`;
      placed = this.#place(width, need, wide, size);
    }
    const { places, heights, height, gap } = placed;
    this.#measure(gap);
    for (const [name, { x, y }] of places) {
      const style = /** @type {Card|GroupCard} */ (this.cards.get(name)).element.style;
      style.transform = `translate(${x}px, ${y}px)`;
    }
    this.floor.style.height = `${height}px`;
    this.element.classList.toggle("zf-scrolls", !room && height > TALLEST);
    set(this.drawing, { width, height, viewBox: `0 0 ${width} ${height}` });
    this.#connect(places, heights, wide);
  }

  /** How high the stage may be without being scrolled, px; 0 where it is as high as it needs to be. */
  #room() {
    if (getComputedStyle(this.element).overflowY !== "auto") return 0;
    const { height, y } = this.element.getBoundingClientRect();
    return Math.floor(height - (this.floor.getBoundingClientRect().y - y + this.element.scrollTop) - MARGIN);
  }

  /** @param {number} width @param {number} height @param {number} wide px of a card @param {number} size of its height */
  #place(width, height, wide, size) {
    SIZES.forEach((name, i) => this.floor.classList.toggle(name, i <= size));
    const heights = new Map([...this.cards].map(([name, card]) => [name, card.element.offsetHeight]));
    return { ...placeCards(this.columns, heights, { width, height }, wide, size === SIZES.length - 1), heights };
  }

  /** How much room a pill has. @param {number} gap px between two columns */
  #measure(gap) {
    const font = `650 11px ${getComputedStyle(this.floor).fontFamily}`;
    if (this.font !== font) this.chips.widthOf = measure(font);
    this.font = font;
    this.chips.room = Math.max(CHIP.least, Math.min(CHIP.most, gap - CHIP.clear));
  }

  /**
   * The queues, the states and the messages as they are, or were, at a moment.
   * @param {Moment} moment @param {string} words @param {number|null} selected
   */
  show(moment, words, selected) {
    const { steer } = this.controls;
    say(this.mode, words);
    say(this.hint, steer.able && steer.held.lanes.size ? HINT : "");
    for (const card of this.cards.values()) card.refresh(moment, steer.able);
    if (!this.placed) this.place();
    for (const path of this.paths) this.#showPath(path, moment);
    this.handles.show(moment.live);
    const taken = [...this.boxes, ...this.handles.boxes];
    const height = this.floor.clientHeight;
    const queued = this.held.draw(moment, this.tints, selected, {
      wayOf: ({ from, to }) => this.ways.get(`${from} ${to}`) ?? null,
      signOf: ({ lane }) => this.handles.widthOf(endsOf(this.state, lane)),
      taken,
      height,
      lit: this.lit,
    });
    const way = moment.way.filter(({ message }) => !queued.ids.has(message.id));
    this.movers.draw({ ...moment, way }, this.tints, {
      wayOf: (message) => this.#wayOf(message),
      inHand: (message) => this.#handOf(message),
      taken: [...taken, ...queued.boxes],
      height,
      lit: this.lit,
    });
  }

  /** @param {Stage["paths"][number]} path @param {Moment} moment */
  #showPath({ path, edges, ends }, moment) {
    const setting = settingOf(this.state.settings, ...ends);
    set(path, {
      "data-closed": edges.every((edge) => this.#isClosed(edge, moment)),
      "data-held": moment.live && edges.some(({ tcp }) => tcp) && setting.hold,
      "data-cut": moment.live && setting.cut,
    });
  }

  /** @param {Edge} edge @param {Moment} moment */
  #isClosed({ client, server, closed }, moment) {
    const sockets = [client, server].map((id) => this.state.sockets.get(id));
    return closed && sockets.some((socket) => socket && closedAt(socket, moment));
  }

  /** The way that a message goes; a short one beside the card where nobody knows whereto. @param {Message} message @returns {Way|null} */
  #wayOf({ from, to }) {
    const way = this.ways.get(`${from} ${to}`);
    const start = way ? null : this.#anchor(from);
    if (!start) return way ?? null;
    const right = start.x + start.width;
    const free = right + this.chips.room <= this.floor.clientWidth;
    const [x, step] = free ? [right, this.chips.room / 2] : [start.x, -this.chips.room / 2];
    const [a, middle, b] = [0, 1, 2].map((n) => ({ x: x + n * step, y: start.y }));
    return [a, middle, b];
  }

  /** Is an actor on a card that stands for many? @param {string} actor */
  #isCollapsed(actor) {
    return this.grouping.rowOf.get(actor)?.kind === "collapsed";
  }

  /** The key of the card that an actor is on. @param {string} actor */
  #cardOf(actor) {
    return this.grouping.rowOf.get(actor)?.key ?? actor;
  }

  /** On the card of the one who has it. @param {Message} message */
  #handOf(message) {
    return this.hands.get(this.#cardOf(message.work?.actor ?? "")) ?? null;
  }

  /** @param {Map<string, Point>} places @param {Map<string, number>} heights @param {number} wide */
  #connect(places, heights, wide) {
    this.places = places;
    this.wide = wide;
    this.hands = new Map([...places].map(([name, at]) => [name, this.#hand(name, at)]));
    this.boxes = [...places].map(([name, { x, y }]) => ({ x, y, width: wide, height: heights.get(name) ?? 0 }));
    this.ways.clear();
    this.paths = [];
    this.lines.replaceChildren();
    /** @type {Map<string, Link>} */
    const links = new Map();
    /** @type {Map<string, Stage["paths"][number]>} */
    const drawn = new Map();
    const taken = [...this.boxes];
    for (const edge of this.state.order.edges) {
      const way = this.#way(edge.client, edge.server);
      if (!way) continue;
      const [a, middle, b] = way;
      const ends = /** @type {[string, string]} */ ([edge.client, edge.server].map((id) => this.state.actorOf(id)));
      const d = `M${a.x} ${a.y}Q${middle.x} ${middle.y} ${b.x} ${b.y}`;
      const known = drawn.get(d);
      const [there, back] = known?.ways ?? [way, /** @type {Way} */ ([b, middle, a])];
      this.ways.set(`${edge.client} ${edge.server}`, there);
      this.ways.set(`${edge.server} ${edge.client}`, back);
      if (known) {
        known.edges.push(edge); // of a card that stands for many, one line stands for all
      } else {
        const path = s("path", { d });
        const line = { path, edges: [edge], ends, ways: [there, back] };
        drawn.set(d, line);
        this.paths.push(line);
        this.lines.append(path);
      }
      if (!edge.tcp || edge.closed || ends.some((name) => name === OUTSIDE || this.#isCollapsed(name))) continue; // these pass nothing that could steer them
      const key = [...ends].sort().join(" ↔ ");
      const link = links.get(key) ?? { ends, at: handlePlace(way, taken) };
      if (!links.has(key)) taken.push(handleBox(link.at));
      links.set(key, link);
      const wide = s("path", { d, class: "zf-reach" });
      wide.addEventListener("click", () => this.handles.open(link.ends));
      this.lines.append(wide);
    }
    this.handles.place([...links.values()]);
  }

  /** @param {string} name @param {Point} at */
  #hand(name, { x, y }) {
    const { hands, element, status } = /** @type {Card|GroupCard} */ (this.cards.get(name));
    if (hands.offsetHeight) {
      const down = hands.offsetTop + hands.offsetHeight / 2;
      return { at: { x: x + this.wide / 2, y: y + down }, room: this.wide - EDGE };
    }
    const room = this.wide - EDGE - BRIEF; // beside what the card says of its program
    const below = status.offsetTop > element.offsetHeight / 3;
    const down = below ? status.offsetTop + status.offsetHeight / 2 : element.offsetHeight / 2;
    return { at: { x: x + this.wide - EDGE / 2 - room / 2, y: y + down }, room };
  }

  /** @param {string} from @param {string} to @returns {Way|null} */
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
    const between = this.boxes.filter(({ x }) => x > Math.min(one.x, other.x) && x < Math.max(one.x, other.x));
    return wayBetween(a, b, between, this.floor.clientHeight);
  }

  /** The row of a socket on its card, or the card where the socket has none. @param {string} socket */
  #anchor(socket) {
    const name = this.#cardOf(this.state.actorOf(socket));
    const place = this.places.get(name);
    const card = this.cards.get(name);
    if (!place || !card) return null;
    const row = card.rows.get(socket)?.row;
    const y = row?.offsetHeight ? row.offsetTop + row.offsetHeight / 2 : card.element.offsetHeight / 2;
    return { x: place.x, y: Math.round(place.y + y), width: this.wide };
  }
}
