import assert from "node:assert/strict";
import { test } from "node:test";
import { circles, sourcesIn, violations } from "./layers.mjs";

const sources = sourcesIn(new URL("../../zmqlab/view/js/", import.meta.url));
const told = (/** @type {Record<string, string>} */ files) => violations(new Map(Object.entries(files)));
const turns = (/** @type {Record<string, string>} */ files) => circles(new Map(Object.entries(files)));

test("every module imports only what its layer may, and what does without a page does", () => {
  assert.ok(sources.size > 40);
  assert.deepEqual(violations(sources), []);
});

test("no modules need each other, not even for their types", () => assert.deepEqual(circles(sources), []));

for (const [name, text, why] of [
  ["model/a.js", 'import { h } from "../dom/elements.js";', "model/a.js may not import dom/elements.js"],
  ["model/a.js", 'import {\n  h,\n} from "../dom/elements.js";', "model/a.js may not import dom/elements.js"],
  [
    "relations/a.js",
    '/** @import { Stage } from "../stage/stage.js" */',
    "relations/a.js may not import stage/stage.js",
  ],
  ["stage/a.js", '/** @type {import("../panels/log.js").Log} */', "stage/a.js may not import panels/log.js"],
  ["steering/a.js", 'import "../app.js";', "steering/a.js may not import app.js"],
  ["other/a.js", "", "other/a.js: other is no layer; name it in tests/js/layers.mjs"],
  ["model/a.js", "export const a = document.title;", "model/a.js, without a page, uses document"],
  ["model/a.js", "const a = { page: window };", "model/a.js, without a page, uses window"],
  ["model/a.js", "const a = `${location.href}`;", "model/a.js, without a page, uses location"],
  ["model/a.js", "/** @param {HTMLElement|null} a */", "model/a.js, without a page, uses HTMLElement"],
  ["model/a.js", "/** @param {(e: KeyboardEvent) => void} a */", "model/a.js, without a page, uses KeyboardEvent"],
  ["relations/a.js", "requestAnimationFrame(a);", "relations/a.js, without a page, uses requestAnimationFrame"],
  [
    "diagram/a.js",
    "/** Lines. No DOM. */\nnew ResizeObserver(a);",
    "diagram/a.js, without a page, uses ResizeObserver",
  ],
  ["diagram/a.js", '/** No DOM. */\nimport "./b.js";', "diagram/a.js, without a page, imports diagram/b.js"],
]) {
  test(`seen: ${text || name}`, () => assert.deepEqual(told({ [name]: text }), [why]));
}

for (const [name, text] of [
  ["model/a.js", '/** The window of a document. No DOM. */\nimport { b } from "./b.js"; // document'],
  ["model/a.js", 'const a = { window: 64, text: "document", more: b.document };'],
  ["diagram/a.js", 'import { h } from "../dom/elements.js";\ndocument.title = "";'],
  ["app.js", 'import { Stage } from "./stage/stage.js";\nwindow.close();'],
]) {
  test(`passes: ${text}`, () => assert.deepEqual(told({ [name]: text }), []));
}

test("a circle is seen, through code or through types", () => {
  const a = 'import { b } from "./b.js";';
  assert.deepEqual(turns({ "model/a.js": a, "model/b.js": "" }), []);
  assert.deepEqual(turns({ "model/a.js": a, "model/b.js": '/** @import { A } from "./a.js" */' }), [
    "model/a.js → model/b.js → model/a.js",
  ]);
  const far = {
    "model/b.js": '/** @type {import("../stage/c.js").C} */',
    "stage/c.js": 'export { a } from "../model/a.js";',
  };
  assert.deepEqual(turns({ "model/a.js": a, ...far }), ["model/a.js → model/b.js → stage/c.js → model/a.js"]);
});
