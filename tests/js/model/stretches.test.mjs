import assert from "node:assert/strict";
import { test } from "node:test";
import { Stretches } from "../../../zmqlab/view/js/model/stretches.js";

const made = (apart, ...stretches) => {
  const all = new Stretches(apart);
  for (const [from, to] of stretches) all.add(from, to);
  return all;
};
const listed = ({ starts, ends }) => starts.map((start, i) => [start, ends[i]]);

test("stretches that touch or are near are one, whatever comes first", () => {
  const some = [
    [0, 10],
    [100, 110],
    [15, 20],
    [300, 310],
    [105, 130],
  ];
  const expected = [
    [0, 20],
    [100, 130],
    [300, 310],
  ];
  assert.deepEqual(listed(made(5, ...some)), expected);
  assert.deepEqual(listed(made(5, ...some.toReversed())), expected);
});

test("one that bridges others makes one of them; one inside changes nothing", () => {
  assert.deepEqual(listed(made(0, [0, 1], [5, 6], [8, 9], [20, 21], [1, 8], [3, 4])), [
    [0, 9],
    [20, 21],
  ]);
});

test("in any order, they are what a plain count says", () => {
  const all = new Stretches(0);
  const taken = new Set();
  for (let i = 0; i < 200; i++) {
    const from = (i * 7919) % 1000;
    all.add(from, from + 2);
    for (let at = from; at < from + 2; at++) taken.add(at);
  }
  for (let at = 0; at < 1000; at++) assert.equal(all.touch(at, at + 1), taken.has(at), `${at}`);
});

test("what is over can be let go", () => {
  const all = made(0, [0, 1], [5, 9], [20, 21]);
  all.drop(7);
  assert.deepEqual(listed(all), [
    [5, 9],
    [20, 21],
  ]);
});

test("a copy is its own", () => {
  const all = made(0, [0, 1]);
  all.copy().add(5, 6);
  assert.equal(all.length, 1);
});
