/** Frames as a person reads them: text, hex, numbers. No DOM. */

/** @import { Frame } from "./message.js" */

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @param {string} hex */
export function bytesOf(hex) {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/**
 * The frame as text, or null where it is not printable UTF-8. A clipped frame may end within a character.
 * `text_of` in `zmqlab/view/naming.py` says the same.
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

/** A short frame as a whole number, its first byte the highest, as counters are sent; "" where it is long or empty. @param {Frame} frame */
export function numberOf(frame) {
  return frame.size > 0 && frame.size <= 8 ? BigInt(`0x${frame.hex}`).toLocaleString("en-US") : "";
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

/** `first 256 of 70,000 bytes`, or "" where the frame is whole. @param {Frame} frame */
export function clippedOf(frame) {
  const kept = frame.hex.length / 2;
  return kept < frame.size ? `first ${kept} of ${frame.size.toLocaleString("en-US")} bytes` : "";
}
