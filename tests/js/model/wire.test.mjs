import assert from "node:assert/strict";
import { test } from "node:test";
import { State } from "../../../zmqlab/view/js/model/state.js";
import { handshakesOf, headersOf } from "../../../zmqlab/view/js/model/wire.js";
import { connection, frame, message, pair } from "../story.mjs";

test("each frame has its flags and its size in front, long ones in eight bytes", () => {
  const frames = [frame("alice"), { hex: "", size: 0 }, { hex: "78".repeat(256), size: 300 }];
  assert.deepEqual(headersOf(frames), [
    { header: "01 05", flags: "MORE" },
    { header: "01 00", flags: "MORE" },
    { header: "02 00 00 00 00 00 00 01 2c", flags: "LONG" },
  ]);
  assert.deepEqual(headersOf([{ hex: "", size: 255 }]), [{ header: "00 ff", flags: "none (last)" }]);
  assert.equal(headersOf([{ hex: "", size: 256 }, frame("x")])[0].flags, "MORE LONG");
});

test("both sides' greeting and READY, as they sent them", () => {
  const handshake = { version: "3.1", mechanism: "NULL", as_server: false, command: "READY" };
  const properties = [
    ["Socket-Type", frame("DEALER")],
    ["Identity", { hex: "", size: 0 }],
    ["X-Zmqlab", frame("3.2")],
    ["X-Raw", { hex: "00ff", size: 2 }],
  ];
  const state = new State();
  state.apply(
    pair({
      connections: [connection("1", "1.1", { client_handshake: { ...handshake, properties }, server_handshake: null })],
    }),
  );
  assert.deepEqual(handshakesOf(state, message(1)), [
    {
      side: "alice, the connecting side",
      greeting: "ZMTP 3.1, mechanism NULL, as-server 0",
      command: "READY",
      properties: [
        { name: "Socket-Type", value: "DEALER", ours: false },
        { name: "Identity", value: "(empty)", ours: false },
        { name: "X-Zmqlab", value: "3.2", ours: true },
        { name: "X-Raw", value: "00 ff", ours: false },
      ],
    },
  ]);
  assert.deepEqual(handshakesOf(state, message(1, { lane: "" })), []);
});
