import assert from "node:assert/strict";
import { test } from "node:test";
import { given, got } from "../../../zmqlab/view/js/relations/envelope.js";
import { Relations } from "../../../zmqlab/view/js/relations/relations.js";
import { ownerOf, rolesOf } from "../../../zmqlab/view/js/relations/roles.js";
import { State } from "../../../zmqlab/view/js/model/state.js";
import { batch, frame, message, socket } from "../story.mjs";
import { Talk } from "../talk.mjs";

const auto = { hex: "006b8b4567", size: 5 };
const empty = { hex: "", size: 0 };

const between = (sender, receiver, more = {}) => {
  const state = new State();
  state.apply(batch(0, 1, { sockets: [socket("1.1", "a", sender), socket("1.2", "b", receiver)] }));
  return (frames, end) => rolesOf(new Relations(state), message(1, { frames, ...more }), frames, end);
};

test("ROUTER's first frame is a routing id, at ROUTER's end alone", () => {
  assert.deepEqual(between("DEALER", "ROUTER")([auto, frame("x")], "receiver"), ["routing id", "payload"]);
  assert.deepEqual(between("DEALER", "ROUTER")([frame("x")], "sender"), ["payload"]);
  assert.deepEqual(between("ROUTER", "DEALER")([auto, frame("x")], "sender"), ["routing id", "payload"]);
});

test("an empty frame is a delimiter only where REQ or REP say so", () => {
  assert.deepEqual(between("REQ", "ROUTER")([auto, empty, frame("x")], "receiver"), [
    "routing id",
    "delimiter",
    "payload",
  ]);
  assert.deepEqual(between("DEALER", "REP")([frame("id"), empty, frame("x")], "sender"), [
    "envelope",
    "delimiter",
    "payload",
  ]);
  assert.deepEqual(between("DEALER", "ROUTER")([auto, empty, frame("x")], "receiver"), [
    "routing id",
    "empty",
    "payload",
  ]);
  assert.deepEqual(between("REQ", "REP")([empty], "sender"), ["empty"]);
  assert.deepEqual(between("REQ", "REP")([empty, frame("x")], "wire"), ["delimiter", "payload"]);
});

test("what a person says of a frame counts most, at every end", () => {
  const said = between("DEALER", "ROUTER", { roles: { "-2": "job", 0: "who", 9: "nothing", "-9": "nothing" } });
  assert.deepEqual(said([auto, frame("7"), frame("x")], "receiver"), ["who", "job", "payload"]);
  assert.deepEqual(said([frame("7"), frame("x")], "sender"), ["job", "payload"]);
});

const rolesAt = (relations, id, end) => {
  const one = relations.state.messages.get(id);
  const frames = end === "sender" ? given(relations.state, one) : got(relations.state, one);
  return rolesOf(relations, one, frames, end);
};

test("a frame that comes back and differs from request to request is a correlation id", () => {
  const talk = new Talk({ alice: "DEALER", "server.front": "ROUTER" });
  for (const id of ["1", "2"]) {
    talk.pass("alice", "server.front", [id, `Task-${id}`]);
    talk.pass("server.front", "alice", [id, `Done: ${id}`]);
  }
  const relations = new Relations(talk.state());
  assert.deepEqual(rolesAt(relations, 1, "sender"), ["correlation id", "payload"]);
  assert.deepEqual(rolesAt(relations, 1, "receiver"), ["routing id", "correlation id", "payload"]);
  assert.deepEqual(rolesAt(relations, 4, "receiver"), ["correlation id", "payload"]);
});

test("an id that is twice in a message is in none of the two places for sure", () => {
  const talk = new Talk({ alice: "DEALER", "server.front": "ROUTER" });
  for (const id of ["1", "2"]) {
    talk.pass("alice", "server.front", [id, `Task-${id}`]);
    talk.pass("server.front", "alice", [id, id]);
  }
  assert.deepEqual(rolesAt(new Relations(talk.state()), 2, "receiver"), ["payload", "payload"]);
});

test("an envelope is known on its way through a broker, and whose id is on it", () => {
  const talk = new Talk({ alice: "REQ", "broker.front": "ROUTER", "broker.back": "ROUTER", w1: "DEALER" });
  const asked = talk.pass("alice", "broker.front", ["hello"]);
  const job = talk.pass("broker.back", "w1", ["alice", "", "hello"]);
  const done = talk.pass("w1", "broker.back", ["alice", "", "OK hello"]);
  talk.pass("broker.front", "alice", ["", "OK hello"]);
  const relations = new Relations(talk.state());
  assert.deepEqual(rolesAt(relations, asked, "receiver"), ["routing id", "delimiter", "payload"]);
  assert.deepEqual(rolesAt(relations, job, "sender"), ["routing id", "envelope", "delimiter", "payload"]);
  assert.deepEqual(rolesAt(relations, job, "receiver"), ["envelope", "delimiter", "payload"]);
  assert.deepEqual(rolesAt(relations, done, "sender"), ["envelope", "delimiter", "payload"]);
  const at = relations.state.messages.get(job);
  assert.equal(ownerOf(relations, at, frame("alice"), "envelope", "receiver"), "alice");
  assert.equal(ownerOf(relations, at, frame("w1"), "routing id", "sender"), "w1");
  assert.equal(ownerOf(relations, at, frame("bob"), "envelope", "receiver"), null);
});
