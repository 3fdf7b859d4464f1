/** What anywidget loads: one store a model, one app a place where it is shown. */

import "./flow.css";
import "./panels/panels.css";
import "./panels/inspector.css";
import "./diagram/diagram.css";
import "./steering/steering.css";
import "./stage/stage.css";
import { play } from "./page.js";
import { Seats } from "./seats.js";
import { Store } from "./store.js";

/** @returns {import("./page.js").Widget} */
const widget = () => {
  /** @type {Seats} */
  let seats;
  return {
    initialize({ model }) {
      const store = new Store(model);
      seats = new Seats(store);
      return () => {
        seats.close();
        store.close();
      };
    },
    render({ el }) {
      return seats.render(el);
    },
  };
};

export default widget;

const recording = document.getElementById("zmqlab-recording");
const place = document.getElementById("zmqlab-view");
if (recording && place) play(widget, recording, place);
