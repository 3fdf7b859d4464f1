import assert from "node:assert/strict";
import { test } from "node:test";
import { framesOf, messagesOf, worksOf } from "../../../zmqlab/view/js/model/rows.js";
import { batch, message } from "../story.mjs";

test("columns become the messages they were", () => {
  const messages = [
    message(1, { sent: 0.25, received: 3 }),
    message(2, { frames: null, received_frames: [{ hex: "00ab", size: 70_000 }] }),
  ];
  const made = messagesOf(batch(0, 1, { messages }).messages, "left the lab");
  assert.deepEqual(
    made.map(({ work, ...rest }) => rest),
    messages,
  );
});

test("a field that is the same in all rows is sent once", () => {
  const made = worksOf({
    rows: 3,
    fields: { n: [1, 2, 3], actor: "server", message: [7, 8, 9], start: 1000, end: null },
  });
  assert.deepEqual(made[1], { n: 2, actor: "server", message: 8, start: 1, end: null });
  assert.equal(made.length, 3);
});

test("no rows are no objects", () => {
  assert.deepEqual(messagesOf({ rows: 0, fields: {} }, ""), []);
});

test("an empty frame is a frame", () => {
  assert.deepEqual(framesOf(",61"), [
    { hex: "", size: 0 },
    { hex: "61", size: 1 },
  ]);
  assert.deepEqual(framesOf(""), [{ hex: "", size: 0 }]);
  assert.equal(framesOf(null), null);
});
