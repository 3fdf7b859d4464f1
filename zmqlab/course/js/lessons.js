/** The way from one lesson to another. */

import { h } from "../../view/js/dom/elements.js";

/** @import { Panels } from "../../view/js/beside/panels.js" */

const NOTEBOOK_7 = /\/notebooks\/.*\.ipynb$/; // the address of a page with one notebook, and of its neighbours

/**
 * A section of a lesson in the same folder, as a link where that leads there: JupyterLab opens it in a tab, if our plugin
 * is there to ask for it; in Notebook 7 the browser does. Elsewhere it is text.
 * @param {string} file @param {string} section its heading @param {string} text
 */
export function wayTo(file, section, text) {
  const panels = /** @type {Panels|undefined} */ (Reflect.get(globalThis, Symbol.for("zmqlab.beside")));
  if (!panels && !NOTEBOOK_7.test(location.pathname)) return h("span", {}, text);
  const fragment = fragmentOf(section);
  const link = h("a", { href: file + encodeURI(fragment), target: "_blank" }, text);
  if (panels) {
    link.addEventListener("click", (event) => {
      event.preventDefault(); // the browser would open a second JupyterLab
      panels.openFile(link, file, fragment);
    });
  }
  return link;
}

/** How Jupyter names a heading. @param {string} section */
export function fragmentOf(section) {
  return `#${section.replace(/[`*]/g, "").replaceAll(" ", "-")}`;
}
