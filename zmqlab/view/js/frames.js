// @ts-check
/** Frames as a person reads them: text, hex, roles, and the short label of a message. No DOM. */

/** @typedef {import("./state.js").Message} Message */
/** @typedef {import("./state.js").Frame} Frame */
/** @typedef {import("./state.js").State} State */

const decoder = new TextDecoder("utf-8", { fatal: true });

/** @param {string} hex */
export function bytesOf(hex) {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/**
 * The frame as text, or null where it is not printable UTF-8. A clipped frame may end within a character.
 * @param {Frame} frame
 */
export function textOf(frame) {
  const bytes = bytesOf(frame.hex);
  const clipped = bytes.length < frame.size;
  for (let cut = 0; cut <= (clipped ? 3 : 0); cut++) {
    try {
      const text = decoder.decode(bytes.subarray(0, bytes.length - cut));
      return /[^\P{C}\n\t]/u.test(text) ? null : text;
    } catch {
      // not UTF-8, or not with this many bytes
    }
  }
  return null;
}

/** `00 6b 8b 45`, at most `most` bytes. @param {Frame} frame @param {number} most */
export function hexOf(frame, most = 32) {
  const shown = frame.hex.slice(0, most * 2).replace(/(..)(?=.)/g, "$1 ");
  return frame.size > most ? `${shown} …` : shown;
}

/** An id that ROUTER made up: a zero byte and a counter of four. @param {Frame} frame */
export function isAutomatic(frame) {
  return frame.size === 5 && frame.hex.startsWith("00");
}

/** A routing id in words: `alice`, or its bytes. @param {string} hex */
export function nameOf(hex) {
  const frame = { hex, size: hex.length / 2 };
  return textOf(frame) || hexOf(frame, 12);
}

/**
 * A few words for the message: its last frame that is text. "" where there is none.
 * @param {Message} message @param {number} most
 */
export function labelOf(message, most = 14) {
  for (const frame of [...(message.frames ?? [])].reverse()) {
    if (!frame.size || isAutomatic(frame)) continue;
    const text = textOf(frame)?.replace(/\s+/g, " ").trim();
    if (text) return text.length > most ? text.slice(0, most - 1) + "…" : text;
  }
  return "";
}

/**
 * What each frame is for, said only where the socket types leave no doubt.
 * `end` is the program at which the frames are looked at: "sender", "receiver" or "wire".
 * @param {State} state @param {Message} message @param {Frame[]} frames @param {"sender"|"receiver"|"wire"} end
 */
export function rolesOf(state, message, frames, end) {
  const sender = state.sockets.get(message.from)?.type ?? "";
  const receiver = state.sockets.get(message.to)?.type ?? "";
  const here = end === "sender" ? sender : end === "receiver" ? receiver : "";
  const roles = frames.map((frame) => (frame.size ? "payload" : "empty"));
  let first = 0;
  if (here === "ROUTER" && frames.length) {
    roles[0] = "routing id";
    first = 1;
  }
  const strips = ["REQ", "REP"]; // these hide the delimiter from their own program
  const enveloped = !strips.includes(here) && (strips.includes(sender) || strips.includes(receiver));
  const delimiter = enveloped ? frames.findIndex((frame, i) => i >= first && frame.size === 0) : -1;
  if (delimiter >= 0) {
    roles[delimiter] = "delimiter";
    roles.fill("envelope", first, delimiter);
  }
  return roles;
}
