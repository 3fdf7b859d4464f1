/** What lies on the stage of a recorded page until somebody does something: a button that plays it. */

import { button } from "../dom/elements.js";

export class Cover {
  /** @param {() => void} play which lifts it */
  constructor(play) {
    const named = { class: "zf-cover", "aria-label": "play the recording", title: "play (Space)" };
    this.element = button("▶", named, play);
    this.element.hidden = true;
  }

  lay() {
    this.element.hidden = false;
  }

  lift() {
    this.element.hidden = true;
  }
}
