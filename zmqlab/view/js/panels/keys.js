/** What the keys do, for who asks. */

import { button, h } from "../dom/elements.js";

const MESSAGES =
  "N=next message|P=previous message|C=its conversation|W=its bytes on the wire|/=which are shown|Esc=show all again";
const TIME =
  "Space=play or pause|, .=a step back or on|Home End=begin, now|S=scale|F=fit|+ −=zoom|← →=pan|L=follow|Drag=zoom in|Shift+Drag=pan";
const LAB = "H=hold or release|J=step|G=let the chosen one go";
const NOTEBOOK = "Shift+Enter=run the next cell: these keys stay the notebook's";

export class Keys {
  constructor() {
    const close = button("✕", { "aria-label": "close", title: "close (Escape)" }, () => this.close());
    const groups = Object.entries({ messages: MESSAGES, time: TIME, "a lab that runs": LAB, notebook: NOTEBOOK });
    const lines = groups.map(([name, pairs]) => h("p", {}, `${name}: `, ...keys(pairs)));
    const first = h("p", {}, "Click a message to read its frames: on the stage, in the diagram or in the list.");
    this.element = h("section", { class: "zf-keys", "aria-label": "Keys", hidden: true }, close, first, ...lines);
  }

  toggle() {
    this.element.hidden = !this.element.hidden;
  }

  /** Was it open? */
  close() {
    const open = !this.element.hidden;
    this.element.hidden = true;
    return open;
  }
}

/** @param {string} pairs key=meaning|key=meaning … */
function keys(pairs) {
  return pairs.split("|").flatMap((pair, i, { length }) => {
    const [key, meaning] = pair.split("=");
    return [h("kbd", {}, key), i < length - 1 ? `${meaning}, ` : meaning];
  });
}
