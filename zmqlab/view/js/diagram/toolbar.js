/** The buttons of the diagram: its scale, and the part of it that is in sight. */

import { h, keyButton, say, set } from "../dom/elements.js";
import { ZOOM } from "./diagram.js";

/** @import { Diagram } from "./diagram.js" */

export class Toolbar {
  /** @param {Diagram} diagram @param {() => void} redraw */
  constructor(diagram, redraw) {
    this.diagram = diagram;
    /** @param {string} sign @param {string} name @param {string} key @param {() => void} act */
    const tool = (sign, name, key, act) =>
      keyButton(sign, name, key, () => {
        act();
        this.refresh();
        redraw();
      });
    this.steps = tool("steps", "scale: steps", "S", () => diagram.use("steps"));
    this.ms = tool("ms", "scale: ms, milliseconds", "S", () => diagram.use("ms"));
    this.following = tool("follow", "follow the newest", "L", () => diagram.follow());
    this.axis = h("small", {});
    const scales = h("span", { class: "zf-pair", role: "group", "aria-label": "scale" }, this.steps, this.ms);
    const out = tool("−", "zoom out", "-", () => diagram.zoom(1 / ZOOM));
    const closer = tool("+", "zoom in", "+", () => diagram.zoom(ZOOM));
    const fit = tool("fit", "fit the whole run", "F", () => diagram.fit());
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
}
