import assert from "node:assert/strict";
import { test } from "node:test";
import { indented } from "../../../zmqlab/view/js/model/json.js";

test("a line for each thing, and no digit is changed", () => {
  const text =
    '{"n": 1.50, "big":12345678901234567890, "to": {"a b":"x,{}[]:\\"y\\""}, "none":[],"list":[1,{"k":null}],"n":2}';
  assert.equal(
    indented(text),
    `{
  "n": 1.50,
  "big": 12345678901234567890,
  "to": {
    "a b": "x,{}[]:\\"y\\""
  },
  "none": [],
  "list": [
    1,
    {
      "k": null
    }
  ],
  "n": 2
}`,
  );
});

test("what says the same before and after is the same JSON", () => {
  for (const value of [[], {}, [[], {}, ""], { "": [true, false, null, -1e-7] }, ["<b>", "\\", "\u2028"]])
    assert.deepEqual(JSON.parse(indented(JSON.stringify(value))), value);
});

test("what is no JSON object or array stays as it is", () => {
  for (const text of ["", "7", '"text"', "{", "[1,]", "{'a': 1}", "Task-0", "[INFO] started"])
    assert.equal(indented(text), "");
  assert.equal(indented("[".repeat(100) + "]".repeat(100)), "");
});

test("of what was cut off the beginning is shown", () => {
  assert.equal(indented('{"n": 1, "text": "abc', false), '{\n  "n": 1,\n  "text": "abc');
});
