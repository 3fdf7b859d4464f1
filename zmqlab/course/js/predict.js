/** A question before a run: its choices, the button that locks one, and what the run says. */

import { button, focusOf, h } from "../../view/js/dom/elements.js";
import { within } from "../../view/js/dom/notebook.js";
import { marked } from "./marked.js";
import "./card.css";
import "./predict.css";

/**
 * @typedef {object} Traits
 * @property {string} question with `code` between backticks, as all texts @property {string[]} choices
 * @property {string} chosen "" for none @property {string} because why, in the learner's own words, "" for nothing
 * @property {boolean} over it can be changed no longer @property {string} words what stands below, in lines
 */
/**
 * @typedef {object} Model
 * @property {<K extends keyof Traits>(name: K) => Traits[K]} get
 * @property {(name: "chosen"|"because"|"over", value: any) => void} set
 * @property {() => void} save_changes @property {(event: string, act: () => void) => void} on
 * @property {(event: string, act: () => void) => void} off
 */

const NEWS = "change:chosen change:because change:over change:words";

let made = 0;

/** @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  const name = `zmqlab-predict-${++made}`;
  /** @param {(model: Model) => void} change */
  const tell = (change) => {
    if (model.get("over")) return;
    change(model);
    model.save_changes();
    show();
  };
  const lock = () => model.get("chosen") && tell(() => model.set("over", true));
  const lockByEnter = (/** @type {KeyboardEvent} */ { key }) => key === "Enter" && lock();
  const radios = model.get("choices").map((choice) => {
    const radio = h("input", { type: "radio", name, value: choice });
    radio.addEventListener("change", () => tell(() => model.set("chosen", choice)));
    radio.addEventListener("keydown", lockByEnter);
    return radio;
  });
  const labels = radios.map((radio) => h("label", {}, radio, h("span", {}, ...marked(radio.value))));
  const because = h("input", { type: "text", placeholder: "because … (if you like)", maxLength: 300 });
  because.setAttribute("aria-label", "because");
  because.addEventListener("input", () => tell(() => model.set("because", because.value)));
  because.addEventListener("keydown", lockByEnter);
  const locks = button("Lock my answer", { title: "It cannot be changed afterwards" }, lock);
  const words = h("p", { "aria-live": "polite" });
  const question = h("legend", {}, h("b", {}, "Predict: "), ...marked(model.get("question")));
  const root = h("div", { class: "zmqlab-predict" }, h("fieldset", {}, question, ...labels), because, locks, words);
  const show = () => {
    const over = model.get("over");
    for (const radio of radios) {
      radio.checked = radio.value === model.get("chosen");
      // What was chosen keeps the focus: a control that is disabled would lose it, and the notebook its keys.
      radio.disabled = over && !radio.checked && radio !== focusOf(radio);
      radio.setAttribute("aria-disabled", String(over));
    }
    if (because.value !== model.get("because")) because.value = model.get("because");
    because.readOnly = over;
    because.hidden = over && !because.value;
    locks.setAttribute("aria-disabled", String(over || !model.get("chosen")));
    words.replaceChildren(...marked(model.get("words")));
  };
  within(root);
  el.append(root);
  for (const event of NEWS.split(" ")) model.on(event, show);
  show();
  return () => {
    for (const event of NEWS.split(" ")) model.off(event, show);
    root.remove();
  };
}

export default { render };
