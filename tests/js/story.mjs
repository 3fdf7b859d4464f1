// Batches as the kernel sends them.

/** @param {string} text */
export const frame = (text) => ({ hex: Buffer.from(text).toString("hex"), size: Buffer.byteLength(text) });

const ACTORS = { 1.1: "alice", 1.2: "server", 1.3: "bob" };

/** Where the kernel says that a message is, unless a story says otherwise. */
const placeIn = ({ received = null, end = "", arrived = null, left = null }) =>
  received !== null ? "received" : end || (arrived !== null ? "in" : left !== null ? "wire" : "out");

export const message = (id, more = {}) => ({
  id,
  from: "1.1",
  to: "1.2",
  lane: "1>",
  number: id,
  sent: id,
  blocked: null,
  returned: null,
  left: null,
  arrived: null,
  received: null,
  frames: [frame(`Task-${id}`)],
  wire_frames: null,
  received_frames: null,
  end: "",
  reason: "",
  ended: null,
  place: placeIn(more),
  away: "left the lab",
  sender: ACTORS[more.from ?? "1.1"] ?? "outside",
  receiver: ACTORS[more.to ?? "1.2"] ?? "",
  asker: "alice",
  talk: null,
  label: Buffer.from(more.frames?.at(-1)?.hex ?? frame(`Task-${id}`).hex, "hex").toString(),
  certain: true,
  roles: null,
  decoded: null,
  kinds: null,
  ...more,
});

export const socket = (id, actor, type, more = {}) => ({
  id,
  actor,
  type,
  routing_id: null,
  binds: [],
  connects: [],
  opened: 0,
  closed: null,
  ...more,
});

export const actor = (name, more = {}) => ({
  name,
  kind: "thread",
  state: "started",
  text: "",
  started: 0,
  ended: null,
  earlier: [],
  first: more.earlier?.[0][0] ?? more.started ?? 0,
  ...more,
});

/** Times in ms, as the tests tell them, to the kernel's µs. */
const us = (ms) => (ms === null ? null : ms * 1000);
const line = (frames) =>
  frames && frames.map(({ hex, size }) => (size > hex.length / 2 ? `${hex}:${size}` : hex)).join(",");

/** Objects as the columns that the kernel sends. */
export const table = (objects, times, frames = []) => {
  const names = Object.keys(objects[0] ?? {});
  const cell = (object, name) =>
    times.includes(name) ? us(object[name]) : frames.includes(name) ? line(object[name]) : object[name];
  return {
    rows: objects.length,
    fields: Object.fromEntries(names.map((name) => [name, objects.map((object) => cell(object, name))])),
  };
};

export const KEEP = 20_000;
const TIMES = ["sent", "blocked", "returned", "left", "arrived", "received", "ended"];
const FRAMES = ["frames", "wire_frames", "received_frames"];

/** The kernel says whose socket it was. */
const sentBy = (sockets) => (message) => ({
  ...message,
  sender: sockets.find(({ id }) => id === message.from)?.actor ?? message.sender,
});

export const batch = (since, upto, { messages = [], work = [], ...more } = {}) => ({
  since,
  upto,
  now: upto,
  wall: null,
  away: "left the lab",
  keep: KEEP,
  total: 0,
  undrawn: 0,
  counts: { received: 0, passed: 0, dropped: 0, lost: 0, unsent: 0, outside: 0, unseen: 0, open: 0, held: 0 },
  settings: { hold: false, latency: 0, links: [] },
  queues: {},
  actors: [],
  sockets: [],
  connections: [],
  order: null,
  trouble: [],
  colour: "colour = who asks",
  messages: table(messages.map(sentBy(more.sockets ?? [])), TIMES, FRAMES),
  marks: [],
  work: table(work, ["start", "end"]),
  hangs: [],
  waits: [],
  ...more,
});

const FRONT = "tcp://127.0.0.1:5555";

/** alice asks the server. */
export const pair = (more = {}) =>
  batch(0, 10, {
    actors: [actor("server"), actor("alice")],
    sockets: [
      socket("1.2", "server", "ROUTER", { binds: [FRONT] }),
      socket("1.1", "alice", "DEALER", { connects: [FRONT] }),
    ],
    ...more,
  });

export const connection = (id, client, more = {}) => ({
  id,
  client,
  server: "1.2",
  endpoint: FRONT,
  opened: 1,
  closed: null,
  reason: "",
  encrypted: false,
  ...more,
});

/** alice ("1>") and bob ("2>") ask the server, in a lab that holds its messages. */
export const steered = (more = {}) =>
  batch(0, 10, {
    actors: [actor("server"), actor("alice"), actor("bob")],
    sockets: [
      socket("1.2", "server", "ROUTER", { binds: [FRONT] }),
      socket("1.1", "alice", "DEALER", { connects: [FRONT] }),
      socket("1.3", "bob", "DEALER", { connects: [FRONT] }),
    ],
    connections: [connection("1", "1.1"), connection("2", "1.3")],
    settings: { hold: true, latency: 0, links: [] },
    ...more,
  });

/** A message that the relay has read and not passed on. */
export const held = (id, lane, number, more = {}) => message(id, { lane, number, left: id, ...more });
