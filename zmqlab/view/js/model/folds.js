/**
 * Which lanes are folded into one: a row of the diagram, and a card of the stage, stands for one lane, or for a group
 * that is folded. No DOM.
 */

/** @import { Group } from "./message.js" */
/** @typedef {{key: string, kind: "lane"|"open"|"folded", name: string, label: string, lanes: string[], depth: number}} Row  open: the heading of a group that is not folded */

export const ROWS = 40; // up to which nothing is folded until somebody does so

export class Folds {
  constructor() {
    this.lanes = /** @type {string[]} */ ([]);
    this.groups = /** @type {Group[]} */ ([]);
    this.rows = /** @type {Row[]} */ ([]);
    /** @type {Map<string, Row>} the row in which each lane is drawn */
    this.rowOf = new Map();
    /** @type {Map<string, boolean>} what the person has folded, or unfolded */
    this.chosen = new Map();
    this.unasked = /** @type {Set<string>} */ (new Set()); // folded because there are so many
    this.folded = /** @type {Set<Group>} */ (new Set());
    /** @type {Map<string, Group[]>} the groups that each lane is in, the outer ones first */
    this.paths = new Map();
  }

  /** @param {string[]} lanes in their order, those of a group together @param {Group[]} groups each before those within it */
  take(lanes, groups) {
    this.lanes = lanes;
    this.groups = groups;
    this.paths = new Map(lanes.map((lane) => [lane, []]));
    for (const group of groups) for (const lane of group.lanes) this.paths.get(lane)?.push(group);
    this.#fold();
  }

  /** Fold a group, or unfold it. @param {string} name */
  toggle(name) {
    const group = this.groups.find((one) => one.name === name);
    if (!group) return;
    this.chosen.set(name, !this.folded.has(group));
    this.#fold();
  }

  /** Lanes that have no row of their own. */
  get hidden() {
    return this.rows.reduce((sum, { kind, lanes }) => sum + (kind === "folded" ? lanes.length : 0), 0);
  }

  /** Columns of the stage, with a folded group in the place of the first of its lanes. @param {string[][]} columns */
  fold(columns) {
    const seen = new Set();
    return columns
      .map((names) =>
        names.flatMap((name) => {
          const row = this.rowOf.get(name);
          const key = row ? row.key : name;
          if (seen.has(key)) return [];
          seen.add(key);
          return [key];
        }),
      )
      .filter((names) => names.length);
  }

  /** Fold what the person has chosen and, until anything was chosen, what makes most of the rows that are too many. */
  #fold() {
    if (!this.chosen.size) this.unasked.clear();
    this.folded = new Set(this.groups.filter(({ name }) => this.chosen.get(name) ?? this.unasked.has(name)));
    this.#lay();
    while (!this.chosen.size && this.rows.length > ROWS) {
      const open = this.groups.filter((group) => !this.folded.has(group));
      const inner = open.filter((group) => !open.some((other) => this.#isWithin(other, group)));
      const sizes = new Map(inner.map((group) => [group, this.#rowsIn(group)]));
      const most = Math.max(0, ...sizes.values());
      const largest = inner.find((group) => sizes.get(group) === most);
      if (!largest) return;
      this.unasked.add(largest.name);
      this.folded.add(largest);
      this.#lay();
    }
  }

  /** @param {Group} group */
  #rowsIn({ lanes }) {
    return new Set(lanes.map((lane) => this.rowOf.get(lane))).size;
  }

  /** Is one group a part of the other? @param {Group} one @param {Group} other */
  #isWithin(one, other) {
    const path = this.paths.get(one.lanes[0]) ?? [];
    const place = path.indexOf(other);
    return place >= 0 && place < path.indexOf(one);
  }

  #lay() {
    this.rows = [];
    this.rowOf = new Map();
    /** @type {Map<Group, Row>} */
    const known = new Map();
    const put = (/** @type {Row} */ row) => {
      this.rows.push(row);
      return row;
    };
    for (const lane of this.lanes) {
      const path = this.paths.get(lane) ?? [];
      const fold = path.findIndex((group) => this.folded.has(group));
      path.slice(0, fold < 0 ? path.length : fold + 1).forEach((group, depth) => {
        if (known.has(group)) return;
        const { name, lanes } = group;
        const kind = depth === fold ? "folded" : "open";
        known.set(group, put({ key: `${name} ×`, kind, name, label: inside(name, path[depth - 1]), lanes, depth }));
      });
      const row =
        fold < 0
          ? put({
              key: lane,
              kind: "lane",
              name: lane,
              label: inside(lane, path.at(-1)),
              lanes: [lane],
              depth: path.length,
            })
          : known.get(path[fold]);
      if (row) this.rowOf.set(lane, row);
    }
  }
}

/** A name without that of the process that its heading says already. @param {string} name @param {Group|undefined} group that it stands in */
function inside(name, group) {
  const process = `${(group?.name ?? "").split("/")[0]}/`;
  return group && name.startsWith(process) ? name.slice(process.length) : name;
}
