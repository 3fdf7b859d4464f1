import assert from "node:assert/strict";
import { test } from "node:test";
import { latencyAt, latencyWords, placeOfLatency, settingOf, signsOf } from "../../../zmqlab/view/js/model/settings.js";

const own = { a: "alice", b: "server", hold: false, latency: 0.3, cut: true };
const settings = { hold: true, latency: 1, links: [own] };

test("a link has its own setting, whichever end is named first, and else that of the lab", () => {
  assert.equal(settingOf(settings, "server", "alice"), own);
  assert.equal(settingOf(settings, "alice", "server"), own);
  assert.deepEqual(settingOf(settings, "bob", "server"), { hold: true, latency: 1, cut: false });
});

test("a link shows what is unusual, in signs and in words, the gravest first", () => {
  assert.deepEqual(
    signsOf({ hold: true, latency: 0.3, cut: true }).map(({ kind }) => kind),
    ["cut", "held", "slow"],
  );
  assert.deepEqual(signsOf({ hold: false, latency: 0.3, cut: false })[0].text, "300 ms");
  assert.deepEqual(signsOf({ hold: false, latency: 0, cut: false }), []);
});

test("the slider goes from none to five seconds, by factors, and back to the same place", () => {
  assert.deepEqual([0, 1, 2].map(latencyAt), [0, 5, 5]);
  for (const place of [0, 0.25, 0.5, 1]) assert.ok(Math.abs(placeOfLatency(latencyAt(place)) - place) < 0.02);
  assert.ok(placeOfLatency(0.0001) > 0, "something is not shown as none");
  assert.equal(placeOfLatency(60), 1);
});

test("a latency in words", () => {
  assert.deepEqual([0, 0.03, 0.3, 1.25, 60].map(latencyWords), ["none", "30 ms", "300 ms", "1.3 s", "60 s"]);
});
