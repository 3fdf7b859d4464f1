/** Texts of the course, as elements. */

import { h } from "../../view/js/dom/elements.js";

/** Text with `code` between backticks. @param {string} text @returns {(Node|string)[]} */
export function marked(text) {
  return text.split("`").map((part, i) => (i % 2 ? h("code", {}, part) : part));
}
