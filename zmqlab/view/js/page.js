/** A page that `to_html` wrote: what anywidget does in a notebook, this does there, with a recording for a kernel. */

/** @import { Model, Traits } from "./store.js" */
/** @typedef {{title: string, upto: number, deflated: string}} Recording */
/** @typedef {{initialize(context: {model: Model}): () => void, render(context: {model: Model, el: HTMLElement}): () => void}} Widget */

/**
 * Show the recording that stands in `script`.
 * @param {() => Widget} widget @param {HTMLElement} script @param {HTMLElement} el
 */
export async function play(widget, script, el) {
  const model = modelOf(await snapshotOf(JSON.parse(script.textContent ?? "")));
  const { initialize, render } = widget();
  initialize({ model });
  el.replaceChildren();
  render({ model, el });
}

/** The traits that a view of this recording has. @param {Recording} recording @returns {Promise<Traits>} */
export async function snapshotOf({ title, upto, deflated }) {
  const bytes = Uint8Array.from(atob(deflated), (letter) => letter.charCodeAt(0));
  const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const json = await new Response(inflated).arrayBuffer();
  return { title, live: false, recorded: true, where: "here", covered: true, born: 0, snapshot: { upto, json } };
}

/** A model that nothing comes from any more, and that nobody listens to. @param {Traits} traits @returns {Model} */
export function modelOf(traits) {
  const nothing = () => {};
  return { get: (name) => traits[name], on: nothing, off: nothing, send: nothing };
}
