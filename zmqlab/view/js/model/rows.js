/** Columns, as the kernel sends what there is much of, made into objects. No DOM. */

/** @typedef {{rows: number, fields: Record<string, any>}} Table  a field that is the same in all rows is that one value */
/** @import { Frame, Message, Work } from "./message.js" */

/** @param {Table} table @param {string} away what is said of a message that went to a peer which is not watched @returns {Message[]} */
export function messagesOf({ rows, fields }, away) {
  const get = reader(fields);
  const [id, from, to, lane, number] = ["id", "from", "to", "lane", "number"].map(get);
  const [sent, blocked, returned] = ["sent", "blocked", "returned"].map(get);
  const [left, arrived, received, ended] = ["left", "arrived", "received", "ended"].map(get);
  const [frames, wire, got] = ["frames", "wire_frames", "received_frames"].map(get);
  const [end, reason, certain] = ["end", "reason", "certain"].map(get);
  const [place, sender, receiver, asker] = ["place", "sender", "receiver", "asker"].map(get);
  const [talk, label, roles, decoded, kinds] = ["talk", "label", "roles", "decoded", "kinds"].map(get);
  const made = /** @type {Message[]} */ (new Array(rows)); // so that tsc names a field that is read nowhere here
  for (let i = 0; i < rows; i++) {
    made[i] = {
      id: id(i),
      from: from(i),
      to: to(i),
      lane: lane(i),
      number: number(i),
      sent: ms(sent(i)),
      blocked: ms(blocked(i)),
      returned: ms(returned(i)),
      left: ms(left(i)),
      arrived: ms(arrived(i)),
      received: ms(received(i)),
      frames: framesOf(frames(i)),
      wire_frames: framesOf(wire(i)),
      received_frames: framesOf(got(i)),
      end: end(i),
      reason: reason(i),
      ended: ms(ended(i)),
      place: place(i),
      away,
      sender: sender(i),
      receiver: receiver(i),
      asker: asker(i),
      talk: talk(i),
      label: label(i),
      certain: certain(i),
      roles: roles(i),
      decoded: decoded(i),
      kinds: kinds(i),
      work: undefined,
    };
  }
  return made;
}

/** @param {Table} table @returns {Work[]} */
export function worksOf({ rows, fields }) {
  const [n, actor, message, start, end] = ["n", "actor", "message", "start", "end"].map(reader(fields));
  const made = /** @type {Work[]} */ (new Array(rows));
  for (let i = 0; i < rows; i++) {
    made[i] = {
      n: n(i),
      actor: actor(i),
      message: message(i),
      start: /** @type {number} */ (ms(start(i))),
      end: ms(end(i)),
    };
  }
  return made;
}

/** @param {Record<string, any>} fields @returns {(name: string) => (i: number) => any} */
function reader(fields) {
  return (name) => {
    const field = fields[name];
    return Array.isArray(field) ? (i) => field[i] : () => field;
  };
}

/** @param {number|null} us */
function ms(us) {
  return us === null ? null : us / 1000;
}

/** `00ab,5461:70000`: hex, and the true size where a frame was clipped. @param {string|null} text @returns {Frame[]|null} */
export function framesOf(text) {
  if (text === null) return null;
  return text.split(",").map((part) => {
    const [hex, size] = part.split(":");
    return { hex, size: size === undefined ? hex.length / 2 : Number(size) };
  });
}
