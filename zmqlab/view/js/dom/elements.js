/** Making elements. Text is always set as text: a payload never becomes markup. */

/** @typedef {Record<string, any>} Attributes  null, undefined and false: none; true: without a value */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Attributes} attributes @param {...(Node|string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/**
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag @param {Attributes} attributes @param {...(Node|string)} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function s(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/** @template {Element} E @param {E} element @param {Attributes} attributes @param {(Node|string)[]} children @returns {E} */
function filled(element, attributes, children) {
  set(element, attributes);
  element.append(...children);
  return element;
}

/** A part of the view. @param {string} name of its class @param {string} label @param {(Node|string)[]} heading @param {...Node} children */
export function section(name, label, heading, ...children) {
  return h("section", { class: name, "aria-label": label }, h("h3", {}, ...heading), ...children);
}

/** @param {string} text @param {Attributes} attributes @param {() => void} act what a click does */
export function button(text, attributes, act) {
  const made = h("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", act);
  return made;
}

/** A button whose text is a sign, and that a key presses as well. @param {string} sign @param {string} name @param {string} key @param {() => void} act */
export function keyButton(sign, name, key, act) {
  return button(sign, { title: `${name} (${key})`, "aria-label": name, "aria-keyshortcuts": key }, act);
}

/** Only what is another value is written: most is not, from frame to frame. @param {Element} element @param {Attributes} attributes */
export function set(element, attributes) {
  for (const name in attributes) {
    const value = attributes[name];
    // A recorded page forbids the attribute.
    if (name === "style") /** @type {HTMLElement} */ (element).style.cssText = value ?? "";
    else if (value === null || value === undefined || value === false) element.removeAttribute(name);
    else {
      const written = value === true ? "" : String(value);
      if (element.getAttribute(name) !== written) element.setAttribute(name, written);
    }
  }
}

/** Write a text only when it is another one: most do not change from batch to batch. @param {Node} node @param {string} text */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** What has the focus, in the window where an element is. @param {Element} element */
export function focusOf(element) {
  return /** @type {HTMLElement|null} */ (element.ownerDocument.activeElement);
}

/** Put the middle of an element there. @param {HTMLElement} element @param {{x: number, y: number}} at */
export function centre(element, { x, y }) {
  element.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) translate(-50%, -50%)`;
}

/**
 * One thing on the page for each key that is wanted: made where the key is new, dropped where it is gone, and shown as it is now.
 * @template K, T, M
 * @param {Map<K, M>} made what there is, and then what there is to be @param {Map<K, T>} wanted
 * @param {{make(item: T, key: K): M, show(one: M, item: T): void, drop(one: M, key: K): void}} how
 */
export function keyed(made, wanted, { make, show, drop }) {
  for (const [key, one] of made) {
    if (wanted.has(key)) continue;
    made.delete(key);
    drop(one, key);
  }
  for (const [key, item] of wanted) {
    const one = made.get(key) ?? make(item, key);
    made.set(key, one);
    show(one, item);
  }
}
