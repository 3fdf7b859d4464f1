/** The rhythm of a trace: where a run begins, and which gaps are lulls, drawn shorter than they were. No DOM. */

import { LEAST } from "./activity.js";

/** @import { Activity } from "./activity.js" */
/** @import { Lull } from "./scale.js" */
/** @import { State } from "./state.js" */
/** @import { Stretches } from "./stretches.js" */
/** @typedef {{runs: number[], lulls: Lull[]}} Rhythm  when each run began, in order */

const APART = 5_000; // ms without a message after which a new run begins
const SHARE = 16; // of the time in which something went on: so long is a lull drawn, where there are few gaps
const CROWD = 2; // times as many lulls as there are gaps would fill that time
const LONG = 2; // times as long as it is drawn is a lull at least
const BOUNDS = { least: 0.05, most: 1_000 }; // ms that a lull is drawn

/**
 * A run begins with the first message after five seconds without any; and where an actor starts and none had started for
 * as long, since a broker and its workers may never be still. The starts just before a message are a part of its run.
 * A gap in which nothing went on is a lull when it is long beside the time in which something did: in its run, or for a
 * gap between two runs, in all of them.
 * @param {Activity} activity @param {State} state @param {number} first ms @returns {Rhythm}
 */
export function rhythmOf(activity, state, first) {
  const { busy, moving, lying } = activity.now(state);
  if (!moving.length) return { runs: [first], lulls: [] };
  const runs = runsOf(moving, activity.starts, first);
  const gaps = gapsOf(busy, runs, state.now);
  const within = runs.map((begin, run) => ({ active: (runs[run + 1] ?? state.now) - begin, count: 0 }));
  const between = { active: state.now - first, count: runs.length };
  for (const { from, to, run } of gaps) {
    between.active -= to - from;
    within[run].active -= Math.min(to, runs[run + 1] ?? to) - from;
    within[run].count++;
  }
  const lulls = [];
  for (const { from, to, run } of gaps) {
    const length = shrunk(runs[run + 1] <= to ? between : within[run]);
    if (to - from > LONG * length) lulls.push({ from, to, shrunk: length, lies: lying.touch(from, to) });
  }
  return { runs, lulls };
}

/** Which run a time is in: the place in the list. @param {number[]} runs @param {number} time */
export function runAt(runs, time) {
  return Math.max(
    0,
    runs.findLastIndex((begin) => begin <= time),
  );
}

/** @param {Stretches} moving @param {number[]} starts of actors @param {number} first ms */
function runsOf(moving, starts, first) {
  const runs = [first];
  for (let i = 1; i < moving.length; i++) {
    const [before, begin] = [moving.ends[i - 1], moving.starts[i]];
    if (before < first || begin - before < APART) continue;
    const after = Math.max(before, begin - APART);
    runs.push(starts.find((start) => start > after && start < begin) ?? begin);
  }
  const end = moving.ends.at(-1) ?? first;
  for (const [i, start] of starts.entries()) {
    const alone = !i || start - starts[i - 1] >= APART;
    if (alone && start > first && start < end && !runs.some((run) => Math.abs(run - start) < APART)) runs.push(start);
  }
  return runs.sort((a, b) => a - b);
}

/** Where nothing went on, and in which run that was. @param {Stretches} busy @param {number[]} runs @param {number} now */
function gapsOf({ starts, ends }, runs, now) {
  const gaps = [];
  let run = 0;
  for (let i = 0; i < ends.length; i++) {
    const from = Math.max(runs[0], ends[i]);
    const to = i + 1 < starts.length ? Math.min(now, starts[i + 1]) : now;
    if (to - from < LEAST) continue;
    while (runs[run + 1] <= from) run++;
    gaps.push({ from, to, run });
  }
  return gaps;
}

/** How long a lull is drawn. @param {{active: number, count: number}} among ms, and how many gaps there are */
function shrunk({ active, count }) {
  return Math.max(BOUNDS.least, Math.min(BOUNDS.most, active / Math.max(SHARE, CROWD * count)));
}
