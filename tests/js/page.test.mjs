import assert from "node:assert/strict";
import test from "node:test";
import { deflateSync } from "node:zlib";
import { modelOf, snapshotOf } from "../../zmqlab/view/js/page.js";

const BATCH = '{"upto":7,"messages":["…"]}';

test("a recording is unpacked into the traits of a view that is not live", async () => {
  const deflated = deflateSync(BATCH).toString("base64");
  const { snapshot, ...traits } = await snapshotOf({ title: "demo", upto: 7, deflated });
  assert.deepEqual(traits, { title: "demo", live: false, recorded: true, where: "here", covered: true, born: 0 });
  assert.equal(snapshot.upto, 7);
  assert.equal(new TextDecoder().decode(snapshot.json), BATCH);
});

test("what is no recording is refused", async () => {
  await assert.rejects(snapshotOf({ title: "demo", upto: 7, deflated: btoa("no such thing") }));
});

test("its model answers, and takes every call", () => {
  const model = modelOf({ title: "demo" });
  assert.equal(model.get("title"), "demo");
  assert.equal(model.get("steerable"), undefined);
  model.on("msg:custom");
  model.off("msg:custom");
  model.send({ type: "hello", have: 0 });
});
