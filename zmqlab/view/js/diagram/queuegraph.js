/** The queues of one socket over time, under the diagram and on its axis. */

import { button, h, say, section, set } from "../dom/elements.js";
import { count } from "../model/words.js";
import { depthAt, depthsOf, peaks } from "./depths.js";

/** @import { State } from "../model/state.js" */
/** @import { Depths, PeerDepths, Side } from "./depths.js" */
/** @import { Diagram } from "./diagram.js" */

const HEIGHT = 46; // px of the higher of the two
const GAP = 20; // px above each
const NAMED = 5; // peers named in the heading
const SIDES = /** @type {const} */ (["in", "out"]);

export class QueueGraph {
  /** @param {State} state @param {Diagram} diagram @param {() => void} closed */
  constructor(state, diagram, closed) {
    this.state = state;
    this.diagram = diagram;
    this.socket = ""; // "": not shown
    this.version = -1;
    /** @type {{side: Side, all: Depths, peers: PeerDepths[]}[]} */
    this.sides = [];
    this.title = h("span");
    this.names = h("span", { class: "zf-peers" });
    this.close = button("✕", { "aria-label": "close the graph of the queues", title: "close" }, () => {
      this.toggle(this.socket);
      closed();
    });
    this.canvas = h("canvas", { role: "img", "aria-label": "Queues over time" });
    const heading = [this.title, this.names, h("span", { class: "zf-buttons" }, this.close)];
    this.element = section("zf-graph", "Queues over time", heading, this.canvas);
    this.element.hidden = true;
  }

  /** Show the queues of a socket, or no longer. @param {string} socket */
  toggle(socket) {
    this.socket = socket === this.socket ? "" : socket;
    this.version = -1;
    this.element.hidden = !this.socket;
  }

  /** @param {number} at ms @param {boolean} live it is now */
  draw(at, live) {
    if (!this.socket) return;
    this.#count();
    const { theme, gutter, ratio, view } = this.diagram;
    const ctx = this.canvas.getContext("2d");
    if (!theme || !ctx || !ratio) return;
    const height = this.sides.length * (HEIGHT + GAP) + 4;
    const width = gutter + view.width + 14;
    this.canvas.width = Math.round(width * ratio); // clears it
    this.canvas.height = Math.round(height * ratio);
    set(this.canvas, { style: `width: ${width}px; height: ${height}px; cursor: default` });
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.sides.forEach((side, i) => this.#side(ctx, side, (i + 1) * (HEIGHT + GAP), at));
    const x = gutter + view.x(this.diagram.scale.u(at));
    if (!live && x >= gutter) {
      ctx.fillStyle = theme.ground;
      ctx.globalAlpha = 0.72;
      ctx.fillRect(x, 0, width, height);
      ctx.globalAlpha = 1;
      ctx.fillStyle = theme.focus;
      ctx.fillRect(x, 0, 2, height);
    }
  }

  /** @param {CanvasRenderingContext2D} ctx @param {QueueGraph["sides"][0]} side @param {number} y of its zero @param {number} at */
  #side(ctx, { side, all, peers }, y, at) {
    const { theme, gutter, view, scale, tints } = this.diagram;
    if (!theme) return;
    const step = HEIGHT / Math.max(1, all.most);
    ctx.font = `600 12px ${theme.font}`;
    ctx.textBaseline = "middle";
    ctx.fillStyle = theme.ink;
    ctx.fillText(`${side} ${count(depthAt(all, at))}`, 4, y - HEIGHT / 2);
    ctx.font = `11px ${theme.font}`;
    ctx.fillStyle = theme.soft;
    ctx.textAlign = "right";
    ctx.fillText(count(all.most), gutter - 6, y - HEIGHT);
    ctx.fillText("0", gutter - 6, y);
    ctx.textAlign = "start";
    ctx.fillStyle = theme.faint;
    ctx.fillRect(gutter, y, view.width, 1);
    const bounds = Float64Array.from({ length: Math.ceil(view.width) + 1 }, (_, x) => scale.t(view.u(x)));
    const inside = (/** @type {number} */ x) => view.u(x) >= scale.first && view.u(x) <= scale.last;
    const total = peaks(all, bounds);
    ctx.globalAlpha = 0.6;
    total.forEach((depth, x) => depth && inside(x) && ctx.fillRect(gutter + x, y - depth * step, 1, depth * step));
    ctx.globalAlpha = 1;
    ctx.lineWidth = 1.5;
    for (const { peer, depths } of peers) {
      ctx.strokeStyle = theme.tints[tints.get(peer) ?? 0];
      ctx.beginPath();
      let before = 0;
      peaks(depths, bounds).forEach((depth, x) => {
        const shown = inside(x) && (depth || before); // the line at zero is there already
        ctx[shown ? "lineTo" : "moveTo"](gutter + x + 0.5, y - depth * step);
        before = depth;
      });
      ctx.stroke();
    }
  }

  /** Anew when something has changed. */
  #count() {
    const { state, socket } = this;
    if (this.version === state.columns.version) return;
    this.version = state.columns.version;
    const counted = SIDES.map((side) => ({ side, ...depthsOf(state, socket, side) }));
    this.sides = counted.filter(({ all }) => all.most > 0);
    const known = state.sockets.get(socket);
    const name = `${known?.actor} ${known?.type}`;
    const part = state.notDrawn ? ", of the messages drawn" : "";
    say(this.title, this.sides.length ? `Queues of ${name}${part}` : `Nothing has waited at ${name}${part}`);
    const peers = [...new Set(this.sides.flatMap((side) => side.peers.map(({ peer }) => peer)))];
    this.names.replaceChildren(
      ...peers
        .slice(0, NAMED)
        .map((peer) => h("span", { style: `--tint: var(--zf-tint${this.diagram.tints.get(peer) ?? 0})` }, peer)),
      ...(peers.length > NAMED ? [`and ${peers.length - NAMED} more`] : []),
    );
    const most = this.sides.map(({ side, all }) => `${side}: at most ${all.most}`).join(", ");
    set(this.canvas, { "aria-label": `Queues of ${name} over time. ${most || "always empty"}.` });
  }
}
