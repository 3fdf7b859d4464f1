/** How wide words are, without making the page lay them out. */

const MOST = 2_000; // widths that are remembered

/** @param {string} font as CSS writes it @returns {(text: string) => number} px */
export function measure(font) {
  const context = document.createElement("canvas").getContext("2d");
  if (context) context.font = font;
  /** @type {Map<string, number>} */
  const known = new Map();
  return (text) => {
    let width = known.get(text);
    if (width !== undefined) return width;
    if (known.size >= MOST) known.clear();
    known.set(text, (width = context ? context.measureText(text).width : 0));
    return width;
  };
}
