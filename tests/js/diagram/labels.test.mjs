import assert from "node:assert/strict";
import { test } from "node:test";
import { labelsOf, pierces } from "../../../zmqlab/view/js/diagram/labels.js";
import { message } from "../story.mjs";

const arrow = (id, x1, y1, x2, y2, more = {}) => ({
  message: message(id),
  tint: 0,
  x0: x1,
  x1,
  y1,
  x2,
  y2,
  x3: x2,
  end: "",
  ...more,
});
const crossed = (labels, arrows) =>
  labels.flatMap((label) => arrows.filter((one) => pierces(one, label)).map((one) => [label.text, one.message.id]));

test("an arrow through words is seen", () => {
  const words = { x: 10, y: 50, width: 40 };
  assert.ok(pierces(arrow(1, 0, 45, 60, 55), words));
  assert.ok(!pierces(arrow(1, 0, 20, 60, 30), words));
  assert.ok(pierces(arrow(1, 30, 0, 30, 100), words));
  assert.ok(!pierces(arrow(1, 60, 0, 60, 100), words));
});

test("words stand beside the arrows, also where these lie flat or cross", () => {
  const flat = [0, 1, 2].map((n) => arrow(n + 1, 60 * n, 40, 500 + 30 * n, 90));
  const steep = [0, 1, 2, 3].map((n) => arrow(n + 5, 60 + 110 * n, 90, 90 + 110 * n, 150));
  const arrows = [...flat, ...steep, arrow(9, 300, 150, 360, 40)];
  const labels = labelsOf(arrows, 800);
  assert.equal(labels.length, arrows.length);
  assert.deepEqual(crossed(labels, arrows), []);
});

test("the words of an arrow that is seen whole are seen whole, at the edge too", () => {
  const steep = [arrow(1, 18, 108, 38, 440), arrow(2, 58, 440, 78, 108), arrow(3, 98, 108, 118, 440)];
  for (const { message } of steep) message.label = "Task-0";
  const labels = labelsOf(steep, 300);
  assert.deepEqual(
    labels.map(({ x, message }) => [message.id, x >= 0]),
    [
      [1, true],
      [2, true],
      [3, true],
    ],
  );
  const [leaving] = labelsOf([arrow(1, -40, 40, 24, 150)], 300);
  assert.ok(leaving.x < 0);
});

test("no words cover others, and what has no room has none", () => {
  const arrows = Array.from({ length: 30 }, (_, n) => arrow(n + 1, 3 * n, 40, 3 * n + 20, 90));
  const labels = labelsOf(arrows, 300);
  assert.ok(labels.length > 3 && labels.length < 30);
  for (const [i, one] of labels.entries())
    for (const other of labels.slice(i + 1))
      assert.ok(one.x + one.width < other.x || other.x + other.width < one.x || Math.abs(one.y - other.y) >= 14);
});
