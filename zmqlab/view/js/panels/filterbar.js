/** The bar that says which messages are shown, and narrows them down. */

import { button, focusOf, h, say } from "../dom/elements.js";
import { linkNames } from "../relations/filter.js";

/** @import { State } from "../model/state.js" */
/** @import { Focus } from "../relations/focus.js" */

export class FilterBar {
  /** @param {State} state @param {Focus} focus @param {() => void} changed */
  constructor(state, focus, changed) {
    this.state = state;
    this.focus = focus;
    this.changed = changed;
    this.choice = h("select", { "aria-label": "messages of whom" });
    this.choice.addEventListener("change", () => this.#choose());
    const plain = { type: "search", spellcheck: "false", autocomplete: "off" };
    const named = { "aria-label": "messages with the text", title: "messages with this text, or #7 (/)" };
    this.text = h("input", { ...plain, ...named, placeholder: "with the text …", "aria-keyshortcuts": "/" });
    this.text.addEventListener("input", () => this.#write());
    this.words = h("output", { class: "zf-shown" });
    const out = { "aria-keyshortcuts": "Escape", title: "show all messages again (Escape)" };
    this.out = button("✕ show all", out, () => this.clear());
    this.element = h("div", { class: "zf-filter", role: "search", "aria-label": "Which messages are shown" });
    this.element.append(h("span", {}, "Show"), this.choice, this.text, this.words, this.out);
    this.element.hidden = true;
    this.refresh();
  }

  /** Somebody wants to choose. */
  open() {
    this.element.hidden = false;
    this.text.focus();
  }

  /** After actors or links changed. */
  rebuild() {
    const { actor, link } = this.focus.filter;
    const group = (/** @type {string} */ label, /** @type {string} */ kind, /** @type {string[]} */ names) =>
      h("optgroup", { label }, ...names.map((name) => h("option", { value: `${kind}${name}` }, name)));
    this.choice.replaceChildren(
      h("option", { value: "" }, "everyone"),
      group("from or to", "actor:", [...this.state.actors.keys()]),
      group("between", "link:", linkNames(this.state)),
    );
    this.choice.value = actor ? `actor:${actor}` : link ? `link:${link}` : "";
  }

  refresh() {
    const { focus } = this;
    say(this.words, focus.words);
    this.out.hidden = !focus.active;
    if (focus.active) this.element.hidden = false;
    if (focusOf(this.element) !== this.text) this.text.value = focus.filter.text;
  }

  clear() {
    const inside = this.element.contains(focusOf(this.element));
    this.element.hidden = true;
    this.focus.clear();
    this.text.value = "";
    this.choice.value = "";
    if (inside) /** @type {HTMLElement|null} */ (this.element.parentElement)?.focus({ preventScroll: true }); // what had the focus goes away
    this.changed();
  }

  #choose() {
    const [, kind, name] = /^(actor|link):(.*)$/s.exec(this.choice.value) ?? [];
    Object.assign(this.focus.filter, { actor: "", link: "", ...(kind && { [kind]: name }) });
    this.#apply();
  }

  #write() {
    this.focus.filter.text = this.text.value.trim();
    this.#apply();
  }

  #apply() {
    this.focus.refilter();
    this.changed();
  }
}
