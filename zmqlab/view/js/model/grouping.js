/**
 * Which lanes are collapsed into one: a row of the diagram, and a card of the stage, stands for one lane, or for a group
 * that is collapsed. No DOM.
 */

/** @import { Group } from "./message.js" */
/** @typedef {{key: string, kind: "lane"|"open"|"collapsed", name: string, label: string, lanes: string[], depth: number}} Row  open: the heading of a group that is not collapsed */

export const ROWS = 40; // up to which nothing is collapsed until somebody does so

export class Grouping {
  constructor() {
    this.lanes = /** @type {string[]} */ ([]);
    this.groups = /** @type {Group[]} */ ([]);
    this.rows = /** @type {Row[]} */ ([]);
    /** @type {Map<string, Row>} the row in which each lane is drawn */
    this.rowOf = new Map();
    /** @type {Map<string, boolean>} what the person has collapsed, or expanded */
    this.chosen = new Map();
    this.unasked = /** @type {Set<string>} */ (new Set()); // collapsed because there are so many
    this.collapsed = /** @type {Set<Group>} */ (new Set());
    /** @type {Map<string, Group[]>} the groups that each lane is in, the outer ones first */
    this.paths = new Map();
  }

  /** @param {string[]} lanes in their order, those of a group together @param {Group[]} groups each before those within it */
  take(lanes, groups) {
    this.lanes = lanes;
    this.groups = groups;
    this.paths = new Map(lanes.map((lane) => [lane, []]));
    for (const group of groups) for (const lane of group.lanes) this.paths.get(lane)?.push(group);
    this.#collapse();
  }

  /** Collapse a group, or expand it. @param {string} name */
  toggle(name) {
    const group = this.groups.find((one) => one.name === name);
    if (!group) return;
    this.chosen.set(name, !this.collapsed.has(group));
    this.#collapse();
  }

  /** Lanes that have no row of their own. */
  get hidden() {
    return this.rows.reduce((sum, { kind, lanes }) => sum + (kind === "collapsed" ? lanes.length : 0), 0);
  }

  /** Columns of the stage, with a collapsed group in the place of the first of its lanes. @param {string[][]} columns */
  collapse(columns) {
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

  /** Collapse what the person has chosen and, until anything was chosen, what makes most of the rows that are too many. */
  #collapse() {
    if (!this.chosen.size) this.unasked.clear();
    this.collapsed = new Set(this.groups.filter(({ name }) => this.chosen.get(name) ?? this.unasked.has(name)));
    this.#lay();
    while (!this.chosen.size && this.rows.length > ROWS) {
      const open = this.groups.filter((group) => !this.collapsed.has(group));
      const inner = open.filter((group) => !open.some((other) => this.#isWithin(other, group)));
      const sizes = new Map(inner.map((group) => [group, this.#rowsIn(group)]));
      const most = Math.max(0, ...sizes.values());
      const largest = inner.find((group) => sizes.get(group) === most);
      if (!largest) return;
      this.unasked.add(largest.name);
      this.collapsed.add(largest);
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
      const at = path.findIndex((group) => this.collapsed.has(group));
      path.slice(0, at < 0 ? path.length : at + 1).forEach((group, depth) => {
        if (known.has(group)) return;
        const { name, lanes } = group;
        const kind = depth === at ? "collapsed" : "open";
        known.set(group, put({ key: `${name} ×`, kind, name, label: inside(name, path[depth - 1]), lanes, depth }));
      });
      const row =
        at < 0
          ? put({
              key: lane,
              kind: "lane",
              name: lane,
              label: inside(lane, path.at(-1)),
              lanes: [lane],
              depth: path.length,
            })
          : known.get(path[at]);
      if (row) this.rowOf.set(lane, row);
    }
  }
}

/** A name without that of the process that its heading says already. @param {string} name @param {Group|undefined} group that it stands in */
function inside(name, group) {
  const process = `${(group?.name ?? "").split("/")[0]}/`;
  return group && name.startsWith(process) ? name.slice(process.length) : name;
}
