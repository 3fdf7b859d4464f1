/** The inspector: one message, frame by frame, as it was sent, carried and received, and what belongs to it. */

import { button, focusOf, h, section, set } from "../dom/elements.js";
import { clippedOf, hexOf, numberOf, textOf } from "../model/frames.js";
import { indented } from "../model/json.js";
import { handshakesOf, headersOf } from "../model/wire.js";
import { began, journey, route, standing } from "../model/words.js";
import { related, relationsOf } from "../relations/conversation.js";
import { sameFrames } from "../relations/envelope.js";
import { ownerOf, rolesOf } from "../relations/roles.js";

/** @import { Frame, Message } from "../model/message.js" */
/** @import { State } from "../model/state.js" */
/** @import { HandshakeWords } from "../model/wire.js" */
/** @import { Relation } from "../relations/conversation.js" */
/** @import { Relations } from "../relations/relations.js" */
/** @import { End } from "../relations/roles.js" */

const WHOLE = 1024; // bytes of a frame that the wire view shows: all that the browser has

export class Inspector {
  /**
   * @param {State} state @param {Relations} relations
   * @param {{go(step: number): void, select(id: number): void, converse(): void, out(): void}} app
   */
  constructor(state, relations, app) {
    this.state = state;
    this.relations = relations;
    this.app = app;
    this.shown = "";
    this.width = 0;
    this.message = /** @type {Message|null} */ (null);
    this.body = h("div", { class: "zf-inspected" });
    const before = { title: "previous message (P)", "aria-keyshortcuts": "P", "aria-label": "previous message" };
    const after = { title: "next message (N)", "aria-keyshortcuts": "N", "aria-label": "next message" };
    this.together = button(
      "conversation",
      { "aria-keyshortcuts": "C", title: "highlight all that belongs to this message, end to end (C)" },
      () => app.converse(),
    );
    const steps = [button("◂", before, () => app.go(-1)), button("▸", after, () => app.go(1))];
    const close = button("✕", { title: "close (Escape)", "aria-label": "close" }, () => app.out());
    this.wire = h("details", { class: "zf-wire" });
    this.wire.addEventListener("toggle", () => this.#keepHeight());
    const heading = ["Message", h("span", { class: "zf-buttons" }, this.together, ...steps, close)];
    this.element = section("zf-inspector", "Inspector: one message", heading, this.body);
    this.element.tabIndex = 0;
    this.show(null, false);
  }

  /** @param {Message|null} message @param {boolean} highlighted its conversation is */
  show(message, highlighted) {
    this.element.hidden = !message;
    set(this.together, { "aria-pressed": highlighted ? "true" : "false" });
    const relations = message ? relationsOf(this.relations, message) : [];
    const others = relations.map((one) => [one.word, one.message.id, one.message.end, one.message.received]);
    const look = message ? JSON.stringify([message, others, this.state.structure]) : "none";
    if (look === this.shown) return;
    this.shown = look;
    this.message = message;
    const focused = /** @type {HTMLElement|null} */ (
      this.body.contains(focusOf(this.element)) ? focusOf(this.element) : null
    );
    this.body.replaceChildren(...(message ? this.#about(message, relations) : []));
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

  /** @param {Message} message @param {Relation[]} relations */
  #about(message, relations) {
    const steps = journey(this.state, message).map((step) => h("li", {}, step));
    const day = began(this.state, message);
    const related = relations.map((one) => this.#relation(message, one));
    return [
      h("p", { class: "zf-title" }, h("b", {}, `#${message.id}`), ` ${route(message)} `, badge(message)),
      h("ol", { class: "zf-journey" }, ...steps),
      ...(day ? [h("p", { class: "zf-day" }, day)] : []),
      ...(related.length ? [h("ul", { class: "zf-relations" }, ...related)] : []),
      ...this.#tables(message),
      ...readings(message),
      ...(message.left === null ? [] : [this.#onTheWire(message)]),
    ];
  }

  /** @param {Message} message @param {Relation} relation */
  #relation(message, relation) {
    const { id } = relation.message;
    const link = button(related(message, relation), { "data-to": id }, () => this.app.select(id));
    return h("li", {}, link, relation.certain ? "" : h("small", {}, " by its order alone: no frame says so"));
  }

  /** @param {Message} message */
  #tables(message) {
    const { frames, wire_frames, received_frames } = message;
    const got = message.received === null ? null : (received_frames ?? frames);
    const same = !received_frames;
    const { sender } = message;
    const receiver = message.receiver || "the receiver";
    const tables = [];
    if (frames && message.sent !== null) {
      const caption = same && got ? `as ${sender} sent it and ${receiver} got it` : `as ${sender} sent it`;
      tables.push(this.#table(message, frames, "sender", caption));
    }
    const between = wire_frames ?? (message.sent === null && message.left !== null ? frames : null);
    if (between && (!got || !sameFrames(between, got)))
      tables.push(this.#table(message, between, "wire", "on the wire"));
    if (got && (!same || message.sent === null)) {
      tables.push(this.#table(message, got, "receiver", `as ${receiver} got it`));
    }
    if (!tables.length) tables.push(h("p", {}, "Encrypted: it was seen to pass, not what it says."));
    return tables;
  }

  /** @param {Message} message @param {Frame[]} frames @param {End} end @param {string} caption */
  #table(message, frames, end, caption) {
    const roles = rolesOf(this.relations, message, frames, end);
    const rows = frames.map((frame, i) => [
      h("td", {}, String(i)),
      h("td", {}, roles[i]),
      h("td", { class: "zf-text" }, ...this.#text(message, frame, roles[i], end, i - frames.length)),
      h("td", { class: "zf-hex", title: hexOf(frame, WHOLE) }, hexOf(frame, 10)),
      h("td", {}, frame.size.toLocaleString("en-US")),
    ]);
    return table(caption, ["#", "role", "text", "hex", "bytes"], rows, { "data-end": end });
  }

  /** @param {Message} message @param {Frame} frame @param {string} role @param {End} end @param {number} place from the last, -1 @returns {(Node|string)[]} */
  #text(message, frame, role, end, place) {
    const text = textOf(frame);
    const clipped = clippedOf(frame);
    const note = clipped ? [h("small", {}, ` ${clipped}`)] : [];
    if (text !== null) return [text.length > 120 ? text.slice(0, 119) + "…" : text, ...note];
    const owner = ownerOf(this.relations, message, frame, role, end);
    const number = role === "correlation id" ? numberOf(frame) : "";
    const kind = message.kinds?.[place] ?? "binary";
    return [owner ? `(id of ${owner})` : number ? `${number} (as a number)` : `(${kind})`, ...note];
  }

  /** @param {Message} message */
  #onTheWire(message) {
    const { wire_frames, frames } = message;
    const connection = this.state.connectionOf(message);
    const passed = wire_frames ?? frames ?? [];
    const headers = headersOf(passed);
    const rows = passed.map((frame, i) => [
      h("td", {}, String(i)),
      h("td", { class: "zf-flags" }, headers[i].flags),
      h("td", { class: "zf-hex" }, h("b", {}, headers[i].header), ` ${hexOf(frame, WHOLE)}`),
    ]);
    this.wire.replaceChildren(
      h("summary", { "aria-keyshortcuts": "W", title: "open or close (W)" }, "On the wire, byte by byte"),
      connection?.encrypted
        ? h("p", {}, "Encrypted by CURVE: each message is one frame that only the two ends can read.")
        : table("each frame: flags and size, then its bytes", ["#", "flags", "header and bytes"], rows, {
            "data-end": "bytes",
          }),
      ...handshakesOf(this.state, message).map(handshake),
    );
    return this.wire;
  }
}

/** What is in the frames, in words: as a person's function says it, and JSON in lines. @param {Message} message */
function readings({ decoded, received_frames, frames }) {
  const found = decoded ? [reading("decoded", decoded)] : [];
  for (const [i, frame] of (received_frames ?? frames ?? []).entries()) {
    const clipped = clippedOf(frame);
    const lines = indented(textOf(frame) ?? "", !clipped);
    if (lines) found.push(reading(`frame ${i}, JSON in lines${clipped && `, ${clipped}`}`, lines));
  }
  return found;
}

/** @param {string} caption @param {string} text */
function reading(caption, text) {
  return h("figure", { class: "zf-read" }, h("figcaption", {}, caption), h("pre", { tabindex: 0 }, text));
}

/** @param {string} caption @param {string[]} titles @param {HTMLElement[][]} rows @param {Record<string, string>} attributes */
function table(caption, titles, rows, attributes) {
  const head = titles.map((title) => h("th", { scope: "col" }, title));
  const body = rows.map((cells, i) => h("tr", { "data-frame": i }, ...cells));
  const parts = [h("caption", {}, caption), h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...body)];
  return h("table", attributes, ...parts);
}

/** @param {HandshakeWords} words */
function handshake({ side, greeting, command, properties }) {
  const lines = properties.map(({ name, value, ours }) => {
    const note = ours ? [h("small", {}, " (from zmqlab)")] : [];
    return h("li", {}, h("b", {}, name), " ", h("span", { class: "zf-text" }, value), ...note);
  });
  const hidden = properties.length ? "" : ": its properties are encrypted";
  const heading = h("p", {}, h("b", {}, side), `: ${greeting}; ${command}${hidden}`);
  return h("div", { class: "zf-handshake" }, heading, h("ul", {}, ...lines));
}

/** @param {Message} message */
function badge(message) {
  return h("span", { class: "zf-badge", "data-place": message.place }, standing(message));
}
