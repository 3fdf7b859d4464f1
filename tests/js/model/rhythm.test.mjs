import assert from "node:assert/strict";
import { test } from "node:test";
import { Activity, LIES } from "../../../zmqlab/view/js/model/activity.js";
import { rhythmOf, runAt } from "../../../zmqlab/view/js/model/rhythm.js";
import { timeScale } from "../../../zmqlab/view/js/model/scale.js";
import { State } from "../../../zmqlab/view/js/model/state.js";
import { actor, batch, message, pair } from "../story.mjs";

/** A state and its activity, told batch by batch. */
class Told {
  constructor() {
    this.state = new State();
    this.activity = new Activity();
    this.upto = 0;
  }

  tell(more) {
    const told = this.upto ? batch(this.upto, this.upto + 10, more) : pair(more);
    this.upto = told.upto;
    this.activity.take(this.state, this.state.apply(told).changed);
    return this;
  }

  get rhythm() {
    return rhythmOf(this.activity, this.state, this.state.list[0]?.sent ?? 0);
  }

  get shortened() {
    return this.rhythm.lulls.map(({ from, to }) => [from, to]);
  }
}
const told = (more) => new Told().tell(more);
/** It took a hundred ms. */
const swift = (id, sent, more = {}) =>
  message(id, { sent, left: sent + 1, arrived: sent + 2, received: sent + 100, ...more });

test("a gap in which nothing happened is a lull; what is drawn of it is short beside the rest", () => {
  const { lulls } = told({ now: 900, messages: [swift(1, 0), swift(2, 500), swift(3, 610), swift(4, 800)] }).rhythm;
  assert.deepEqual(
    lulls.map(({ from, to, lies }) => [from, to, lies]),
    [
      [100, 500, false],
      [710, 800, false],
    ],
  );
  for (const { shrunk } of lulls) assert.ok(shrunk > 15 && shrunk < 30, `${shrunk}`);
});

test("a gap that is short, or short beside the rest, is none", () => {
  assert.deepEqual(told({ now: 220, messages: [swift(1, 0), swift(2, 115)] }).shortened, []);
  const rest = Array.from({ length: 20 }, (_, i) => swift(i, 100 * i));
  assert.deepEqual(told({ now: 2250, messages: [...rest, swift(20, 2150)] }).shortened, []);
});

const between = (more, first = {}, now = 2100) =>
  told({ now, messages: [swift(1, 0, first), swift(2, 2000)], ...more });

test("where a message waits, lies unread or is in hand, or where an actor hangs, there is no lull", () => {
  assert.deepEqual(between({}).shortened, [[100, 2000]]);
  assert.deepEqual(between({}, { left: 1900, arrived: 1950, received: 1990 }).shortened, []);
  assert.deepEqual(between({}, { received: 1990 }).shortened, []);
  const work = [{ n: 1, actor: "server", message: 1, start: 100, end: 1990 }];
  assert.deepEqual(between({ work }).shortened, []);
  assert.deepEqual(between({ hangs: [{ n: 1, actor: "server", start: 90, end: 1990 }] }).shortened, []);
  assert.deepEqual(between({ hangs: [{ n: 1, actor: "server", start: 90, end: null }] }).shortened, []);
});

test("a mark, and the start and the end of an actor, part a lull", () => {
  const marks = [{ n: 1, actor: "alice", time: 1000, kind: "print", text: "" }];
  const parted = [
    [100, 1000],
    [1000, 2000],
  ];
  assert.deepEqual(between({ marks }).shortened, parted);
  const actors = [actor("server"), actor("alice", { started: 1000, earlier: [[0, 50, "stopped"]] })];
  assert.deepEqual(between({ actors }).shortened, parted);
  assert.deepEqual(between({ actors: [actor("server"), actor("alice", { ended: 1000 })] }).shortened, parted);
});

test("what does not move for long lies there: that is a lull, and not called idle", () => {
  const open = told({ now: 60_000, messages: [swift(1, 0), message(2, { sent: 10 }), swift(3, 50_000)] });
  const [first] = open.rhythm.lulls;
  assert.deepEqual([first.from, first.to, first.lies], [10 + LIES, 50_000, true]);
  const read = told({ now: 60_000, messages: [swift(1, 0, { received: 59_900 }), swift(2, 59_910)] });
  assert.deepEqual(
    read.rhythm.lulls.map(({ from, to, lies }) => [from, to, lies]),
    [[2 + LIES, 59_900, true]],
  );
});

test("told bit by bit it is the same as told at once", () => {
  const bits = new Told();
  bits.tell({ now: 5, messages: [message(1, { sent: 0 })] });
  assert.deepEqual(bits.shortened, []);
  bits.tell({ now: 2000, messages: [message(1, { sent: 0, left: 1, arrived: 2, received: 100 })] });
  bits.tell({ now: 2000, work: [{ n: 1, actor: "server", message: 1, start: 100, end: null }] });
  bits.tell({
    now: 9000,
    messages: [swift(2, 8000)],
    work: [{ n: 1, actor: "server", message: 1, start: 100, end: 150 }],
  });
  const whole = told({
    now: 9000,
    messages: [swift(1, 0), swift(2, 8000)],
    work: [{ n: 1, actor: "server", message: 1, start: 100, end: 150 }],
  });
  assert.deepEqual(bits.rhythm, whole.rhythm);
  assert.ok(bits.shortened.length);
});

test("in a lull that goes on, time moves and the picture does not", () => {
  const lab = told({ now: 100, messages: [swift(1, 0)] });
  const scaleNow = () => timeScale(0, lab.state.now, lab.rhythm.lulls);
  const lasts = [1000, 5000, 60_000, 600_000].map((now) => {
    lab.tell({ now });
    assert.ok(Math.abs(scaleNow().t(scaleNow().last) - now) < 1e-6);
    return scaleNow().last;
  });
  assert.ok(lasts[0] < 130, `${lasts[0]}`);
  for (const last of lasts) assert.equal(last, lasts[0]);
});

test("a run begins after five seconds without a message, with the actors that start just before it", () => {
  const lab = told({ now: 100, messages: [swift(1, 0), swift(2, 3000)] });
  assert.deepEqual(lab.rhythm.runs, [0]);
  lab.tell({
    now: 600_300,
    actors: [actor("alice", { started: 600_000, earlier: [[0, 110, "ended"]] })],
    messages: [swift(3, 600_200)],
  });
  assert.deepEqual(lab.rhythm.runs, [0, 600_000]);
  assert.deepEqual(
    [0, 599_999, 600_000, 700_000].map((time) => runAt(lab.rhythm.runs, time)),
    [0, 0, 1, 1],
  );
});

const beats = (count) => Array.from({ length: count }, (_, i) => swift(i, 1000 * i));

test("where there are always heartbeats, a run begins when an actor starts", () => {
  const client = actor("client", { started: 20_500 });
  assert.deepEqual(told({ now: 31_000, messages: beats(30) }).rhythm.runs, [0]);
  assert.deepEqual(told({ now: 31_000, messages: beats(30), actors: [client] }).rhythm.runs, [0, 20_500]);
  assert.deepEqual(told({ now: 20_600, messages: beats(20), actors: [client] }).rhythm.runs, [0], "no message yet");
});

test("an actor that crashed and is started again begins no run, nor do several more than one", () => {
  const again = (how) => actor("worker", { started: 20_500, earlier: [[0, 20_000, how]] });
  assert.deepEqual(told({ now: 31_000, messages: beats(30), actors: [again("crashed")] }).rhythm.runs, [0]);
  assert.deepEqual(told({ now: 31_000, messages: beats(30), actors: [again("stopped")] }).rhythm.runs, [0, 20_500]);
  const several = [actor("one", { started: 20_500 }), actor("two", { started: 21_000 })];
  assert.deepEqual(told({ now: 31_000, messages: beats(30), actors: several }).rhythm.runs, [0, 20_500]);
});

test("between two runs the lull can be seen beside both", () => {
  const lab = told({
    now: 600_000,
    messages: [swift(1, 0), ...beats(9).map((m) => swift(m.id + 2, m.sent + 500_000))],
  });
  const [lull] = lab.rhythm.lulls;
  assert.deepEqual([lull.from, lull.to], [100, 500_000]);
  assert.ok(lull.shrunk > 30, `${lull.shrunk}`);
});

test("what was before a time can be let go", () => {
  const lab = told({ now: 900, messages: [swift(1, 0), swift(2, 500), swift(3, 800)] });
  lab.activity.drop(500);
  assert.deepEqual(
    rhythmOf(lab.activity, lab.state, 500).lulls.map(({ from }) => from),
    [600],
  );
});

test("a lab in which nothing was sent has one run and no lull", () => {
  assert.deepEqual(told({ now: 100_000 }).rhythm, { runs: [0], lulls: [] });
});
