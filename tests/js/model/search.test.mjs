import assert from "node:assert/strict";
import test from "node:test";
import { firstNot } from "../../../zmqlab/view/js/model/search.js";

const NUMBERS = [1, 3, 3, 7];

test("the first place is found that is not so, from a place on and up to another", () => {
  const places = [0, 1, 2, 3, 4, 8].map((least) => firstNot(0, NUMBERS.length, (place) => NUMBERS[place] < least));
  assert.deepEqual(places, [0, 0, 1, 1, 3, 4]);
  assert.equal(
    firstNot(2, 3, (place) => NUMBERS[place] < 8),
    3,
  );
  assert.equal(
    firstNot(0, 0, () => true),
    0,
  );
});
