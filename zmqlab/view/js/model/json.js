/** JSON as a person reads it: a line for each thing, and nothing else is changed, no digit of a number. No DOM. */

const DEEP = 64; // brackets in brackets; more is no text for a person

/** The text in lines, indented; "" where it is no JSON object or array. @param {string} text @param {boolean} whole else it was cut off */
export function indented(text, whole = true) {
  if (!/^\s*[[{]/.test(text) || (whole && !isJson(text))) return "";
  let [out, depth] = ["", 0];
  const tokens = text.match(/"(?:[^"\\]|\\.)*"?|[[\]{}:,]|[^\s[\]{}:,"]+/gs) ?? [];
  const line = () => `\n${"  ".repeat(depth)}`;
  for (const [i, token] of tokens.entries()) {
    const before = tokens[i - 1] ?? "";
    if (token === "}" || token === "]") {
      depth--;
      out += before === "{" || before === "[" ? token : line() + token;
    } else {
      out += (before === "{" || before === "[" || before === ",") && depth ? line() : before === ":" ? " " : "";
      out += token;
    }
    if (token === "{" || token === "[") depth++;
    if (depth > DEEP || depth < 0) return "";
  }
  return out;
}

/** @param {string} text */
function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
