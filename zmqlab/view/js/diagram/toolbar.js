/** The buttons of the diagram: its scale, and the part of it that is in sight. */

import { h, keyButton, say, set } from "../dom/elements.js";

/** @import { Diagram } from "./diagram.js" */

const ZOOM = 1.5; // times, with a press

export class Toolbar {
  /** @param {Diagram} diagram @param {() => void} redraw */
  constructor(diagram, redraw) {
    this.diagram = diagram;
    const tool = (
      /** @type {string} */ sign,
      /** @type {string} */ name,
      /** @type {string} */ key,
      /** @type {() => void} */ act,
    ) =>
      keyButton(sign, name, key, () => {
        act();
        redraw();
      });
    this.steps = tool("steps", "scale: steps", "S", () => this.use("steps"));
    this.ms = tool("ms", "scale: ms, milliseconds", "S", () => this.use("ms"));
    this.following = tool("follow", "follow the newest", "L", () => this.follow());
    this.axis = h("small", {});
    const scales = h("span", { class: "zf-pair", role: "group", "aria-label": "scale" }, this.steps, this.ms);
    const out = tool("−", "zoom out", "-", () => this.zoomOut());
    const closer = tool("+", "zoom in", "+", () => this.zoomIn());
    const fit = tool("fit", "fit the whole run", "F", () => this.fit());
    const buttons = h("span", { class: "zf-buttons" }, scales, out, closer, fit, this.following);
    this.element = h("h3", {}, "Space-time", this.axis, buttons);
    this.refresh();
  }

  /** As the diagram is now. */
  refresh() {
    const { kind, view } = this.diagram;
    set(this.steps, { "aria-pressed": String(kind === "steps") });
    set(this.ms, { "aria-pressed": String(kind === "ms") });
    set(this.following, { "aria-pressed": String(view.follow) });
    say(this.axis, kind === "steps" ? "steps, not to scale: one for each send and receive" : "ms, to scale");
  }

  /** @param {"steps"|"ms"} kind */
  use(kind) {
    this.diagram.use(kind);
    this.refresh();
  }

  /** The other scale. */
  turn() {
    this.use(this.diagram.kind === "steps" ? "ms" : "steps");
  }

  follow() {
    this.diagram.view.follow = true;
    this.refresh();
  }

  fit() {
    this.diagram.fit();
    this.refresh();
  }

  zoomIn() {
    this.diagram.zoom(ZOOM);
    this.refresh();
  }

  zoomOut() {
    this.diagram.zoom(1 / ZOOM);
    this.refresh();
  }
}
