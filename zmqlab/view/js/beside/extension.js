/**
 * JupyterLab's part, installed with the package: it lets a view stand in a panel beside its notebook.
 *
 * JupyterLab loads this file as a module-federation container (`init`, `get`). It asks for one shared module, Lumino's
 * Widget, so no bundler's runtime is needed. What the views use is `Panels`, at `Symbol.for("zmqlab.beside")`.
 */

import { Panels } from "./panels.js";

/** @import { Lab, WidgetClass } from "./panels.js" */
/** @typedef {Record<string, Record<string, {get(): Promise<() => {Widget: WidgetClass}>}>>} Shared  module -> version -> the way to it */

const LUMINO = "@lumino/widgets";

let shared = /** @type {Shared} */ ({});

const plugin = {
  id: "zmqlab:beside",
  autoStart: true,
  /** @param {Lab} app */
  async activate(app) {
    const [version] = Object.values(shared[LUMINO] ?? {});
    // Notebook 7 has one document a page: no place beside it.
    if (!version || app.shell.mode === undefined) return;
    const { Widget } = (await version.get())();
    Object.assign(globalThis, { [Symbol.for("zmqlab.beside")]: new Panels(app, Widget) });
  },
};

const page = /** @type {{_JUPYTERLAB?: Record<string, object>}} */ (globalThis);
page._JUPYTERLAB ??= {};
page._JUPYTERLAB.zmqlab = {
  /** @param {Shared} scope */
  init(scope) {
    shared = scope;
  },
  get: async () => () => ({ __esModule: true, default: plugin }), // without the mark, the whole module is taken for a plugin
};
