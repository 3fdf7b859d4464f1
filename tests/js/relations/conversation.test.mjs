import assert from "node:assert/strict";
import { test } from "node:test";
import { conversationOf, relationsOf, tryOf } from "../../../zmqlab/view/js/relations/conversation.js";
import { Relations } from "../../../zmqlab/view/js/relations/relations.js";
import { Talk } from "../talk.mjs";

const EMPTY = "";
const text = (hex) => (hex === null ? null : Buffer.from(hex, "hex").toString());

/** What is said of a message: `reply 4`, with a "?" where it is not certain. */
const said = (relations, id) =>
  relationsOf(relations, relations.state.messages.get(id)).map(
    (one) => `${one.word} ${one.message.id}${one.certain ? "" : "?"}`,
  );
const together = (relations, id) => [...conversationOf(relations, relations.state.messages.get(id)).ids];
const certain = (relations, id) => conversationOf(relations, relations.state.messages.get(id)).certain;

test("an id that comes back says which reply is whose, whatever the order", () => {
  const talk = new Talk({ alice: "DEALER", "server.front": "ROUTER" });
  const asked = ["1", "2", "3"].map((id) => talk.pass("alice", "server.front", [id, `Task-${id}`]));
  const answers = ["3", "1", "2"].map((id) => talk.pass("server.front", "alice", [id, `Done: ${id}`]));
  const relations = new Relations(talk.state());
  assert.deepEqual(said(relations, asked[0]), [`reply ${answers[1]}`]);
  assert.deepEqual(said(relations, answers[0]), [`reply to ${asked[2]}`]);
  assert.deepEqual(together(relations, asked[1]), [asked[1], answers[2]]);
  assert.equal(text(relations.idOf(relations.state.messages.get(answers[0]))), "3");
});

test("one exchange does not show which frame is an id, and an echo never does", () => {
  const once = new Talk({ alice: "DEALER", "server.front": "ROUTER" });
  once.pass("alice", "server.front", ["1", "Task-1"]);
  once.pass("server.front", "alice", ["1", "Done"]);
  assert.equal(new Relations(once.state()).idOf(once.state().list[0]), null);
  const echo = new Talk({ alice: "DEALER", "server.front": "ROUTER" });
  for (const id of ["1", "2", "3"]) echo.pass("alice", "server.front", [id, `Task-${id}`]);
  for (const id of ["1", "2", "3"]) echo.pass("server.front", "alice", [id, `Task-${id}`]);
  assert.equal(new Relations(echo.state()).idOf(echo.state().list[0]), null);
});

test("a word that several requests share is no id", () => {
  const talk = new Talk({ alice: "DEALER", "server.front": "ROUTER" });
  for (const [word, task] of [
    ["add", "1"],
    ["mul", "2"],
    ["add", "3"],
  ]) {
    talk.pass("alice", "server.front", [word, task]);
    talk.pass("server.front", "alice", [word, `=${task}`]);
  }
  const relations = new Relations(talk.state());
  assert.equal(relations.idOf(relations.state.messages.get(1)), null);
});

test("without an id the next message back is called just that", () => {
  const talk = new Talk({ alice: "DEALER", "server.front": "ROUTER" });
  const one = talk.pass("alice", "server.front", ["Task-0"]);
  const back = talk.pass("server.front", "alice", ["Done: Task-0"]);
  const relations = new Relations(talk.state());
  assert.deepEqual(said(relations, one), [`next message back ${back}?`]);
  assert.deepEqual(said(relations, back), [`next message back after ${one}?`]);
  assert.deepEqual(together(relations, one), [one, back]);
  assert.equal(certain(relations, one), false);
});

test("of several requests under way, order alone says nothing", () => {
  const talk = new Talk({ alice: "DEALER", "server.front": "ROUTER" });
  const asked = [0, 1].map((n) => talk.pass("alice", "server.front", [`Task-${n}`]));
  talk.pass("server.front", "alice", ["Done: Task-1"]);
  talk.pass("server.front", "alice", ["Done: Task-0"]);
  const relations = new Relations(talk.state());
  assert.deepEqual(together(relations, asked[0]), [asked[0]]);
  assert.deepEqual(said(relations, asked[0]), ["next message back 3?"]);
});

test("each exchange of a client that waits is a conversation of its own", () => {
  const talk = new Talk({ alice: "DEALER", "server.front": "ROUTER" });
  for (const n of [0, 1, 2]) {
    talk.pass("alice", "server.front", [`Task-${n}`]);
    talk.pass("server.front", "alice", [`Done: Task-${n}`]);
  }
  assert.deepEqual(together(new Relations(talk.state()), 3), [3, 4]);
});

test("REQ and REP go in lock-step", () => {
  const talk = new Talk({ alice: "REQ", server: "REP" });
  for (const n of [0, 1]) {
    talk.pass("alice", "server", ["same"]);
    talk.pass("server", "alice", ["same"]);
  }
  const relations = new Relations(talk.state());
  assert.deepEqual(said(relations, 1), ["reply 2"]);
  assert.deepEqual(said(relations, 4), ["reply to 3"]);
  assert.deepEqual(together(relations, 3), [3, 4]);
  assert.ok(certain(relations, 3));
});

const lru = () => {
  const talk = new Talk({
    alice: "REQ",
    bob: "REQ",
    "broker.front": "ROUTER",
    "broker.back": "ROUTER",
    w1: "REQ",
    w2: "REQ",
  });
  talk.pass("w1", "broker.back", ["READY"]);
  talk.pass("w2", "broker.back", ["READY"]);
  return talk;
};
const job = (talk, client, worker, payload) => [
  talk.pass("broker.back", worker, [EMPTY, client, EMPTY, payload]),
  talk.pass(worker, "broker.back", [client, EMPTY, `OK ${payload}`]),
  talk.pass("broker.front", client, [EMPTY, `OK ${payload}`]),
];

test("a request is followed through a broker, to a REQ worker and back", () => {
  const talk = lru();
  const alice = talk.pass("alice", "broker.front", ["hello"]);
  const bob = talk.pass("bob", "broker.front", ["hello"]);
  const hers = job(talk, "alice", "w1", "hello");
  const his = job(talk, "bob", "w2", "hello");
  const again = talk.pass("alice", "broker.front", ["hello"]);
  const more = job(talk, "alice", "w1", "hello");
  const relations = new Relations(talk.state());
  for (const id of [alice, ...hers]) assert.deepEqual(together(relations, id), [alice, ...hers]);
  for (const id of [bob, ...his]) assert.deepEqual(together(relations, id), [bob, ...his]);
  assert.deepEqual(together(relations, more[1]), [again, ...more]);
  assert.deepEqual(together(relations, 1), [1]); // READY asks for nothing in particular
  assert.ok(certain(relations, alice));
  assert.deepEqual(said(relations, hers[0]), [`sent on from ${alice}`, `reply ${hers[1]}`]);
});

test("a job that the broker gives to another worker is its second try", () => {
  const talk = lru();
  const alice = talk.pass("alice", "broker.front", ["hello"]);
  const first = talk.pass("broker.back", "w1", [EMPTY, "alice", EMPTY, "hello"]);
  const rest = job(talk, "alice", "w2", "hello");
  const relations = new Relations(talk.state());
  assert.deepEqual(together(relations, first), [alice, first, ...rest]);
  assert.ok(said(relations, first).includes(`second try ${rest[0]}`));
  assert.equal(tryOf(relations, relations.state.messages.get(first)), 1);
  assert.equal(tryOf(relations, relations.state.messages.get(rest[0])), 2);
  assert.equal(tryOf(relations, relations.state.messages.get(alice)), 0);
});

test("through zmq.proxy, where no program sees the frames", () => {
  const talk = new Talk({ alice: "REQ", bob: "REQ", "broker.front": "ROUTER", "broker.back": "DEALER", w1: "REP" });
  const go = (client, payload) => [
    talk.pass(client, "broker.front", [payload], { proxied: true }),
    talk.pass("broker.back", "w1", [client, EMPTY, payload], { proxied: true }),
    talk.pass("w1", "broker.back", [`OK ${payload}`], { proxied: true }),
    talk.pass("broker.front", client, [EMPTY, `OK ${payload}`], { proxied: true }),
  ];
  const hers = go("alice", "one");
  const his = go("bob", "two");
  const relations = new Relations(talk.state());
  for (const id of hers) assert.deepEqual(together(relations, id), hers);
  for (const id of his) assert.deepEqual(together(relations, id), his);
  assert.ok(certain(relations, hers[0]));
});

test("equal requests that wait in a proxy together are told apart by order alone, and it is said", () => {
  const talk = new Talk({ alice: "REQ", bob: "REQ", "broker.front": "ROUTER", "broker.back": "DEALER", w1: "REP" });
  const asked = ["alice", "bob"].map((client) => talk.pass(client, "broker.front", ["same"], { proxied: true }));
  const copies = ["alice", "bob"].map((client) =>
    talk.pass("broker.back", "w1", [client, EMPTY, "same"], { proxied: true }),
  );
  const relations = new Relations(talk.state());
  assert.deepEqual(said(relations, asked[0]), [`sent on as ${copies[0]}?`]);
  assert.deepEqual(said(relations, asked[1]), [`sent on as ${copies[1]}?`]);
});

test("a retry and a duplicate have the id of the first try", () => {
  const talk = new Talk({ alice: "DEALER", "server.front": "ROUTER" });
  const one = talk.pass("alice", "server.front", ["1", "Task-1"]);
  const retry = talk.pass("alice", "server.front", ["1", "Task-1"]);
  const reply = talk.pass("server.front", "alice", ["1", "Done"]);
  const twice = talk.pass("server.front", "alice", ["1", "Done"]);
  talk.pass("alice", "server.front", ["2", "Task-2"]);
  talk.pass("server.front", "alice", ["2", "Done"]);
  const relations = new Relations(talk.state());
  for (const id of [one, retry, reply, twice]) assert.deepEqual(together(relations, id), [one, retry, reply, twice]);
  assert.deepEqual(said(relations, one), [`reply ${reply}`, `reply once more ${twice}`, `second try ${retry}`]);
  assert.equal(tryOf(relations, relations.state.messages.get(retry)), 2);
});

test("an id is followed through a broker that changes everything else", () => {
  const talk = new Talk({ alice: "DEALER", "broker.front": "ROUTER", "broker.back": "ROUTER", w1: "DEALER" });
  talk.pass("w1", "broker.back", ["READY"]);
  const ids = [];
  for (const id of ["a", "b", "c"]) ids.push(talk.pass("alice", "broker.front", ["MDP", id, `Task-${id}`]));
  const jobs = ["a", "b", "c"].map((id) => talk.pass("broker.back", "w1", ["JOB", "alice", EMPTY, id, `Task-${id}`]));
  const done = ["c", "a", "b"].map((id) => talk.pass("w1", "broker.back", ["DONE", "alice", EMPTY, id, `OK ${id}`]));
  const back = ["c", "a", "b"].map((id) => talk.pass("broker.front", "alice", ["MDP", id, `OK ${id}`]));
  const relations = new Relations(talk.state());
  assert.deepEqual(together(relations, ids[0]), [ids[0], jobs[0], done[1], back[1]]);
  assert.equal(text(relations.idOf(relations.state.messages.get(jobs[2]))), "c");
  assert.equal(text(relations.idOf(relations.state.messages.get(done[0]))), "c");
  assert.ok(certain(relations, ids[0]));
});

test("two clients may use the same ids, and one worker for both", () => {
  for (const proxied of [false, true]) {
    const talk = new Talk({
      a: "DEALER",
      b: "DEALER",
      "broker.front": "ROUTER",
      "broker.back": "DEALER",
      w1: "DEALER",
    });
    const go = (client, id, to, ...frames) =>
      talk.pass(client, to, [...frames, id, `Task-${id} of ${frames[0] ?? client}`], { proxied });
    const steps = { a: [[], []], b: [[], []] };
    for (const client of ["a", "b"])
      [0, 1].forEach((n) => steps[client][n].push(go(client, String(n), "broker.front")));
    for (const client of ["a", "b"])
      [0, 1].forEach((n) => steps[client][n].push(go("broker.back", String(n), "w1", client)));
    for (const client of ["a", "b"])
      [0, 1].forEach((n) =>
        steps[client][n].push(talk.pass("w1", "broker.back", [client, String(n), `Done-${client}`], { proxied })),
      );
    for (const client of ["a", "b"])
      [0, 1].forEach((n) =>
        steps[client][n].push(talk.pass("broker.front", client, [String(n), `Done-${client}`], { proxied })),
      );
    const relations = new Relations(talk.state());
    for (const ids of [...steps.a, ...steps.b])
      for (const id of ids) assert.deepEqual(together(relations, id), ids, `proxied: ${proxied}`);
  }
});

test("a client's routing id, which its worker sees again and again, is no correlation id", () => {
  const talk = new Talk({ a: "DEALER", b: "DEALER", "broker.front": "ROUTER", "broker.back": "DEALER", w1: "DEALER" });
  for (const client of ["a", "b"]) {
    talk.pass(client, "broker.front", [`Task of ${client}`]);
    talk.pass("broker.back", "w1", [client, `Task of ${client}`]);
    talk.pass("w1", "broker.back", [client, `Done: ${client}`]);
    talk.pass("broker.front", client, [`Done: ${client}`]);
  }
  const relations = new Relations(talk.state());
  for (const message of relations.state.list) assert.equal(relations.idOf(message), null);
  assert.deepEqual(together(relations, 1), [1, 2, 3, 4]);
});

test("a request that was lost has no reply, and the socket that asks again makes a second try", () => {
  const talk = new Talk({ alice: "REQ", "alice.again": "REQ", server: "REP" });
  const lost = talk.pass("alice", "server", ["7"], { lost: true });
  const retry = talk.pass("alice.again", "server", ["7"]);
  const reply = talk.pass("server", "alice.again", ["7 done"]);
  const relations = new Relations(talk.state());
  assert.deepEqual(said(relations, lost), [`second try ${retry}?`]);
  assert.deepEqual(together(relations, lost), [lost, retry, reply]);
  assert.equal(certain(relations, lost), false);
});
