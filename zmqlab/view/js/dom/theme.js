/** The colours of the style sheet, for the canvas. */

/** @typedef {{ink: string, soft: string, faint: string, ground: string, red: string, hang: string, focus: string, font: string, tints: string[]}} Theme */

export const TINTS = 8;

/** @param {Element} root @returns {Theme} */
export function themeOf(root) {
  const style = getComputedStyle(root);
  const read = (/** @type {string} */ name) => style.getPropertyValue(`--zf-${name}`).trim();
  return {
    ink: read("ink"),
    soft: read("soft"),
    faint: read("faint"),
    ground: read("ground"),
    red: read("red"),
    hang: read("tint1"),
    focus: read("focus"),
    font: style.fontFamily,
    tints: Array.from({ length: TINTS }, (_, i) => read(`tint${i}`)),
  };
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
