// @ts-check
/** The inspector: one message, frame by frame, as it was sent, carried and received. */

import { h } from "./dom.js";
import { hexOf, rolesOf, textOf } from "./frames.js";
import { journey, route, standing } from "./words.js";
import { placeOf } from "./state.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Message} Message */
/** @typedef {import("./state.js").Frame} Frame */

export class Inspector {
  /** @param {State} state @param {(step: number) => void} go */
  constructor(state, go) {
    this.state = state;
    this.shown = "";
    this.width = 0;
    this.body = h("div", { class: "zf-inspected" });
    const before = h("button", { type: "button", title: "previous message (P)", "aria-keyshortcuts": "P" }, "◂");
    const after = h("button", { type: "button", title: "next message (N)", "aria-keyshortcuts": "N" }, "▸");
    before.setAttribute("aria-label", "previous message");
    after.setAttribute("aria-label", "next message");
    before.addEventListener("click", () => go(-1));
    after.addEventListener("click", () => go(1));
    this.element = h(
      "section",
      { class: "zf-inspector", "aria-label": "Inspector: one message", tabindex: 0 },
      h("h3", {}, "Message", h("span", { class: "zf-buttons" }, before, after)),
      this.body,
    );
    this.show(null);
  }

  /** @param {Message|null} message */
  show(message) {
    const look = message ? JSON.stringify([message, this.state.structure]) : "none";
    if (look === this.shown) return;
    this.shown = look;
    this.body.replaceChildren(...(message ? this.#about(message) : [this.#invitation()]));
    this.#keepHeight();
  }

  /** It grows with what it has to show and stays so: from message to message nothing below it moves. */
  #keepHeight() {
    const { style, offsetWidth } = this.body;
    if (this.width !== offsetWidth) style.minHeight = "";
    this.width = offsetWidth;
    style.minHeight = `${this.body.getBoundingClientRect().height}px`;
  }

  #invitation() {
    return h(
      "div",
      { class: "zf-invitation" },
      h("p", {}, "Click a message to see its frames and its journey: on the stage, in the diagram or in the list."),
      h("p", {}, "Keys: ", ...keys("N", "next", "P", "previous", "F", "fit", "+ −", "zoom", "← →", "pan", "S", "scale", "L", "follow the newest")),
    );
  }

  /** @param {Message} message */
  #about(message) {
    const { frames, wire_frames, received_frames } = message;
    const got = message.received === null ? null : (received_frames ?? frames);
    const same = !received_frames;
    const sender = this.state.actorOf(message.from);
    const receiver = this.state.receiverOf(message) ?? "the receiver";
    const tables = [];
    if (frames && message.sent !== null) {
      const caption = same && got ? `as ${sender} sent it and ${receiver} got it` : `as ${sender} sent it`;
      tables.push(this.#table(message, frames, "sender", caption));
    }
    const between = wire_frames ?? (message.sent === null ? frames : null);
    if (between && (!got || !equal(between, got))) tables.push(this.#table(message, between, "wire", "on the wire"));
    if (got && (!same || message.sent === null)) {
      tables.push(this.#table(message, got, "receiver", `as ${receiver} got it`));
    }
    if (!tables.length) tables.push(h("p", {}, "Encrypted: it was seen to pass, not what it says."));
    return [
      h("p", { class: "zf-title" }, h("b", {}, `#${message.id}`), ` ${route(this.state, message)} `, badge(message)),
      h("ol", { class: "zf-journey" }, ...journey(this.state, message).map((step) => h("li", {}, step))),
      ...tables,
    ];
  }

  /** @param {Message} message @param {Frame[]} frames @param {"sender"|"receiver"|"wire"} end @param {string} caption */
  #table(message, frames, end, caption) {
    const roles = rolesOf(this.state, message, frames, end);
    const head = ["#", "role", "text", "hex", "bytes"].map((title) => h("th", { scope: "col" }, title));
    const rows = frames.map((frame, i) =>
      h(
        "tr",
        { "data-frame": i },
        h("td", {}, String(i)),
        h("td", {}, roles[i]),
        h("td", { class: "zf-text" }, this.#text(message, frame, roles[i], end)),
        h("td", { class: "zf-hex", title: hexOf(frame, 256) }, hexOf(frame, 10)),
        h("td", {}, frame.size.toLocaleString("en-US")),
      ),
    );
    const table = h("table", { "data-end": end }, h("caption", {}, caption), h("thead", {}, h("tr", {}, ...head)));
    table.append(h("tbody", {}, ...rows));
    return table;
  }

  /** @param {Message} message @param {Frame} frame @param {string} role @param {"sender"|"receiver"|"wire"} end */
  #text(message, frame, role, end) {
    const text = textOf(frame);
    if (text !== null) return text.length > 120 ? text.slice(0, 119) + "…" : text;
    const owner = end === "sender" ? this.state.receiverOf(message) : this.state.actorOf(message.from);
    return role === "routing id" && owner ? `(id of ${owner})` : "(not text)";
  }
}

/** @param {Message} message */
function badge(message) {
  return h("span", { class: "zf-badge", "data-place": placeOf(message) }, standing(message));
}

/** @param {Frame[]} one @param {Frame[]} other */
function equal(one, other) {
  return one.length === other.length && one.every((frame, i) => frame.hex === other[i].hex && frame.size === other[i].size);
}

/** @param {...string} pairs key, meaning, key, meaning … */
function keys(...pairs) {
  return pairs.map((word, i) => (i % 2 ? `${word}${i < pairs.length - 1 ? ", " : ""}` : h("kbd", {}, word)));
}
