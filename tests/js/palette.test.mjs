import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { contrast, distance, EYES, rgb, seenBy } from "./colours.mjs";

const css = readFileSync(new URL("../../zmqlab/view/js/flow.css", import.meta.url), "utf8");
const TINTS = 8;
const TEXT = 4.5; // WCAG 2.2, 1.4.3: contrast of text
const SIGN = 3; // 1.4.11: of what shows a control or a state
const APART = 0.05; // of OKLab: well to be told apart side by side
const RED = 0.045; // what went wrong has a cross and a word beside its red
const FIRST = { tints: 4, apart: 0.08 }; // most runs have no more programs that ask

/** The colours of each theme: "--zf-red: light-dark(#b42318, #ff8a7a);". */
const colours = [...css.matchAll(/--zf-([\w-]+):\s*light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g)];
const themes = [2, 3].map((place) => Object.fromEntries(colours.map((one) => [one[1], rgb(one[place])])));
const tintsOf = (theme) => Array.from({ length: TINTS }, (_, i) => theme[`tint${i}`]);
const inEach = (check) => ["light", "dark"].forEach((name, i) => check(themes[i], name));

/** The two that an eye tells apart worst, and how far apart they are. */
const nearest = (eye, colours) => {
  const seen = colours.map((colour) => seenBy(eye, colour));
  const pairs = seen.flatMap((one, i) =>
    seen.slice(0, i).map((other, j) => ({ pair: `${j}, ${i}`, apart: distance(one, other) })),
  );
  return pairs.sort((a, b) => a.apart - b.apart)[0];
};

test("every colour is one of light and one of dark", () => {
  assert.equal(css.match(/^ *--zf-(?!mono)/gm)?.length, colours.length);
});

test("words and tints can be read on every ground", () => {
  inEach((theme, name) => {
    const words = ["ink", "soft", "focus", "red", "green", "orange"].map((one) => theme[one]);
    for (const ground of [theme.ground, theme.raised]) {
      for (const colour of words) assert.ok(contrast(colour, ground) >= TEXT, name);
      assert.ok(contrast(theme.border, ground) >= SIGN, name);
    }
    for (const tint of tintsOf(theme)) {
      assert.ok(contrast(tint, theme.ground) >= TEXT, name);
      assert.ok(contrast(tint, theme["on-tint"]) >= TEXT, name);
    }
  });
});

for (const eye of Object.keys(EYES)) {
  test(`a ${eye} tells the tints apart, and from the red of what went wrong`, () => {
    inEach((theme, name) => {
      const tints = tintsOf(theme);
      for (const [some, least] of [
        [tints, APART],
        [[...tints, theme.red], RED],
        [tints.slice(0, FIRST.tints), FIRST.apart],
      ]) {
        const { pair, apart } = nearest(eye, some);
        assert.ok(apart >= least, `${name}: ${pair} are ${apart.toFixed(3)} apart`);
      }
    });
  });
}

test("red and green of one lightness are told apart by a trichromat alone", () => {
  const colours = ["#b06000", "#708000"].map(rgb);
  assert.ok(nearest("trichromat", colours).apart > APART);
  assert.ok(nearest("deuteranope", colours).apart < APART);
});
