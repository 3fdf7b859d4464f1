import assert from "node:assert/strict";
import { test } from "node:test";
import { Grouping, ROWS } from "../../../zmqlab/view/js/model/grouping.js";

const workers = (n, of = "") => Array.from({ length: n }, (_, i) => `${of}worker-${i}`);
const family = (n, of = "") => ({ name: `${of}worker-*`, lanes: workers(n, of) });

/** What stands at the left, as a person reads it. */
const shown = ({ rows }) =>
  rows.map(({ kind, label, lanes, depth }) => {
    const sign = { lane: "", open: "▾ ", collapsed: "▸ " }[kind];
    return `${"  ".repeat(depth)}${sign}${label}${kind === "collapsed" ? ` ×${lanes.length}` : ""}`;
  });

const grouping = (lanes, groups) => {
  const made = new Grouping();
  made.take(lanes, groups);
  return made;
};

const SHOP = ["shop", "shop/clerk"];
const PROCESS = { name: "shop", lanes: SHOP };

test("a few lanes are all drawn, those of a process under its heading", () => {
  const made = grouping(["broker", ...SHOP], [PROCESS]);
  assert.deepEqual(shown(made), ["broker", "▾ shop", "  shop", "  clerk"]);
  assert.equal(made.hidden, 0);
});

test("a group that a person has collapsed is one row, to which all its lanes lead, until it is expanded", () => {
  const made = grouping(["broker", ...SHOP], [PROCESS]);
  made.toggle("shop");
  assert.deepEqual(shown(made), ["broker", "▸ shop ×2"]);
  assert.equal(made.hidden, 2);
  assert.equal(made.rowOf.get("shop"), made.rowOf.get("shop/clerk"));
  assert.deepEqual(made.collapse([["shop/clerk"], ["broker"], ["shop"]]), [["shop ×"], ["broker"]]);
  made.take(["broker", ...SHOP, "late"], [PROCESS]);
  assert.deepEqual(shown(made), ["broker", "▸ shop ×2", "late"], "it stays so when there are news");
  made.toggle("shop");
  assert.deepEqual(shown(made), ["broker", "▾ shop", "  shop", "  clerk", "late"]);
});

test("of too many lanes those are collapsed that make the most rows, and a person expands them", () => {
  const many = family(300);
  const made = grouping(["broker", ...SHOP, ...many.lanes], [PROCESS, many]);
  assert.deepEqual(shown(made), ["broker", "▾ shop", "  shop", "  clerk", "▸ worker-* ×300"]);
  made.toggle("worker-*");
  assert.equal(made.rows.length, 5 + 300);
  made.take(made.lanes, made.groups);
  assert.equal(made.rows.length, 5 + 300, "what a person has expanded stays so");
});

test("up to as many rows as may be seen, nothing is collapsed by itself", () => {
  const some = family(ROWS - 1);
  assert.equal(grouping(some.lanes, [some]).rows.length, ROWS);
});

test("within a process its threads are collapsed first, then processes", () => {
  const many = family(50, "shop/");
  const one = grouping(["shop", ...many.lanes], [{ name: "shop", lanes: ["shop", ...many.lanes] }, many]);
  assert.deepEqual(shown(one), ["▾ shop", "  shop", "  ▸ worker-* ×50"]);
  const pairs = workers(30).map((name) => ({ name, lanes: [name, `${name}/io`] }));
  const lanes = pairs.flatMap((pair) => pair.lanes);
  const all = grouping(lanes, [{ name: "worker-*", lanes }, ...pairs]);
  assert.ok(all.rows.length <= ROWS);
  assert.equal(all.rows[0].kind, "open", "the group of groups stays open as long as there is room");
});

test("a group with the same lanes as the one around it can be collapsed", () => {
  const many = family(50, "shop/");
  const made = grouping(many.lanes, [{ name: "shop", lanes: many.lanes }, many]);
  assert.deepEqual(shown(made), ["▾ shop", "  ▸ worker-* ×50"]);
});
