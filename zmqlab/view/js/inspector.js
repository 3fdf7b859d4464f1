// @ts-check
/** The inspector: one message, frame by frame, as it was sent, carried and received, and what belongs to it. */

import { relationsOf } from "./conversation.js";
import { h, set } from "./dom.js";
import { clippedOf, hexOf, numberOf, textOf } from "./frames.js";
import { ownerOf, rolesOf } from "./roles.js";
import { handshakesOf, headersOf } from "./wire.js";
import { journey, related, route, standing } from "./words.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Message} Message */
/** @typedef {import("./state.js").Frame} Frame */
/** @typedef {import("./roles.js").End} End */

const WHOLE = 256; // bytes of a frame that the wire view shows: all that the browser has

export class Inspector {
  /**
   * @param {State} state @param {import("./kin.js").Kin} kin
   * @param {{go(step: number): void, select(id: number): void, converse(): void}} app
   */
  constructor(state, kin, app) {
    this.state = state;
    this.kin = kin;
    this.app = app;
    this.shown = "";
    this.width = 0;
    this.message = /** @type {Message|null} */ (null);
    this.body = h("div", { class: "zf-inspected" });
    const before = h("button", { type: "button", title: "previous message (P)", "aria-keyshortcuts": "P" }, "◂");
    const after = h("button", { type: "button", title: "next message (N)", "aria-keyshortcuts": "N" }, "▸");
    before.setAttribute("aria-label", "previous message");
    after.setAttribute("aria-label", "next message");
    before.addEventListener("click", () => app.go(-1));
    after.addEventListener("click", () => app.go(1));
    this.together = h("button", { type: "button", "aria-pressed": "false", "aria-keyshortcuts": "C" }, "conversation");
    set(this.together, { title: "highlight all that belongs to this message, end to end (C)" });
    this.together.addEventListener("click", () => app.converse());
    this.wire = h("details", { class: "zf-wire" });
    this.wire.addEventListener("toggle", () => this.#keepHeight());
    this.element = h(
      "section",
      { class: "zf-inspector", "aria-label": "Inspector: one message", tabindex: 0 },
      h("h3", {}, "Message", h("span", { class: "zf-buttons" }, this.together, before, after)),
      this.body,
    );
    this.show(null, false);
  }

  /** @param {Message|null} message @param {boolean} highlighted its conversation is */
  show(message, highlighted) {
    this.together.hidden = !message;
    set(this.together, { "aria-pressed": highlighted ? "true" : "false" });
    const relations = message ? relationsOf(this.kin, message) : [];
    const kin = relations.map((one) => [one.word, one.message.id, one.message.end, one.message.received]);
    const look = message ? JSON.stringify([message, kin, this.state.structure]) : "none";
    if (look === this.shown) return;
    this.shown = look;
    this.message = message;
    const focused = /** @type {HTMLElement|null} */ (
      this.body.contains(document.activeElement) ? document.activeElement : null
    );
    this.body.replaceChildren(...(message ? this.#about(message, relations) : [invitation()]));
    this.#keepHeight();
    const again = focused?.dataset.to && this.body.querySelector(`[data-to="${focused.dataset.to}"]`);
    if (again) /** @type {HTMLElement} */ (again).focus();
    else if (focused === this.wire.firstChild) focused?.focus();
  }

  /** Open or close the wire view. */
  turnWire() {
    this.wire.open = !this.wire.open;
  }

  /** It grows with what it has to show and stays so: from message to message nothing below it moves. */
  #keepHeight() {
    const { style, offsetWidth } = this.body;
    if (this.width !== offsetWidth) style.minHeight = "";
    this.width = offsetWidth;
    style.minHeight = `${this.body.getBoundingClientRect().height}px`;
  }

  /** @param {Message} message @param {import("./conversation.js").Relation[]} relations */
  #about(message, relations) {
    const parts = [
      h("p", { class: "zf-title" }, h("b", {}, `#${message.id}`), ` ${route(this.state, message)} `, badge(message)),
      h("ol", { class: "zf-journey" }, ...journey(this.state, message).map((step) => h("li", {}, step))),
    ];
    if (relations.length)
      parts.push(h("ul", { class: "zf-kin" }, ...relations.map((one) => this.#relation(message, one))));
    parts.push(...this.#tables(message));
    if (message.left !== null) parts.push(this.#onTheWire(message));
    return parts;
  }

  /** @param {Message} message @param {import("./conversation.js").Relation} relation */
  #relation(message, relation) {
    const { id } = relation.message;
    const button = h("button", { type: "button", "data-to": id }, related(this.state, message, relation));
    button.addEventListener("click", () => this.app.select(id));
    return h("li", {}, button, relation.certain ? "" : h("small", {}, " by its order alone: no frame says so"));
  }

  /** @param {Message} message */
  #tables(message) {
    const { frames, wire_frames, received_frames } = message;
    const got = message.received === null ? null : (received_frames ?? frames);
    const same = !received_frames;
    const sender = this.state.actorOf(message.from);
    const receiver = message.receiver || "the receiver";
    const tables = [];
    if (frames && message.sent !== null) {
      const caption = same && got ? `as ${sender} sent it and ${receiver} got it` : `as ${sender} sent it`;
      tables.push(this.#table(message, frames, "sender", caption));
    }
    const between = wire_frames ?? (message.sent === null && message.left !== null ? frames : null);
    if (between && (!got || !equal(between, got))) tables.push(this.#table(message, between, "wire", "on the wire"));
    if (got && (!same || message.sent === null)) {
      tables.push(this.#table(message, got, "receiver", `as ${receiver} got it`));
    }
    if (!tables.length) tables.push(h("p", {}, "Encrypted: it was seen to pass, not what it says."));
    return tables;
  }

  /** @param {Message} message @param {Frame[]} frames @param {End} end @param {string} caption */
  #table(message, frames, end, caption) {
    const roles = rolesOf(this.kin, message, frames, end);
    const rows = frames.map((frame, i) => [
      h("td", {}, String(i)),
      h("td", {}, roles[i]),
      h("td", { class: "zf-text" }, ...this.#text(message, frame, roles[i], end)),
      h("td", { class: "zf-hex", title: hexOf(frame, WHOLE) }, hexOf(frame, 10)),
      h("td", {}, frame.size.toLocaleString("en-US")),
    ]);
    return table(caption, ["#", "role", "text", "hex", "bytes"], rows, { "data-end": end });
  }

  /** @param {Message} message @param {Frame} frame @param {string} role @param {End} end @returns {(Node|string)[]} */
  #text(message, frame, role, end) {
    const text = textOf(frame);
    const clipped = clippedOf(frame);
    const note = clipped ? [h("small", {}, ` ${clipped}`)] : [];
    if (text !== null) return [text.length > 120 ? text.slice(0, 119) + "…" : text, ...note];
    const owner = ownerOf(this.kin, message, frame, role, end);
    const number = role === "correlation id" ? numberOf(frame) : "";
    return [owner ? `(id of ${owner})` : number ? `${number} (as a number)` : "(not text)", ...note];
  }

  /** @param {Message} message */
  #onTheWire(message) {
    const { wire_frames, frames } = message;
    const link = this.state.links.get(message.lane.slice(0, -1));
    const passed = wire_frames ?? frames ?? [];
    const headers = headersOf(passed);
    const rows = passed.map((frame, i) => [
      h("td", {}, String(i)),
      h("td", { class: "zf-flags" }, headers[i].flags),
      h("td", { class: "zf-hex" }, h("b", {}, headers[i].header), ` ${hexOf(frame, WHOLE)}`),
    ]);
    this.wire.replaceChildren(
      h("summary", { "aria-keyshortcuts": "W", title: "open or close (W)" }, "On the wire, byte by byte"),
      link?.encrypted
        ? h("p", {}, "Encrypted by CURVE: each message is one frame that only the two ends can read.")
        : table("each frame: flags and size, then its bytes", ["#", "flags", "header and bytes"], rows, {
            "data-end": "bytes",
          }),
      ...handshakesOf(this.state, message).map((said) => handshake(said)),
    );
    return this.wire;
  }
}

/** @param {string} caption @param {string[]} titles @param {HTMLElement[][]} rows @param {Record<string, string>} attributes */
function table(caption, titles, rows, attributes) {
  const head = titles.map((title) => h("th", { scope: "col" }, title));
  const body = rows.map((cells, i) => h("tr", { "data-frame": i }, ...cells));
  return h(
    "table",
    attributes,
    h("caption", {}, caption),
    h("thead", {}, h("tr", {}, ...head)),
    h("tbody", {}, ...body),
  );
}

/** @param {import("./wire.js").Said} said */
function handshake({ side, greeting, command, properties }) {
  const lines = properties.map(({ name, value, ours }) =>
    h(
      "li",
      {},
      h("b", {}, name),
      " ",
      h("span", { class: "zf-text" }, value),
      ours ? h("small", {}, " (from zmqlab)") : "",
    ),
  );
  const hidden = properties.length ? "" : ": its properties are encrypted";
  return h(
    "div",
    { class: "zf-handshake" },
    h("p", {}, h("b", {}, side), `: ${greeting}; ${command}${hidden}`),
    h("ul", {}, ...lines),
  );
}

function invitation() {
  return h(
    "div",
    { class: "zf-invitation" },
    h("p", {}, "Click a message to see its frames and its journey: on the stage, in the diagram or in the list."),
    h(
      "p",
      {},
      "Keys: ",
      ...keys("N", "next", "P", "previous", "C", "conversation", "W", "wire", "/", "filter"),
      "; time: ",
      ...keys(
        "Space",
        "play or pause",
        ", .",
        "a step back or forth",
        "F",
        "fit",
        "+ −",
        "zoom",
        "← →",
        "pan",
        "S",
        "scale",
        "L",
        "follow the newest",
      ),
      "; a lab that runs: ",
      ...keys("H", "hold or release", "J", "step", "G", "let the chosen one go"),
    ),
  );
}

/** @param {Message} message */
function badge(message) {
  return h("span", { class: "zf-badge", "data-place": message.place }, standing(message));
}

/** @param {Frame[]} one @param {Frame[]} other */
function equal(one, other) {
  return (
    one.length === other.length && one.every((frame, i) => frame.hex === other[i].hex && frame.size === other[i].size)
  );
}

/** @param {...string} pairs key, meaning, key, meaning … */
function keys(...pairs) {
  return pairs.map((word, i) => (i % 2 ? `${word}${i < pairs.length - 1 ? ", " : ""}` : h("kbd", {}, word)));
}
