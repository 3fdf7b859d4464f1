/** How the links of a lab are steered, and what that is called. No DOM. */

/** @typedef {{hold: boolean, latency: number, cut: boolean}} Setting  latency in seconds */
/** @typedef {{a: string, b: string} & Setting} LinkSetting  actor names */
/** @typedef {{hold: boolean, latency: number, links: LinkSetting[]}} Settings  links: those with a setting of their own */
/** @typedef {{kind: "cut" | "held" | "slow", text: string, words: string}} Sign */

const SHORTEST = 0.01; // s: the first place of the slider after "none"
const LONGEST = 5; // s: its last

/** What holds for the connections between two actors. @param {Settings} settings @param {string} one @param {string} other @returns {Setting} */
export function settingOf(settings, one, other) {
  const own = settings.links.find(({ a, b }) => (a === one && b === other) || (a === other && b === one));
  return own ?? { hold: settings.hold, latency: settings.latency, cut: false };
}

/** What is unusual about a link, the gravest first. @param {Setting} setting @returns {Sign[]} */
export function signsOf({ hold, latency, cut }) {
  /** @type {Sign[]} */
  const signs = [];
  if (cut) signs.push({ kind: "cut", text: "✂\uFE0E", words: "cut" });
  if (hold) signs.push({ kind: "held", text: "❚❚", words: "messages are held" });
  if (latency)
    signs.push({ kind: "slow", text: latencyWords(latency), words: `every message takes ${latencyWords(latency)}` });
  return signs;
}

/** The latency at a place of the slider, from 0 to 1: none at its start, then growing by factors. @param {number} place @returns {number} seconds */
export function latencyAt(place) {
  if (place <= 0) return 0;
  return Number((SHORTEST * (LONGEST / SHORTEST) ** Math.min(1, place)).toPrecision(2));
}

/** @param {number} seconds */
export function placeOfLatency(seconds) {
  if (seconds <= 0) return 0;
  const place = Math.log(seconds / SHORTEST) / Math.log(LONGEST / SHORTEST);
  return Math.max(0.01, Math.min(1, place));
}

/** @param {number} seconds */
export function latencyWords(seconds) {
  if (seconds <= 0) return "none";
  if (seconds < 1) return `${Number((seconds * 1000).toPrecision(2))} ms`;
  return `${Number(seconds.toPrecision(2))} s`;
}
