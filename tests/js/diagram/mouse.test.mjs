import assert from "node:assert/strict";
import { test } from "node:test";
import { Mouse } from "../../../zmqlab/view/js/diagram/mouse.js";

/** A canvas on which the mouse does things, and what each of them was taken for. */
const canvas = ({ onTime = false } = {}) => {
  const heard = [];
  const made = Object.assign(new EventTarget(), { setPointerCapture: () => {} });
  const names = ["seek", "hover", "click", "doubleClick", "pan", "mark", "zoom", "unmark"];
  const place = (value) => (typeof value === "number" ? value : value.offsetX);
  const acts = Object.fromEntries(names.map((name) => [name, (...some) => heard.push([name, ...some.map(place)])]));
  new Mouse(made, { ...acts, onTime: () => onTime });
  const happens = (name, offsetX, more = {}) =>
    made.dispatchEvent(Object.assign(new Event(name), { button: 0, pointerId: 1, offsetX, ...more }));
  const drag = (from, to, more) => {
    happens("pointerdown", from, more);
    happens("pointermove", (from + to) / 2, more);
    happens("pointermove", to, more);
    happens("pointerup", to, more);
  };
  return { heard, happens, drag };
};

test("a drag marks what it goes over, and then zooms into it", () => {
  const { heard, drag } = canvas();
  drag(100, 200);
  assert.deepEqual(heard, [["mark", 100, 150], ["mark", 100, 200], ["unmark"], ["zoom", 100, 200]]);
});

test("with Shift, and with a finger, it pans by what it moved", () => {
  for (const how of [{ shiftKey: true }, { pointerType: "touch" }]) {
    const { heard, drag } = canvas();
    drag(100, 200, how);
    assert.deepEqual(heard, [["pan", -50], ["pan", -50], ["unmark"]]);
  }
});

test("a press that hardly moves is a click, and one that comes back is nothing", () => {
  const { heard, drag, happens } = canvas();
  drag(100, 102);
  assert.deepEqual(heard, [["unmark"], ["click", 102]]);
  heard.length = 0;
  happens("pointerdown", 100);
  happens("pointermove", 150);
  happens("pointermove", 101);
  happens("pointerup", 101);
  assert.deepEqual(heard, [["mark", 100, 150], ["mark", 100, 101], ["unmark"]]);
});

test("where a moment is chosen, it is sought all the way, and a double click does not fit", () => {
  const { heard, drag, happens } = canvas({ onTime: true });
  drag(100, 200);
  happens("dblclick", 200);
  assert.deepEqual(heard, [["seek", 100], ["seek", 150], ["seek", 200], ["unmark"]]);
});

test("without a press it hovers; another button does nothing; what is broken off leaves no mark", () => {
  const { heard, happens } = canvas();
  happens("pointerdown", 5, { button: 2 });
  happens("pointermove", 7);
  happens("dblclick", 7);
  happens("pointerdown", 10);
  happens("pointermove", 60);
  happens("pointercancel", 60);
  happens("pointerup", 60);
  assert.deepEqual(heard, [["hover", 7], ["doubleClick"], ["mark", 10, 60], ["unmark"], ["unmark"]]);
});
