// @ts-check
/** What passed on the wire, as ZMTP 3.1 has it (RFC 37): greeting, READY, and the header of each frame. No DOM. */

import { hexOf, textOf } from "./frames.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Message} Message */
/** @typedef {import("./state.js").Frame} Frame */
/** @typedef {{header: string, flags: string}} Header */
/** @typedef {{side: string, greeting: string, command: string, properties: {name: string, value: string, ours: boolean}[]}} Said */

const MORE = 1;
const LONG = 2;
const SHORT = 255; // bytes that a short frame holds at the most
const OURS = "x-zmqlab"; // the property by which the relay names the connection

/**
 * The header that each frame had: its flags, and its size in one byte or in eight. Messages never have the COMMAND flag.
 * @param {Frame[]} frames @returns {Header[]}
 */
export function headersOf(frames) {
  return frames.map(({ size }, i) => {
    const flags = (i < frames.length - 1 ? MORE : 0) | (size > SHORT ? LONG : 0);
    const length = size.toString(16).padStart(flags & LONG ? 16 : 2, "0");
    const names = [flags & MORE && "MORE", flags & LONG && "LONG"].filter(Boolean).join(" ");
    return { header: `0${flags} ${length.replace(/(..)(?=.)/g, "$1 ")}`, flags: names || "none (last)" };
  });
}

/** What a link's two sides said before the first message; an empty list where it was not seen. @param {State} state @param {Message} message @returns {Said[]} */
export function handshakesOf(state, message) {
  const link = state.links.get(message.lane.slice(0, -1));
  if (!link) return [];
  const sides = /** @type {const} */ ([
    [`${state.actorOf(link.client)}, the connecting side`, link.client_said],
    [`${state.actorOf(link.server)}, the bound side`, link.server_said],
  ]);
  return sides.flatMap(([side, said]) => (said ? [describe(side, said)] : []));
}

/** @param {string} side @param {import("./state.js").Handshake} said @returns {Said} */
function describe(side, said) {
  return {
    side,
    greeting: `ZMTP ${said.version}, mechanism ${said.mechanism}, as-server ${said.as_server ? 1 : 0}`,
    command: said.command,
    properties: said.properties.map(([name, value]) => ({
      name,
      value: value.size ? (textOf(value) ?? hexOf(value, 64)) : "(empty)",
      ours: name.toLowerCase() === OURS,
    })),
  };
}
