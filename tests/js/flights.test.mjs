import assert from "node:assert/strict";
import { test } from "node:test";
import { FLIGHT, Flights } from "../../zmqlab/view/js/flights.js";
import { State } from "../../zmqlab/view/js/state.js";
import { message, pair } from "./story.mjs";

const state = new State();
state.apply(pair());
const ask = (id, more = {}) => message(id, { sent: id, left: id, arrived: id, received: id + 0.4, ...more });
const reply = (id) => ask(id, { from: "1.2", to: "1.1", lane: "1<" });
const startsOf = (flights) => flights.flights.map((f) => f.start);

test("messages on one way fly one after the other", () => {
  const flights = new Flights();
  flights.add(state, [ask(2), ask(1), ask(3)], 0);
  assert.deepEqual(flights.flights.map((f) => f.message.id), [1, 2, 3]);
  const starts = startsOf(flights);
  assert.ok(starts[0] < starts[1] && starts[1] < starts[2]);
});

test("an answer leaves after its question has landed", () => {
  const flights = new Flights();
  flights.add(state, [ask(1), reply(2)], 0);
  assert.ok(startsOf(flights)[1] >= startsOf(flights)[0] + FLIGHT);
});

test("a message that has not left yet waits, and flies when it does", () => {
  const flights = new Flights();
  const late = message(1);
  flights.add(state, [late], 0);
  assert.equal(flights.flights.length, 0);
  late.left = 5;
  flights.add(state, [], 100);
  assert.equal(flights.flights.length, 1);
});

test("a message held on the wire stands still and costs no frames, then goes on", () => {
  const flights = new Flights();
  const held = message(1, { left: 1 });
  flights.add(state, [held], 0);
  const [{ progress }] = flights.active(FLIGHT * 3);
  assert.ok(progress > 0.4 && progress < 0.7);
  assert.equal(flights.moving, false);
  held.arrived = 9;
  assert.deepEqual(flights.active(FLIGHT * 3).map((f) => f.progress), [progress]);
  assert.equal(flights.moving, true);
  assert.equal(flights.active(FLIGHT * 4).length, 0);
  assert.equal(flights.flights.length, 0);
});

test("what comes while flights lag makes them fly faster: none is a second behind", () => {
  const flights = new Flights();
  const landed = new Map();
  for (let now = 0; now < 8000; now += 16) {
    const n = Math.floor(now / 300);
    if (now % 300 < 16) flights.add(state, n % 2 ? [reply(2 * n), ask(2 * n + 1)] : [ask(2 * n), reply(2 * n + 1)], now);
    for (const { message } of flights.active(now)) landed.set(message.id, now);
  }
  assert.ok(landed.size > 30);
  for (const [id, now] of landed) assert.ok(now - 300 * Math.floor(id / 2) < 1500, `${id} at ${now}`);
});

test("what is past flies at its ease", () => {
  const flights = new Flights();
  flights.add(state, [ask(1), reply(2)], 0, true);
  assert.deepEqual(flights.active(FLIGHT + 10).map((f) => f.message.id), [2]);
});

test("under a flood some are not flown, so that the picture does not lag behind", () => {
  const flights = new Flights();
  flights.add(state, Array.from({ length: 10_000 }, (_, i) => ask(i)), 0);
  assert.ok(flights.flights.length <= 30);
  assert.ok(Math.max(...startsOf(flights)) <= 5000);
});
