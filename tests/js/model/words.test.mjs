import assert from "node:assert/strict";
import { test } from "node:test";
import { State } from "../../../zmqlab/view/js/model/state.js";
import {
  about,
  began,
  bothEnds,
  doing,
  duration,
  fitted,
  instant,
  instants,
  journey,
  line,
  summary,
  timeOfDay,
  watch,
} from "../../../zmqlab/view/js/model/words.js";
import { connection, message, pair } from "../story.mjs";

const state = new State();
state.apply(
  pair({
    total: 12_345,
    undrawn: 12_000,
    counts: { received: 12_000, passed: 0, dropped: 4, lost: 0, unsent: 0, outside: 1, unseen: 2, open: 340 },
  }),
);

test("times have as many decimals as tell something", () => {
  assert.deepEqual([0.123, 12.34, 711.4].map(instant), ["0.12 ms", "12.3 ms", "711 ms"]);
  assert.deepEqual([410, 2400, 12_340].map(duration), ["410 ms", "2.40 s", "12.3 s"]);
  assert.deepEqual(instants([1.2, 1.4]), ["1.2 ms", "1.4 ms"]);
  assert.deepEqual(instants([1000, 2000]), ["1,000 ms", "2,000 ms"]);
});

test("where there are minutes, they are written so", () => {
  assert.deepEqual([328_300, 328_312.4, 300_000, 59_999].map(instant), ["5:28.3", "5:28.312", "5:00", "59999 ms"]);
  assert.deepEqual([119_999.9, 3_605_000, -61_500].map(instant), ["2:00", "1:00:05", "-1:01.5"]);
  assert.deepEqual([312_000, 65_432, 3_900_000].map(duration), ["5:12", "1:05", "1:05:00"]);
  assert.deepEqual(instants([1.2, 1.4, 328_300, 328_400]), ["1.2 ms", "1.4 ms", "5:28.3", "5:28.4"]);
  assert.deepEqual(instants([328_300.2, 328_300.4]), ["5:28.3002", "5:28.3004"]);
  assert.deepEqual([8.25, 999, 1060, 61_060].map(watch), ["8.25 ms", "999 ms", "0:01.06", "1:01.06"]);
});

test("a journey names its waits", () => {
  const steps = journey(state, message(1, { sent: 0, left: 0.3, arrived: 300.9, received: 711.4 }));
  assert.deepEqual(steps, [
    "sent at 0.00 ms by alice",
    "on the wire at 0.30 ms (waited 0.30 ms in alice's outgoing queue)",
    "arrived at 301 ms (took 301 ms on the wire)",
    "received at 711 ms by server (waited 411 ms unread in server's incoming queue)",
  ]);
});

test("what went to a peer outside waits nowhere", () => {
  assert.equal(
    journey(state, message(1, { to: "", place: "outside", left: 1.5, arrived: 1.6 })).at(-1),
    "left the lab",
  );
  assert.deepEqual(journey(state, message(1, { to: "", place: "unseen", sent: 0 })), [
    "sent at 0.00 ms by alice",
    "out of sight",
  ]);
});

test("a journey that ended badly, one that goes on, one that is inferred, one that was blocked", () => {
  const dropped = journey(
    state,
    message(1, { to: "", end: "dropped", ended: 2, reason: "ROUTER: no peer with routing id 'ghost'" }),
  );
  assert.equal(dropped.at(-1), "dropped at 2.00 ms: ROUTER: no peer with routing id 'ghost'");
  assert.equal(
    journey(state, message(1, { left: 1.5, arrived: 1.6 })).at(-1),
    "now: waits unread for 8.40 ms, in server's incoming queue",
  );
  assert.equal(journey(state, message(1, { certain: false })).at(-1), "which send this was is inferred, not seen");
  assert.ok(journey(state, message(1, { sent: 1, returned: 51 })).includes("send() was blocked for 50.0 ms"));
});

test("a message that waits says where, for how long, and what keeps it there", () => {
  const steered = new State();
  const settings = { hold: true, latency: 0, links: [] };
  steered.apply(pair({ connections: [connection("1", "1.1")], settings }));
  const last = (more) => journey(steered, message(1, more)).at(-1);
  assert.equal(last({ sent: 1 }), "now: waits to be sent for 9.00 ms, in alice's outgoing queue");
  assert.equal(last({ sent: 1, blocked: 2 }), "now: send() is blocked, 9.00 ms by now: no peer takes it");
  assert.equal(
    last({ sent: 1, blocked: 2, returned: 4 }),
    "now: waits to be sent for 9.00 ms, in alice's outgoing queue",
  );
  assert.equal(last({ left: 2 }), "now: for 8.00 ms, on the wire: held back");
  steered.settings = { ...settings, links: [{ a: "alice", b: "server", hold: false, latency: 0, cut: true }] };
  assert.equal(last({ left: 2 }), "now: for 8.00 ms, on the wire: the link is cut");
  steered.settings = { ...settings, hold: false };
  assert.equal(last({ left: 2 }), "now: for 8.00 ms, on the wire");
});

test("the list says the same in a line", () => {
  assert.deepEqual(line(message(7, { received: 8 })), {
    number: "#7",
    route: "alice → server",
    label: "Task-7",
    time: "7.00 ms",
    standing: "received",
  });
  assert.equal(
    about(message(7, { to: "", lane: "", end: "lost", reason: "cut" })),
    "#7  alice → nobody  Task-7  lost: cut",
  );
});

test("what is near to each other is told in microseconds", () => {
  const near = [541.11, 541.13, 541.15];
  assert.deepEqual(instants(near, true), ["541,110 µs", "541,130 µs", "541,150 µs"]);
  assert.deepEqual(instants(near), ["541.11 ms", "541.13 ms", "541.15 ms"]);
  assert.deepEqual(instants([541.1, 541.2], true), ["541.1 ms", "541.2 ms"]);
});

test("the time of day has microseconds and its zone", () => {
  const at = Date.UTC(2026, 10, 30, 23, 59, 59) * 1000 + 999_999;
  assert.equal(timeOfDay({ at, ahead: 0 }, 0), "2026-11-30 23:59:59.999999 +0000");
  assert.equal(timeOfDay({ at, ahead: 330 }, 0.002), "2026-12-01 05:30:00.000001 +0530");
  assert.equal(timeOfDay({ at, ahead: -210 }, 1000), "2026-11-30 20:30:00.999999 -0330");
  const known = Object.assign(new State(), { wall: { at, ahead: 0 } });
  assert.equal(
    began(known, message(1, { sent: 1234.5 })),
    "2026-12-01 00:00:01.234499 +0000, 1,234.500 ms after the beginning",
  );
  assert.equal(began(new State(), message(1)), "", "a lab has not said it");
});

test("of a long name both ends stay", () => {
  const widthOf = (text) => text.length;
  assert.equal(bothEnds("worker-0017", 11, widthOf), "worker-0017");
  assert.equal(bothEnds("worker-of-the-orders-0017", 15, widthOf), "worker-…rs-0017");
  assert.equal(bothEnds("worker-0017", 1, widthOf), "w…7", "two letters at the least");
  const { route } = line(message(7, { sender: "a/worker-of-the-orders-department-0017", label: "tea" }));
  assert.match(route, /^a\/worker-of….*0017 → server$/);
});

test("the summary counts what is not drawn", () => {
  assert.equal(
    summary(state),
    "12,345 messages · 12,000 received · 4 dropped · 1 left the lab · 2 out of sight · 340 under way · drawn 345 of 12,345",
  );
});

test("a card says what is known of a program, and its state where that is all", () => {
  const wait = (call) => ({ n: 1, actor: "alice", socket: "1.1", call, start: 0, end: null });
  assert.equal(doing("unknown", [], false, false), "");
  assert.equal(doing("started", [], false, false), "started");
  assert.equal(doing("started", [], false, true), "works");
  assert.equal(doing("started", [wait("recv")], false, true), "waits in recv");
  assert.equal(doing("started", [wait("poll")], false, true), "polls");
  assert.equal(doing("started", [wait("recv"), wait("send")], false, false), "waits in send");
  assert.equal(doing("started", [wait("send")], true, false), "waits in send: queue full");
  assert.equal(doing("hung", [wait("recv")], false, true), "❚❚ hung");
  assert.equal(doing("crashed", [], false, false), "✖ crashed");
  assert.equal(doing("not yet started", [], false, false), "not yet started");
});

test("words are cut where they are wider than there is room", () => {
  const widthOf = (text) => 10 * [...text].length;
  assert.equal(fitted("Task-0", 60, widthOf), "Task-0");
  assert.equal(fitted("Task-10", 60, widthOf), "Task-…");
  assert.equal(fitted("😀😀😀", 20, widthOf), "😀…");
  assert.equal(fitted("abc", 1, widthOf), "a…");
});
