// The changes of a diff by directory, with totals: what a tree grid lists level by level, and what a treemap draws.
// Totals are columns over the directories; nodes are made objects a page at a time.
import { type ChangeRows, changeKinds } from './changeRows';
import type { Change, ChangeTotals } from './model';
import { NodeRanks } from './nodeRanks';
import { sizeOrder } from './sizeOrder';
import { atOnce, inRanges } from './steps';

/** A directory with changes below it, or one change that is none. */
export interface ChangeNode {
  path: string;
  /** The entry's own change; null for a directory that is the same on both sides. */
  change: Change | null;
  /** Null for what is no directory on the side that shows and has nothing below it. */
  totals: ChangeTotals | null;
  /** What it weighs: bytes of all changes in it. */
  bytes: number;
}

export interface ChangePage {
  nodes: ChangeNode[];
  /** Of all that stand in the directory. */
  total: number;
}

const kinds = changeKinds.length;

export class ChangeTree {
  private readonly rows: ChangeRows;
  private readonly passes: Uint8Array | null;
  /** Numbers the nodes that are directories here. Parents come first. */
  private readonly directories: NodeRanks;
  /** By directory. */
  private readonly nodeOf: Int32Array;
  /** By node: its own change, counted from 1. */
  private readonly changeOf: Int32Array;
  /** By directory: the first change in it, which has the place of the directory among its siblings. */
  private readonly first: Float64Array;
  /** By directory and kind. */
  private readonly counts: Uint32Array;
  private readonly sums: Float64Array;
  /** The children that were asked for last, in order: a person pages through them. */
  private last: { key: string; nodes: Int32Array } | null = null;

  constructor(rows: ChangeRows, passes: Uint8Array | null, directories: Directories) {
    this.rows = rows;
    this.passes = passes;
    this.directories = directories.ranks;
    this.nodeOf = directories.nodeOf;
    this.changeOf = directories.changeOf;
    this.first = new Float64Array(this.nodeOf.length).fill(Number.MAX_SAFE_INTEGER);
    this.counts = new Uint32Array(this.nodeOf.length * kinds);
    this.sums = new Float64Array(this.nodeOf.length * kinds);
  }

  /** A page of what stands in a directory, `''` being the root; the heaviest first, or by name in byte order. */
  children(path: string, sort: 'size' | 'path', offset = 0, limit = Number.POSITIVE_INFINITY): ChangePage {
    return atOnce(this.childrenInSteps(path, sort, offset, limit));
  }

  /** The same in steps: one directory may hold a million. */
  *childrenInSteps(
    path: string,
    sort: 'size' | 'path',
    offset = 0,
    limit = Number.POSITIVE_INFINITY,
  ): Generator<void, ChangePage> {
    const top = this.directoryAt(path);
    if (top < 0) return { nodes: [], total: 0 };
    const key = `${sort} ${path}`;
    const nodes = this.last?.key === key ? this.last.nodes : yield* this.sorted(this.childrenOf(top), sort);
    this.last = { key, nodes };
    return {
      nodes: this.page(nodes.subarray(offset, Math.min(nodes.length, offset + limit)), path),
      total: nodes.length,
    };
  }

  /** The heaviest children of a directory, those of `least` bytes and more; at most so many. */
  *heaviest(path: string, least: number, most: number): Generator<void, ChangeNode[]> {
    const top = this.directoryAt(path);
    if (top < 0) return [];
    const heavy = this.childrenOf(top, least);
    return this.page((yield* this.sorted(heavy, 'size')).subarray(0, most), path);
  }

  /** Of all changes in a directory; null when there are none. */
  totals(path: string): ChangeTotals | null {
    const node = this.directoryAt(path);
    return node < 0 ? null : this.totalsAt(this.directories.of(node));
  }

  /** Adds the changes up, in steps. */
  *add(): Generator<void> {
    const { rows, passes, counts, sums, first, directories, nodeOf } = this;
    const { parent } = rows.trie;
    yield* inRanges(rows.count, (from, to) => {
      for (let at = from; at < to; at++) {
        if (passes?.[at] === 0) continue;
        const node = rows.node[at]!;
        const own = directories.of(node);
        const directory = own < 0 ? directories.of(parent[node]!) : own;
        counts[directory * kinds + rows.kind[at]!]!++;
        sums[directory * kinds + rows.kind[at]!]! += rows.bytesAt(at);
        if (first[directory]! > at) first[directory] = at;
      }
    });
    const last = nodeOf.length - 1;
    yield* inRanges(last, (from, to) => {
      for (let directory = last - from; directory > last - to; directory--) {
        const above = directories.of(parent[nodeOf[directory]!]!);
        for (let kind = 0; kind < kinds; kind++) {
          counts[above * kinds + kind]! += counts[directory * kinds + kind]!;
          sums[above * kinds + kind]! += sums[directory * kinds + kind]!;
        }
        if (first[above]! > first[directory]!) first[above] = first[directory]!;
      }
    });
  }

  /** Node of a directory that has changes; -1 for any other path. */
  private directoryAt(path: string): number {
    const node = this.rows.trie.find(path);
    return node >= 0 && this.directories.of(node) >= 0 ? node : -1;
  }

  private page(nodes: Int32Array, path: string): ChangeNode[] {
    const prefix = path === '' ? '' : `${path}/`;
    const nameOf = this.rows.trie.nameReader();
    const changeAt = this.rows.reader(false);
    return Array.from(nodes, (node) => {
      const directory = this.directories.of(node);
      const at = this.changeOf[node]! - 1;
      return {
        path: prefix + nameOf(node),
        change: at < 0 ? null : changeAt(at),
        totals: directory < 0 ? null : this.totalsAt(directory),
        bytes: this.bytesOf(node),
      };
    });
  }

  /** @param least those that weigh less are left out */
  private childrenOf(top: number, least = 0): number[] {
    const { firstChild, nextSibling } = this.rows.trie;
    const nodes: number[] = [];
    for (let child = firstChild[top]!; child !== 0; child = nextSibling[child]!) {
      if (this.changeOf[child] === 0 && this.directories.of(child) < 0) continue;
      if (least === 0 || this.bytesOf(child) >= least) nodes.push(child);
    }
    return nodes;
  }

  private *sorted(nodes: readonly number[], sort: 'size' | 'path'): Generator<void, Int32Array> {
    // Changes come in the order of the tree, so that the first one in each child is the child's place.
    const last = this.rows.count;
    const places = Float64Array.from(nodes, (node) => last - this.placeOf(node));
    const named = Int32Array.from(yield* sizeOrder(places), (at) => nodes[at]!);
    if (sort === 'path') return named;
    const bytes = Float64Array.from(named, (node) => this.bytesOf(node));
    return Int32Array.from(yield* sizeOrder(bytes), (at) => named[at]!);
  }

  private placeOf(node: number): number {
    const directory = this.directories.of(node);
    return directory < 0 ? this.changeOf[node]! - 1 : this.first[directory]!;
  }

  private bytesOf(node: number): number {
    const directory = this.directories.of(node);
    if (directory < 0) return this.rows.bytesAt(this.changeOf[node]! - 1);
    let sum = 0;
    for (let kind = 0; kind < kinds; kind++) sum += this.sums[directory * kinds + kind]!;
    return sum;
  }

  private totalsAt(directory: number): ChangeTotals {
    const [added = 0, modified = 0, removed = 0] = this.counts.subarray(directory * kinds);
    const [bytesAdded = 0, bytesModified = 0, bytesRemoved = 0] = this.sums.subarray(directory * kinds);
    return { added, modified, removed, bytesAdded, bytesModified, bytesRemoved };
  }
}

interface Directories {
  ranks: NodeRanks;
  nodeOf: Int32Array;
  changeOf: Int32Array;
}

/** @param passes by change, 1 for those that count; null for all */
export function* changeTree(rows: ChangeRows, passes: Uint8Array | null = null): Generator<void, ChangeTree> {
  const tree = new ChangeTree(rows, passes, yield* directoriesOf(rows, passes));
  yield* tree.add();
  return tree;
}

export function totalBytes({ bytesAdded, bytesModified, bytesRemoved }: ChangeTotals): number {
  return bytesAdded + bytesModified + bytesRemoved;
}

function* directoriesOf(rows: ChangeRows, passes: Uint8Array | null): Generator<void, Directories> {
  const { trie, node } = rows;
  const changeOf = new Int32Array(trie.count);
  // Marked first, numbered afterwards: in the order of the nodes parents come before children.
  const marks = new Uint8Array(trie.count);
  marks[0] = 1;
  yield* inRanges(rows.count, (from, to) => {
    for (let at = from; at < to; at++) {
      if (passes?.[at] === 0) continue;
      changeOf[node[at]!] = at + 1;
      let up = rows.isDirectory(at) ? node[at]! : trie.parent[node[at]!]!;
      for (; marks[up] === 0; up = trie.parent[up]!) marks[up] = 1;
    }
  });
  const ranks = yield* NodeRanks.of(marks, trie.count);
  const nodeOf = new Int32Array(ranks.count);
  let next = 0;
  yield* inRanges(trie.count, (from, to) => {
    for (let at = from; at < to; at++) if (marks[at] !== 0) nodeOf[next++] = at;
  });
  return { ranks, nodeOf, changeOf };
}
