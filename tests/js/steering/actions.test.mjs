import assert from "node:assert/strict";
import { test } from "node:test";
import { actionsFor } from "../../../zmqlab/view/js/steering/actions.js";
import { actor } from "../story.mjs";

const able = (more) =>
  actionsFor(actor("server", more))
    .filter(({ whyNot }) => !whyNot)
    .map(({ action }) => action);

test("what can be done to an actor depends on how it is", () => {
  assert.deepEqual(able({ state: "started" }), ["crash", "hang", "restart"]);
  assert.deepEqual(able({ state: "hung" }), ["crash", "resume", "restart"]);
  for (const state of ["ended", "failed", "stopped", "crashed"]) assert.deepEqual(able({ state }), ["restart"]);
});

test("what cannot be done says why", () => {
  const [crash] = actionsFor(actor("server", { state: "crashed" }));
  assert.equal(crash.whyNot, "it does not run: crashed");
});

test("nothing can be done to the notebook's own context", () => {
  assert.deepEqual(actionsFor(actor("me", { kind: "cell" })), []);
});

test("a process is ended by the system", () => {
  assert.match(actionsFor(actor("worker", { kind: "process" }))[0].means, /SIGKILL/);
});
