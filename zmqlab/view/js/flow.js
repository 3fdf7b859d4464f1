/** What anywidget loads: one store a model, one app a place where it is shown. */

import "./flow.css";
import "./panels/panels.css";
import "./panels/inspector.css";
import "./diagram/diagram.css";
import "./steering/steering.css";
import "./stage/stage.css";
import { App } from "./app.js";
import { play } from "./page.js";
import { Store } from "./store.js";

/** @returns {import("./page.js").Widget} */
const widget = () => {
  /** @type {Store} */
  let store;
  return {
    initialize({ model }) {
      store = new Store(model);
      return () => store.close();
    },
    render({ el }) {
      const app = new App(store, el);
      return () => app.remove();
    },
  };
};

export default widget;

const recording = document.getElementById("zmqlab-recording");
const place = document.getElementById("zmqlab-view");
if (recording && place) play(widget, recording, place);
