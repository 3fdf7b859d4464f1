/** What passed on the wire, as ZMTP 3.1 has it (RFC 37): greeting, READY, and the header of each frame. No DOM. */

import { hexOf, textOf } from "./frames.js";

/** @import { Frame, Handshake, Message } from "./message.js" */
/** @import { State } from "./state.js" */
/** @typedef {{header: string, flags: string}} Header */
/** @typedef {{side: string, greeting: string, command: string, properties: {name: string, value: string, ours: boolean}[]}} HandshakeWords */

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

/** What the two sides of a connection said before the first message; an empty list where it was not seen. @param {State} state @param {Message} message @returns {HandshakeWords[]} */
export function handshakesOf(state, message) {
  const connection = state.connectionOf(message);
  if (!connection) return [];
  const { client, server, client_handshake: asked, server_handshake: answered } = connection;
  return [
    ...(asked ? [describe(`${state.actorOf(client)}, the connecting side`, asked)] : []),
    ...(answered ? [describe(`${state.actorOf(server)}, the bound side`, answered)] : []),
  ];
}

/** @param {string} side @param {Handshake} handshake @returns {HandshakeWords} */
function describe(side, handshake) {
  return {
    side,
    greeting: `ZMTP ${handshake.version}, mechanism ${handshake.mechanism}, as-server ${handshake.as_server ? 1 : 0}`,
    command: handshake.command,
    properties: handshake.properties.map(([name, value]) => ({
      name,
      value: value.size ? (textOf(value) ?? hexOf(value, 64)) : "(empty)",
      ours: name.toLowerCase() === OURS,
    })),
  };
}
