/** The colours of the style sheet, for the canvas. */

/** @typedef {{ink: string, soft: string, faint: string, ground: string, red: string, hang: string, focus: string, font: string, tints: string[]}} Theme */

export const TINTS = 8; // and one more, for messages of no conversation

/** @param {Element} root @returns {Theme} */
export function themeOf(root) {
  const probe = root.appendChild(document.createElement("i")); // an element tells which of the two colours holds for it
  const read = (/** @type {string} */ name) => {
    probe.style.color = `var(--zf-${name})`;
    return getComputedStyle(probe).color;
  };
  probe.hidden = true;
  const [ink, soft, faint, ground, red, focus] = ["ink", "soft", "faint", "ground", "red", "focus"].map(read);
  const tints = Array.from({ length: TINTS + 1 }, (_, i) => read(`tint${i}`));
  probe.remove();
  return { ink, soft, faint, ground, red, focus, hang: tints[1], font: getComputedStyle(root).fontFamily, tints };
}

/** Call back whenever JupyterLab or the system changes from light to dark or back; returns the way to stop it. @param {() => void} changed */
export function onThemeChange(changed) {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, {
    attributes: true,
    attributeFilter: ["data-jp-theme-light", "data-jp-theme-name", "class"],
  });
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", changed);
  return () => {
    observer.disconnect();
    system.removeEventListener("change", changed);
  };
}
