// What the live view draws of batches: each line of the input is a list of them, each line of the output one picture.
import { createInterface } from "node:readline";
import { Steps, stepScale, Viewport } from "../../zmqlab/view/js/model/scale.js";
import { textsOf } from "../../zmqlab/view/js/diagram/labels.js";
import { arrowOf } from "../../zmqlab/view/js/diagram/scene.js";
import { startOf } from "../../zmqlab/view/js/model/message.js";
import { State } from "../../zmqlab/view/js/model/state.js";
import { route, standing } from "../../zmqlab/view/js/model/words.js";

/** @param {any[]} batches */
function drawn(batches) {
  const state = new State();
  for (const batch of batches) state.apply(batch);
  const { columns, cards, edges, lanes, tints } = state.order;
  const steps = new Steps();
  steps.add(state.list);
  const laneY = new Map(lanes.map((name, i) => [name, 100 * i]));
  const frame = /** @type {any} */ ({ scale: stepScale(steps), view: new Viewport(), laneY, laneHeight: 100, tints });
  const messages = state.list.map((message) => {
    const arrow = arrowOf(state, message, frame);
    return (
      arrow && {
        id: message.id,
        start: startOf(message),
        route: route(message),
        standing: standing(message),
        tint: arrow.tint,
        end: arrow.end,
        reaches: arrow.end ? "" : lanes[arrow.y2 / 100],
        up: arrow.y2 < arrow.y1,
        texts: textsOf(arrow),
      }
    );
  });
  return { columns, cards: [...cards], edges, lanes, messages };
}

for await (const line of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(drawn(JSON.parse(line))));
