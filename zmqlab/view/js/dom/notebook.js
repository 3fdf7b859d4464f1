/** The notebook around a part of the page: its keys stay its own, and a click does not move its active cell. */

/** @typedef {() => HTMLElement|null} Around  what holds the notebook; null: there is none */

const OURS = ["mousedown", "dblclick", "focusin"]; // the notebook would make the cell active in which it meets them

/** Is this the press with which a cell is run? @param {KeyboardEvent} event */
function runs({ key, shiftKey, ctrlKey, metaKey, altKey }) {
  return key === "Enter" && (shiftKey || ctrlKey || metaKey || altKey);
}

/**
 * Keep the notebook as it is while the person is in `root`, and give it the keys that run a cell, from any control.
 * @param {HTMLElement} root @param {Around} around
 */
export function within(root, around = () => root.parentElement) {
  root.tabIndex = -1; // what has no focus of its own gives it to the root, and not to the cell around it
  root.dataset.lmSuppressShortcuts = "true"; // JupyterLab's own keys would come first
  for (const name of OURS) root.addEventListener(name, (event) => event.stopPropagation());
  root.addEventListener("keydown", (event) => runs(event) && handOn(event, around()), { capture: true });
  // At any other key the notebook would take the focus back to its active cell.
  root.addEventListener("keydown", (event) => runs(event) || event.stopPropagation());
}

/** Let the notebook have the press, as if it had been made in its active cell: once. @param {KeyboardEvent} event @param {HTMLElement|null} around */
function handOn(event, around) {
  event.preventDefault(); // it would press a button as well
  const notebook = around?.closest(".jp-Notebook") ?? around?.querySelector(".jp-Notebook");
  const cell = /** @type {HTMLElement|null|undefined} */ (notebook?.querySelector(".jp-Cell.jp-mod-active"));
  if (!cell) return; // no notebook of Jupyter's: who listens further out may know what to do
  event.stopPropagation();
  cell.focus({ preventScroll: true });
  const { key, code, keyCode, shiftKey, ctrlKey, metaKey, altKey } = event;
  const again = { key, code, keyCode, shiftKey, ctrlKey, metaKey, altKey, bubbles: true, cancelable: true };
  if (!event.repeat) cell.dispatchEvent(new KeyboardEvent("keydown", again));
}
