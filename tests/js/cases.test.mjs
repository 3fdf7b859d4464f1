// What stands in Python, too: `tests/view/test_cases.py` runs the same table.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isAutomatic, textOf } from "../../zmqlab/view/js/model/frames.js";
import { placeOfEndpoint } from "../../zmqlab/view/js/stage/layout.js";
import { startOf } from "../../zmqlab/view/js/model/message.js";
import { TINTS } from "../../zmqlab/view/js/dom/theme.js";
import { atTheEnd, BROKEN, shorten, STANDING, STATES } from "../../zmqlab/view/js/model/words.js";
import { messagesOf } from "../../zmqlab/view/js/model/rows.js";
import { settingOf, signsOf } from "../../zmqlab/view/js/model/settings.js";
import { actionsFor } from "../../zmqlab/view/js/steering/actions.js";
import { actor, message } from "./story.mjs";

const read = (name) => readFileSync(new URL(name, import.meta.url), "utf8");
const cases = JSON.parse(read("../cases.json"));

test("how it stands with a message", () => {
  const { outside, ...standing } = cases.standing;
  assert.deepEqual(STANDING, standing);
  assert.equal(message(1).away, outside);
});

test("what an actor can be", () => assert.deepEqual(STATES, cases.states));

test("how a link is steered of which nothing is said", () =>
  assert.deepEqual(settingOf({ hold: false, latency: 0, links: [] }, "alice", "server"), cases.setting));

test("what the kernel tells of a message is read, all of it and nothing else", () => {
  const asked = new Set();
  const fields = new Proxy({}, { get: (_, name) => (asked.add(name), null) });
  messagesOf({ rows: 1, fields }, "");
  assert.deepEqual([...asked].sort(), cases["columns of a message"]);
});

test("a thing that was done has one word, on the stage as in a menu", () => {
  const { hold, cut, ...toActors } = cases["what was done"];
  const signs = signsOf({ hold: true, latency: 0, cut: true }).map(({ kind, words }) => [kind, words.includes(kind)]);
  assert.deepEqual(Object.fromEntries(signs), { [hold]: true, [cut]: true });
  const offered = actionsFor(actor("server")).map(({ action, name }) => [action, name.toLowerCase() === action]);
  for (const [action, state] of Object.entries(toActors)) {
    assert.ok(STATES.includes(state));
    assert.equal(Object.fromEntries(offered)[action], true);
  }
});

test("which lanes are marked", () => assert.deepEqual(BROKEN, cases.broken));

test("what stands where the way of a message breaks off", () => {
  for (const [label, place, told] of cases["at the end"]) assert.equal(atTheEnd(label, message(1, { place })), told);
});

test("a text that is too long", () => {
  for (const [text, most, shorter] of cases.shorten) assert.equal(shorten(text, most), shorter);
});

test("when a message began", () => {
  for (const [times, start] of cases.start) assert.equal(startOf(message(1, { sent: null, ...times })), start);
});

test("where an endpoint is", () => {
  for (const [endpoint, place] of cases["place of an endpoint"]) assert.equal(placeOfEndpoint(endpoint), place);
});

test("which frames are text", () => {
  for (const [hex, size, text] of cases["text of a frame"]) assert.equal(textOf({ hex, size }), text, hex);
});

test("which frames look like a routing id that ROUTER made up", () => {
  for (const [hex, automatic] of cases["automatic routing id"])
    assert.equal(isAutomatic({ hex, size: hex.length / 2 }), automatic, hex);
});

test("colours", () => {
  const css = read("../../zmqlab/view/js/flow.css");
  const colourOf = (name) =>
    new RegExp(`--zf-${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\);`).exec(css)?.slice(1) ?? [];
  for (const [i, theme] of ["", "dark "].entries()) {
    const tints = Array.from({ length: TINTS }, (_, tint) => colourOf(`tint${tint}`)[i]);
    assert.deepEqual(tints, cases[`${theme}tints`]);
    for (const [name, colour] of Object.entries(cases[`${theme}ink`])) assert.equal(colourOf(name)[i], colour, name);
  }
});
