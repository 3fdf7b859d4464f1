/** Questions about the lessons: a click on a choice says whether it is right, why, and where it was learned. */

import { button, h, set } from "../../view/js/dom/elements.js";
import { within } from "../../view/js/dom/notebook.js";
import { Roving } from "../../view/js/dom/roving.js";
import { wayTo } from "./lessons.js";
import { marked } from "./marked.js";
import "./card.css";
import "./recall.css";

/**
 * @typedef {{question: string, choices: string[], right: number, why: string, lesson: string, section: string, file: string}} Asked
 *   as in bank.py
 */
/** @typedef {{questions: Asked[], answers: number[], counted: boolean}} Traits  counted: it says below how many were right */
/**
 * @typedef {object} Model
 * @property {<K extends keyof Traits>(name: K) => Traits[K]} get @property {(name: "answers", value: number[]) => void} set
 * @property {() => void} save_changes @property {(event: string, act: () => void) => void} on
 * @property {(event: string, act: () => void) => void} off
 */

const OPEN = -1; // not answered yet, as in questions.py

let made = 0;

/** @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  const answer = (/** @type {number} */ place, /** @type {number} */ choice) => {
    if (model.get("answers")[place] !== OPEN) return; // the first answer counts
    model.set("answers", model.get("answers").with(place, choice));
    model.save_changes();
    show();
  };
  const items = model.get("questions").map((asked, place) => item(asked, (choice) => answer(place, choice)));
  const count = h("div", { class: "count", "aria-live": "polite" });
  const show = () => {
    model.get("answers").forEach((choice, place) => items[place].show(choice));
    if (model.get("counted")) count.replaceChildren(...counted(model.get("questions"), model.get("answers")));
  };
  const list = h("ol", {}, ...items.map((one) => one.element));
  const root = h("section", { class: "zmqlab-recall", "aria-label": "Questions about the lessons" }, list, count);
  within(root);
  el.append(root);
  model.on("change:answers", show);
  show();
  return () => {
    model.off("change:answers", show);
    root.remove();
  };
}

/** One question. @param {Asked} asked @param {(choice: number) => void} answer */
function item(asked, answer) {
  const id = `zmqlab-recall-${++made}`;
  const buttons = asked.choices.map((_, place) => button("", {}, () => answer(place)));
  buttons.forEach((one, place) => one.append(h("span", {}, ...marked(asked.choices[place]))));
  const choices = h("div", { role: "group", "aria-labelledby": id }, ...buttons);
  const said = h("div", { class: "said", "aria-live": "polite" });
  new Roving(choices); // arrows go from choice to choice, and choose nothing: a choice is an answer
  let shown = OPEN;
  /** @param {number} choice */
  const show = (choice) => {
    if (choice === shown) return;
    shown = choice;
    buttons.forEach((one, place) => {
      const mark = place === asked.right ? "right" : place === choice ? "wrong" : "other";
      set(one, { "aria-disabled": "true", "aria-pressed": String(place === choice), "data-mark": mark });
    });
    said.replaceChildren(...verdict(asked, choice));
  };
  return { element: h("li", {}, h("p", { id }, ...marked(asked.question)), choices, said), show };
}

/** What is said of an answer. @param {Asked} asked @param {number} choice */
function verdict({ choices, right, why, lesson, section, file }, choice) {
  const first = choice === right ? ["Right. "] : ["Not quite: “", ...marked(choices[right]), "” is right. "];
  const where = ["Learned in ", wayTo(file, section, lesson), ", under “", ...marked(section), "”."];
  return [h("p", {}, h("b", {}, ...first), ...marked(why)), h("p", { class: "where" }, ...where)];
}

/** How many were right, and what to read again. @param {Asked[]} questions @param {number[]} answers */
function counted(questions, answers) {
  const given = questions.filter((_, place) => answers[place] !== OPEN).length;
  const missed = questions.filter(({ right }, place) => answers[place] !== OPEN && answers[place] !== right);
  const words = `${given - missed.length} of ${given} right`;
  const left = questions.length - given;
  const said = h("p", {}, h("b", {}, words), left ? `, ${left} to go.` : ".");
  if (!missed.length) return [said];
  const places = missed.map((one) => h("li", {}, wayTo(one.file, one.section, one.lesson), `: ${plain(one.section)}`));
  return [said, h("p", {}, "Read again:"), h("ul", {}, ...places)];
}

/** @param {string} text */
function plain(text) {
  return text.replaceAll("`", "");
}

export default { render };
