/** What a person does on the diagram with the mouse or a finger: a click, a drag, a double click. */

/**
 * What a press is for, once it moves: a finger pans, as it has no Shift.
 * @typedef {"pan" | "seek" | "zoom"} Drag
 */
/**
 * @typedef {object} Acts  places are px of the canvas
 * @property {(event: MouseEvent) => boolean} onTime is that where a moment is chosen?
 * @property {(event: MouseEvent) => void} seek @property {(event: MouseEvent) => void} hover
 * @property {(event: MouseEvent) => void} click @property {() => void} doubleClick
 * @property {(px: number) => void} pan @property {(one: number, other: number) => void} mark what will be zoomed into
 * @property {(one: number, other: number) => void} zoom @property {() => void} unmark
 */

const STILL = 4; // px that the mouse may move in a click

export class Mouse {
  /** @param {HTMLCanvasElement} canvas @param {Acts} acts */
  constructor(canvas, acts) {
    this.canvas = canvas;
    this.acts = acts;
    this.press = /** @type {{start: number, x: number, moved: boolean, drag: Drag}|null} */ (null);
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    canvas.addEventListener("pointerup", (event) => this.#up(event));
    canvas.addEventListener("pointercancel", () => this.#over());
    canvas.addEventListener("dblclick", (event) => acts.onTime(event) || acts.doubleClick());
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button !== 0) return;
    const pans = event.shiftKey || event.pointerType === "touch";
    /** @type {Drag} */
    const drag = this.acts.onTime(event) ? "seek" : pans ? "pan" : "zoom";
    this.press = { start: event.offsetX, x: event.offsetX, moved: false, drag };
    this.canvas.setPointerCapture(event.pointerId);
    if (drag === "seek") this.acts.seek(event);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const { press, acts } = this;
    if (!press) return acts.hover(event);
    if (press.drag === "seek") return acts.seek(event);
    const x = event.offsetX;
    press.moved ||= Math.abs(x - press.start) >= STILL;
    if (!press.moved) return;
    if (press.drag === "zoom") acts.mark(press.start, x);
    else acts.pan(press.x - x);
    press.x = x;
  }

  /** @param {PointerEvent} event */
  #up(event) {
    const { press, acts } = this;
    this.#over();
    if (!press || press.drag === "seek") return;
    if (!press.moved) acts.click(event);
    else if (press.drag === "zoom" && Math.abs(event.offsetX - press.start) >= STILL)
      acts.zoom(press.start, event.offsetX);
  }

  #over() {
    this.press = null;
    this.acts.unmark();
  }
}
