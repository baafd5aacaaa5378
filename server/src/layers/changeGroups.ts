// The changes of a diff in groups that are no directories: by package, by layer. Totals are columns over the groups; the
// changes of a group are put in order when somebody opens it. What a change belongs to, the caller says.

import { type ChangeRows, changeKinds } from './changeRows';
import type { ChangePage } from './changeTree';
import type { ChangeTotals } from './model';
import { sizeOrder } from './sizeOrder';
import { atOnce, inRanges } from './steps';

/** Gives each change its group, by a text that is the group's own; null for those that belong to none. */
export type GroupOf = (at: number) => string | null;

const kinds = changeKinds.length;
/** Stands for the changes that belong to no group; no group's own text is empty. */
const none = '';

export class ChangeGroups {
  private readonly rows: ChangeRows;
  /** By change: its group counted from 1; 0 for a change that does not count. */
  private readonly groupOf: Uint32Array;
  private readonly keys: string[] = [];
  private readonly ids = new Map<string, number>();
  /** By group and kind. */
  private readonly counts: number[] = [];
  private readonly sums: number[] = [];
  private last: { key: string; at: Int32Array } | null = null;

  constructor(rows: ChangeRows) {
    this.rows = rows;
    this.groupOf = new Uint32Array(rows.count);
  }

  /**
   * A page of the groups, `''` being what holds them, or of a group's changes; the heaviest first, or by text and path.
   * What belongs to no group comes last, as a group whose path is a single slash.
   */
  children(key: string, sort: 'size' | 'path', offset = 0, limit = Number.POSITIVE_INFINITY): ChangePage {
    return atOnce(this.childrenInSteps(key, sort, offset, limit));
  }

  /** The same in steps: one group may hold a million. */
  *childrenInSteps(
    key: string,
    sort: 'size' | 'path',
    offset = 0,
    limit = Number.POSITIVE_INFINITY,
  ): Generator<void, ChangePage> {
    return key === '' ? this.groups(sort, offset, limit) : yield* this.changes(key, sort, offset, limit);
  }

  /** Puts the changes into their groups, in steps. @param passes by change, 1 for those that count; null for all */
  *add(groupOf: GroupOf, passes: Uint8Array | null): Generator<void> {
    const { rows } = this;
    yield* inRanges(rows.count, (from, to) => {
      for (let at = from; at < to; at++) {
        if (passes?.[at] === 0) continue;
        const group = this.idOf(groupOf(at) ?? none);
        this.groupOf[at] = group + 1;
        const place = group * kinds + rows.kind[at]!;
        this.counts[place]!++;
        this.sums[place]! += rows.bytesAt(at);
      }
    });
  }

  private groups(sort: 'size' | 'path', offset: number, limit: number): ChangePage {
    const bytes = this.keys.map((_, id) => this.bytesOf(id));
    const order = this.keys.map((_, id) => id);
    order.sort((a, b) => {
      const [one, other] = [this.keys[a]!, this.keys[b]!];
      if (one === none || other === none) return one === none ? 1 : -1;
      const heavier = sort === 'size' ? bytes[b]! - bytes[a]! : 0;
      return heavier || (one < other ? -1 : 1);
    });
    const nodes = order.slice(offset, offset + limit).map((id) => ({
      path: this.keys[id] === none ? '/' : this.keys[id]!,
      change: null,
      totals: this.totalsOf(id),
      bytes: bytes[id]!,
    }));
    return { nodes, total: order.length };
  }

  private *changes(
    key: string,
    sort: 'size' | 'path',
    offset: number,
    limit: number,
  ): Generator<void, ChangePage> {
    const id = this.ids.get(key === '/' ? none : key);
    if (id === undefined) return { nodes: [], total: 0 };
    const kept = `${sort} ${key}`;
    const order = this.last?.key === kept ? this.last.at : yield* this.sorted(id, sort);
    this.last = { key: kept, at: order };
    const changeAt = this.rows.reader(false);
    const nodes = Array.from(order.subarray(offset, Math.min(order.length, offset + limit)), (at) => {
      const change = changeAt(at);
      return { path: change.path, change, totals: null, bytes: this.rows.bytesAt(at) };
    });
    return { nodes, total: order.length };
  }

  private *sorted(id: number, sort: 'size' | 'path'): Generator<void, Int32Array> {
    const { rows, groupOf } = this;
    const found: number[] = [];
    yield* inRanges(rows.count, (from, to) => {
      for (let at = from; at < to; at++) if (groupOf[at] === id + 1) found.push(at);
    });
    // Changes come in path order, and sorting is stable.
    if (sort === 'path') return Int32Array.from(found);
    const order = yield* sizeOrder(Float64Array.from(found, (at) => rows.bytesAt(at)));
    return Int32Array.from(order, (place) => found[place]!);
  }

  private idOf(key: string): number {
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    const id = this.keys.push(key) - 1;
    this.ids.set(key, id);
    for (let kind = 0; kind < kinds; kind++) {
      this.counts.push(0);
      this.sums.push(0);
    }
    return id;
  }

  private bytesOf(id: number): number {
    return this.sums.slice(id * kinds, (id + 1) * kinds).reduce((total, one) => total + one, 0);
  }

  private totalsOf(id: number): ChangeTotals {
    const [added = 0, modified = 0, removed = 0] = this.counts.slice(id * kinds);
    const [bytesAdded = 0, bytesModified = 0, bytesRemoved = 0] = this.sums.slice(id * kinds);
    return { added, modified, removed, bytesAdded, bytesModified, bytesRemoved };
  }
}

export function* changeGroups(
  rows: ChangeRows,
  groupOf: GroupOf,
  passes: Uint8Array | null = null,
): Generator<void, ChangeGroups> {
  const groups = new ChangeGroups(rows);
  yield* groups.add(groupOf, passes);
  return groups;
}
