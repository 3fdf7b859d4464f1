/** What the keys do while the focus is in a view. */

import { ZOOM } from "./diagram/diagram.js";

/** @import { Diagram } from "./diagram/diagram.js" */
/** @import { FilterBar } from "./panels/filterbar.js" */
/** @import { Inspector } from "./panels/inspector.js" */
/** @import { Keys } from "./panels/keys.js" */
/** @import { Transport } from "./panels/transport.js" */
/** @import { Controls } from "./steering/controls.js" */
/**
 * @typedef {{selected: number|null, go(step: number): void, converse(): void, out(): void, controls: Controls,
 *   diagram: Diagram, filter: FilterBar, inspector: Inspector, keys: Keys, transport: Transport}} View
 */

/** What a key that was pressed does here, if anything. @param {View} view @param {KeyboardEvent} event */
export function actOf(view, event) {
  const { controls, diagram, filter, inspector, keys, transport } = view;
  const target = /** @type {Element} */ (event.target);
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest("select")) return undefined;
  if (target === filter.text && event.key !== "Escape") return undefined;
  if (event.key === " " && target.closest("button")) return undefined; // it presses the button
  /** @type {Record<string, () => void>} */
  const acts = {
    "+": () => diagram.zoom(ZOOM),
    "=": () => diagram.zoom(ZOOM),
    "-": () => diagram.zoom(1 / ZOOM),
    f: () => diagram.fit(),
    l: () => diagram.follow(),
    s: () => diagram.use(diagram.kind === "steps" ? "ms" : "steps"),
    n: () => view.go(1),
    p: () => view.go(-1),
    c: () => view.converse(),
    w: () => inspector.turnWire(),
    "/": () => filter.open(),
    "?": () => keys.toggle(),
    Escape: () => view.out(),
    ...(controls.steer.able && {
      h: () => controls.toggle(),
      j: () => controls.next(),
      g: () => controls.letGo(view.selected),
    }),
    " ": () => transport.toggle(),
    ",": () => transport.step(-1),
    ".": () => transport.step(1),
    ...(!target.closest("input[type=range]") && { Home: () => transport.rewind(), End: () => transport.end() }),
    ...(target === diagram.canvas && {
      ArrowLeft: () => diagram.pan(-0.15),
      ArrowRight: () => diagram.pan(0.15),
      Enter: () => view.go(1),
    }),
  };
  return acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
}
