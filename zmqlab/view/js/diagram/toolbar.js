/** The buttons of the diagram: its scale, and the part of it that is in sight. */

import { h, keyButton, say, set } from "../dom/elements.js";
import { count } from "../model/words.js";
import { ZOOM } from "./diagram.js";

/** @import { Diagram } from "./diagram.js" */

const ABOUT =
  "A step for each send and receive, or milliseconds. Drag across the diagram to zoom into a stretch. Drag with Shift, or turn the wheel sideways, to pan. Double click to fit.";

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
    this.axis = h("small", { title: ABOUT });
    const scales = h("span", { class: "zf-pair", role: "group", "aria-label": "scale" }, this.steps, this.ms);
    const out = tool("−", "zoom out", "-", () => diagram.zoom(1 / ZOOM));
    const closer = tool("+", "zoom in", "+", () => diagram.zoom(ZOOM));
    this.fit = tool("fit", "fit", "F", () => diagram.fit());
    const buttons = h("span", { class: "zf-buttons" }, scales, out, closer, this.fit, this.following);
    this.element = h("h3", {}, "Space-time", this.axis, buttons);
    this.refresh();
  }

  /** As the diagram is now. */
  refresh() {
    const { diagram } = this;
    const { kind, view } = diagram;
    set(this.steps, { "aria-pressed": String(kind === "steps") });
    set(this.ms, { "aria-pressed": String(kind === "ms") });
    set(this.following, { "aria-pressed": String(view.follow) });
    const fits = fitOf(diagram);
    say(this.fit, fits.sign);
    set(this.fit, { title: `${fits.title} (F, or a double click)`, "aria-label": fits.sign });
    say(this.axis, scaleWords(diagram));
  }
}

const RUN = "the messages since actors were last started, or since none had moved for five seconds";

/** What a press of fit does. @param {Diagram} diagram */
function fitOf({ fitsRun, runs }) {
  if (fitsRun) return { sign: "fit last run", title: `fit the last run: ${RUN}; again: everything` };
  return runs.length > 1
    ? { sign: "fit all", title: "fit all runs; again: the last one" }
    : { sign: "fit", title: "fit everything" };
}

/** @param {Diagram} diagram */
function scaleWords({ kind, scale, grouping }) {
  const hidden = grouping?.hidden ?? 0;
  const lanes = hidden ? ` · ${count(hidden)} lanes collapsed: ▸ expands` : "";
  if (kind === "steps") return `steps, not to scale${scale.lulls.length ? " · ┊ idle" : ""}${lanes}`;
  return `ms, to scale${scale.lulls.length ? " · ┊ idle time shortened" : ""}${lanes}`;
}
