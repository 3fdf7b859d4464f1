/** The history of a run: a click on a moment asks the kernel to show it in the view of the run. */

import { button, h, set } from "../../view/js/dom/elements.js";
import { within } from "../../view/js/dom/notebook.js";
import "./card.css";
import "./findings.css";

/** @typedef {{at: number, text: string}} Moment  at: s */
/** @typedef {{title: string, moments: Moment[], end: string}} Paragraph */
/**
 * @typedef {object} Model
 * @property {(name: "paragraphs") => Paragraph[]} get @property {(content: {at: number}) => void} send
 */

/** @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  const buttons = /** @type {HTMLButtonElement[]} */ ([]);
  /** @param {Moment} moment */
  const link = ({ at, text }) => {
    const one = button(`${at.toFixed(2)} s`, { "aria-label": `show ${at.toFixed(2)} s, ${text}, in the view` }, () => {
      model.send({ at });
      for (const other of buttons) set(other, { "aria-pressed": String(other === one) });
    });
    buttons.push(one);
    return one;
  };
  const paragraphs = model.get("paragraphs").map(({ title, moments, end }) => {
    const parts = moments.map((moment) => h("span", {}, `${moment.text} `, link(moment)));
    const last = end ? [h("span", {}, end)] : [];
    return h("li", {}, h("b", {}, title), ...[...parts, ...last].flatMap((part, place) => [place ? ", " : ": ", part]));
  });
  const root = h(
    "section",
    { class: "zmqlab-findings", "aria-label": "What happened, and when" },
    h("p", {}, "Each time is a button that shows this moment in the view."),
    h("ul", {}, ...paragraphs),
  );
  within(root);
  el.append(root);
  return () => root.remove();
}

export default { render };
