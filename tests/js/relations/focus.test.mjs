import assert from "node:assert/strict";
import { test } from "node:test";
import { linkName, linkNames, says } from "../../../zmqlab/view/js/relations/filter.js";
import { Focus } from "../../../zmqlab/view/js/relations/focus.js";
import { Relations } from "../../../zmqlab/view/js/relations/relations.js";
import { frame, message } from "../story.mjs";
import { Talk } from "../talk.mjs";

/** alice and bob ask the server twice each, and get answers. */
const crowd = () => {
  const talk = new Talk({ alice: "DEALER", bob: "DEALER", "server.front": "ROUTER" });
  for (const [client, n] of [
    ["alice", 0],
    ["bob", 0],
    ["alice", 1],
    ["bob", 1],
  ]) {
    talk.pass(client, "server.front", [`Task-${n} of ${client}`]);
    talk.pass("server.front", client, ["Done"]);
  }
  const state = talk.state();
  return new Focus(state, new Relations(state));
};
const ids = (messages) => messages.map(({ id }) => id);
const by = (focus, what) => {
  Object.assign(focus.filter, what);
  focus.refilter();
  return ids(focus.list);
};

test("without a filter everything passes and nothing is said", () => {
  const focus = crowd();
  assert.equal(focus.list, focus.state.list);
  assert.equal(focus.words, "");
  assert.equal(focus.active, false);
});

test("by actor, by link, by text, and by all of them", () => {
  assert.deepEqual(by(crowd(), { actor: "alice" }), [1, 2, 5, 6]);
  assert.deepEqual(by(crowd(), { actor: "server" }), [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual(by(crowd(), { link: linkName("server", "bob") }), [3, 4, 7, 8]);
  assert.deepEqual(by(crowd(), { text: "task-1" }), [5, 7]);
  const focus = crowd();
  assert.deepEqual(by(focus, { actor: "bob", text: "TASK" }), [3, 7]);
  assert.equal(focus.words, "2 of 8 messages");
  focus.clear();
  assert.equal(focus.list.length, 8);
});

test("a message that changes is looked at anew", () => {
  const focus = crowd();
  assert.deepEqual(by(focus, { text: "late" }), []);
  const changed = focus.state.messages.get(1);
  changed.received_frames = [frame("too late")];
  focus.take([changed], false);
  assert.deepEqual(ids(focus.list), [1]);
});

test("a text is looked for on every form of the message, in its number and its reason", () => {
  const one = message(7, {
    frames: [frame("Grüße")],
    wire_frames: [frame("wire")],
    received_frames: [{ hex: "00ff", size: 2 }],
    reason: "no peer",
  });
  for (const text of ["GRÜSSE".replace("SS", "ß"), "wire", "#7", "no peer"]) assert.ok(says(one, text), text);
  assert.ok(!says(one, "#70") && !says(one, "00ff"));
  assert.ok(says(message(1, { label: "Job" }), "job"));
});

test("one conversation among those that pass", () => {
  const focus = crowd();
  focus.converse(focus.state.messages.get(3));
  assert.deepEqual(ids(focus.shown), [3, 4]);
  assert.equal(focus.words, "conversation of #3: 2 messages, some of them by their order alone");
  assert.deepEqual(
    [3, 4, 5].map((id) => focus.lit(focus.state.messages.get(id))),
    [true, true, false],
  );
  assert.equal(focus.list.length, 8); // the list keeps the others, dimmed
  assert.deepEqual(by(focus, { text: "Done" }), [2, 4, 6, 8]);
  assert.deepEqual(ids(focus.shown), [4]);
  focus.clear();
  assert.ok(!focus.active);
});

test("a conversation grows with the news, and ends when its message is forgotten", () => {
  const focus = crowd();
  focus.converse(focus.state.messages.get(3));
  focus.take([], false);
  assert.deepEqual(ids(focus.shown), [3, 4]);
  focus.state.messages.delete(3);
  focus.take([], false);
  assert.equal(focus.conversation, null);
});

test("links are named once for both directions", () => {
  const focus = crowd();
  focus.state.connections.set("1", { client: "1.alice", server: "1.server.front" });
  focus.state.connections.set("2", { client: "1.alice", server: "1.server.front" });
  assert.deepEqual(linkNames(focus.state), ["alice ↔ server"]);
});
