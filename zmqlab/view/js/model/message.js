/** A message of the trace and those who pass it on, as the kernel tells of them: what all other modules speak of. No DOM. */

/** @typedef {{hex: string, size: number}} Frame */
/**
 * @typedef {object} Message  times in ms, null while unknown
 * @property {number} id
 * @property {string} from @property {string} to  socket ids, "" where unknown
 * @property {string} lane @property {number|null} number
 * @property {number|null} sent @property {number|null} blocked @property {number|null} returned @property {number|null} left
 * @property {number|null} arrived @property {number|null} received
 * @property {Frame[]|null} frames @property {Frame[]|null} wire_frames @property {Frame[]|null} received_frames
 * @property {string} end @property {string} reason @property {number|null} ended @property {boolean} certain
 * @property {string} place where it is: out, wire, in, or how it ended: received, passed, dropped, lost, unsent, outside, unseen
 * @property {string} away what is said of it where it is outside
 * @property {string} sender the actor that sent it @property {string} receiver the actor that it goes to, "" for nobody @property {string} asker the actor whose tint it has
 * @property {number|null} talk or the tint of its conversation, where a colour stands for one
 * @property {string} label what stands on it, of which a picture shows as much as it has room for
 * @property {Work} [work]
 * @property {string|null} [decoded] what a person's function says is in its frames
 * @property {Record<string, string>|null} [kinds] what binary frames seem to be, by index, negative ones from the last
 * @property {Record<string, string>|null} [roles] what a person says its frames are, by index, negative ones from the last
 */
/** @typedef {{name: string, lanes: string[]}} Group  lanes that belong together, and can be collapsed into one */
/**
 * Who stands where: columns of the stage, the sockets on the card of each actor, lanes of the diagram, and a tint (a
 * number) for each actor.
 * @typedef {{edges: Edge[], columns: string[][], cards: Map<string, string[]>, lanes: string[], groups: Group[],
 *   tints: Map<string, number>}} Order
 */
/** @typedef {{client: string, server: string, closed: boolean, tcp: boolean}} Edge  socket ids; `client` is the connecting side */
/** @typedef {{n: number, actor: string, message: number, start: number, end: number|null}} Work */
/** @typedef {{n: number, actor: string, time: number, kind: string, text: string}} Mark */
/** @typedef {{n: number, actor: string, start: number, end: number|null}} Hang  so long did the actor hang */
/**
 * An actor waits in a call of a socket: "recv", "poll" or "send". What nobody saw waiting is not among them.
 * @typedef {{n: number, actor: string, socket: string, call: string, start: number, end: number|null}} Wait
 */
/**
 * @typedef {{name: string, kind: string, state: string, text: string, started: number, ended: number|null,
 *   first: number, earlier: [number, number, string][]}} Actor  first: when its first run began; earlier: its last runs
 *   before this one: from, until, how they ended
 */
/**
 * @typedef {{id: string, actor: string, type: string, routing_id: string|null, binds: string[], connects: string[],
 *   opened: number, closed: number|null}} Socket
 */
/**
 * @typedef {{id: string, client: string, server: string, endpoint: string, opened: number, closed: number|null,
 *   reason: string, encrypted: boolean, client_handshake: Handshake|null, server_handshake: Handshake|null}} Connection  over TCP, as the relay sees it
 */
/**
 * @typedef {{version: string, mechanism: string, as_server: boolean, command: string, properties: [string, Frame][]}} Handshake
 */

export const OUTSIDE = "outside";

/** Does nobody here follow it any further? @param {Message} message */
export function isAway({ place }) {
  return place === OUTSIDE || place === "unseen";
}

/** When a message began, as far as anybody saw it. @param {Message} message */
export function startOf(message) {
  return message.sent ?? message.left ?? message.received ?? 0;
}

/** The moment at which one looks at a message that has come to its end: when it came, or was lost; null while it has none. @param {Message} message */
export function momentOf(message) {
  return message.received ?? message.ended;
}

/** The tint (a number) of a message: that of its conversation, or else of the one who asks. @param {Map<string, number>} tints @param {Message} message */
export function tintOf(tints, message) {
  return message.talk ?? tints.get(message.asker) ?? 0;
}
