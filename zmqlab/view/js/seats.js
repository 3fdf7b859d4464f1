/** The seat of a view, where it is shown: beside its notebook, in the cell that shows it, or in a window of its own. */

import { App } from "./app.js";
import { button, h, say } from "./dom/elements.js";
import { onThemeChange } from "./dom/theme.js";
import { within } from "./dom/notebook.js";
import { summary } from "./model/words.js";

/** @import { Guest, Panels } from "./beside/panels.js" */
/** @import { Setting } from "./app.js" */
/** @import { Way } from "./panels/header.js" */
/** @import { Store } from "./store.js" */
/** @typedef {"beside"|"here"|"window"|"away"} Seat  away: in none, as another view took its seat or it was closed */
/** @typedef {{el: HTMLElement, stop: () => void, tell: () => void}} Spot  in the output of a cell */

const CHOICE = "zmqlab.where"; // what the person chose last, for all notebooks of this server
const WINDOW = "popup,width=760,height=960";

/** @type {Record<Seat, string>} */
const WORDS = {
  beside: "is shown at the right of the notebook",
  window: "is shown in a window of its own",
  away: "is not shown",
  here: "",
};

export class Seats {
  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    this.panels = /** @type {Panels|undefined} */ (Reflect.get(globalThis, Symbol.for("zmqlab.beside")));
    this.kernel = store.kernel?.id ?? "";
    this.at = /** @type {Seat} */ ("here");
    /** @type {Set<Spot>} */
    this.spots = new Set();
    this.closeWindow = () => {};
    /** @type {Guest} */
    this.guest = {
      title: store.title,
      born: store.model.get("born"),
      render: (node, notebook) => this.#draw(node, "beside", notebook),
      left: () => this.at === "beside" && this.#put("away"),
    };
    this.unlisten = store.listen(({ at }) => {
      for (const spot of this.spots) spot.tell();
      // Who is led to a moment wants to see it, also in a panel that shows another view by now.
      if (at !== undefined && (this.at === "beside" || this.at === "away")) this.#beside(true);
    });
    this.#settle();
  }

  /** The view's output in a cell. @param {HTMLElement} el @returns {() => void} */
  render(el) {
    this.#settle(); // a notebook that was not there yet is there now
    const spot = { el, stop: () => {}, tell: () => {} };
    this.spots.add(spot);
    this.#fill(spot);
    return () => {
      this.spots.delete(spot);
      spot.stop();
    };
  }

  close() {
    this.unlisten();
    this.closeWindow();
    this.panels?.end(this.guest);
    for (const spot of this.spots) spot.stop();
    this.spots.clear();
  }

  /** As the program says, or else as the person chose, or else beside the notebook where there is such a seat. */
  #settle() {
    if (this.at === "here" && this.store.model.get("where") !== "here" && chosen() !== "here") this.#beside(false);
  }

  /** @param {boolean} asked by the person */
  #beside(asked) {
    this.at = "beside";
    if (!this.panels?.show(this.kernel, this.guest, asked)) this.at = "here";
    this.#put(this.at);
  }

  /** @param {Seat} seat */
  #put(seat) {
    this.at = seat;
    for (const spot of this.spots) this.#fill(spot);
  }

  /** @param {Spot} spot */
  #fill(spot) {
    spot.stop();
    if (this.at === "here") {
      spot.tell = () => {};
      spot.stop = this.#draw(spot.el, "here", () => spot.el);
    } else this.#strip(spot);
  }

  /** In the cell of a view that is elsewhere: where, and the ways to another seat. @param {Spot} spot */
  #strip(spot) {
    const words = h("span", {});
    const ways = this.#ways(this.at).map(({ words, act }) => button(words, { title: `show it ${words}` }, act));
    const strip = h("div", { class: "zmqlab-strip" }, words, h("span", { class: "zf-ways" }, ...ways));
    within(strip);
    spot.el.append(strip);
    spot.stop = () => strip.remove();
    spot.tell = () => {
      const { title, status, state } = this.store;
      say(words, `${title} ${WORDS[this.at]} · ${status} · ${summary(state)}`);
    };
    spot.tell();
  }

  /** The ways from a seat to the others. @param {Seat} seat @returns {Way[]} */
  #ways(seat) {
    const { store, panels } = this;
    if (store.model.get("recorded") && !this.kernel) return [];
    const beside = () => {
      keep("beside");
      this.closeWindow();
      this.#beside(true);
    };
    const here = () => {
      keep("here");
      this.at = "here"; // so that the panel's farewell is no news
      this.panels?.leave(this.guest);
      this.closeWindow();
      this.#put("here");
    };
    const ways = [
      panels && seat !== "beside" && { sign: "⇥", words: "beside the notebook", act: beside },
      seat !== "here" && { sign: "⇤", words: "in its cell", act: here },
      seat !== "window" && { sign: "⇱", words: "in a window of its own", act: () => this.#popOut() },
    ];
    return ways.filter((way) => way !== false && way !== undefined);
  }

  #popOut() {
    const opened = window.open("", "", WINDOW);
    if (!opened) return this.store.refuse("The browser does not allow a window. Allow pop-ups for this page.");
    const before = this.at;
    const page = opened.document;
    page.title = this.store.title;
    page.documentElement.lang = "en";
    page.head.append(
      h("style", {}, this.store.model.get("_css") ?? ""),
      h("style", {}, "body { margin: 0; height: 100vh }"),
    );
    const themed = () => Object.assign(page.body.dataset, { jpThemeLight: document.body.dataset.jpThemeLight ?? "" });
    themed();
    this.at = "window";
    this.panels?.leave(this.guest);
    const stops = [onThemeChange(themed), this.#draw(page.body, "window", () => this.#cell())];
    const close = () => opened.close();
    window.addEventListener("pagehide", close);
    const over = () => {
      window.removeEventListener("pagehide", close);
      for (const stop of stops.splice(0)) stop();
      this.closeWindow = () => {};
      if (this.at !== "window") return;
      if (before === "here") this.#put("here");
      else this.#beside(true);
    };
    opened.addEventListener("pagehide", over);
    this.closeWindow = () => {
      this.at = this.at === "window" ? "away" : this.at;
      over();
      opened.close();
    };
    this.#put("window");
  }

  /** The output of a cell in the notebook, where there is one. */
  #cell() {
    const [spot] = this.spots;
    return spot?.el ?? null;
  }

  /** @param {HTMLElement} el @param {Setting["seat"]} seat @param {() => HTMLElement|null} around */
  #draw(el, seat, around) {
    const app = new App(this.store, el, { seat, ways: this.#ways(seat), around });
    return () => app.remove();
  }
}

/** What the person has chosen, in this browser. */
function chosen() {
  try {
    return localStorage.getItem(CHOICE);
  } catch {
    return null; // a page that may keep nothing
  }
}

/** @param {"beside"|"here"} seat */
function keep(seat) {
  try {
    localStorage.setItem(CHOICE, seat);
  } catch {
    // a page that may keep nothing: the choice holds for this view
  }
}
