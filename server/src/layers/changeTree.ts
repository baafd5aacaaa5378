// The changes of a diff by directory, with totals: what a tree grid lists level by level, and what a treemap draws.
// Totals are columns over the directories; nodes are made objects a page at a time.
import { type ChangeRows, changeKinds } from './changeRows';
import type { Change, ChangeTotals } from './model';
import { sizeOrder } from './sizeOrder';
import { atOnce, rowsOfStep } from './steps';

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
  /** By node of the trie: its directory, counted from 1; 0 for what is none. Parents come first. */
  private readonly directoryOf: Int32Array;
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
    this.directoryOf = directories.directoryOf;
    this.nodeOf = directories.nodeOf;
    this.changeOf = directories.changeOf;
    this.first = new Float64Array(this.nodeOf.length).fill(Number.MAX_SAFE_INTEGER);
    this.counts = new Uint32Array(this.nodeOf.length * kinds);
    this.sums = new Float64Array(this.nodeOf.length * kinds);
  }

  /** A page of what stands in a directory, `''` being the root; the heaviest first, or by name in byte order. */
  children(path: string, sort: 'size' | 'path', offset = 0, limit = Number.POSITIVE_INFINITY): ChangePage {
    const top = this.rows.trie.find(path);
    if (top < 0 || this.directoryOf[top] === 0) return { nodes: [], total: 0 };
    const key = `${sort} ${path}`;
    const nodes = this.last?.key === key ? this.last.nodes : this.sorted(top, sort);
    this.last = { key, nodes };
    const prefix = path === '' ? '' : `${path}/`;
    const nameOf = this.rows.trie.nameReader();
    const changeAt = this.rows.reader(false);
    const page = nodes.subarray(offset, Math.min(nodes.length, offset + limit));
    return {
      nodes: Array.from(page, (node) => {
        const directory = this.directoryOf[node]!;
        const at = this.changeOf[node]! - 1;
        return {
          path: prefix + nameOf(node),
          change: at < 0 ? null : changeAt(at),
          totals: directory === 0 ? null : this.totalsAt(directory - 1),
          bytes: this.bytesOf(node),
        };
      }),
      total: nodes.length,
    };
  }

  /** Of all changes in a directory; null when there are none. */
  totals(path: string): ChangeTotals | null {
    const node = this.rows.trie.find(path);
    const directory = node < 0 ? 0 : this.directoryOf[node]!;
    return directory === 0 ? null : this.totalsAt(directory - 1);
  }

  /** Adds the changes up, in steps. */
  *add(): Generator<void> {
    const { rows, passes, counts, sums, first, directoryOf, nodeOf } = this;
    const { parent } = rows.trie;
    for (let at = 0; at < rows.count; at++) {
      if (at % rowsOfStep === 0) yield;
      if (passes?.[at] === 0) continue;
      const node = rows.node[at]!;
      const directory = (directoryOf[node]! || directoryOf[parent[node]!]!) - 1;
      counts[directory * kinds + rows.kind[at]!]!++;
      sums[directory * kinds + rows.kind[at]!]! += rows.bytes[at]!;
      if (first[directory]! > at) first[directory] = at;
    }
    for (let directory = nodeOf.length - 1; directory > 0; directory--) {
      const above = directoryOf[parent[nodeOf[directory]!]!]! - 1;
      for (let kind = 0; kind < kinds; kind++) {
        counts[above * kinds + kind]! += counts[directory * kinds + kind]!;
        sums[above * kinds + kind]! += sums[directory * kinds + kind]!;
      }
      if (first[above]! > first[directory]!) first[above] = first[directory]!;
    }
  }

  private sorted(top: number, sort: 'size' | 'path'): Int32Array {
    const { firstChild, nextSibling } = this.rows.trie;
    const nodes: number[] = [];
    for (let child = firstChild[top]!; child !== 0; child = nextSibling[child]!) {
      if (this.directoryOf[child] !== 0 || this.changeOf[child] !== 0) nodes.push(child);
    }
    // Changes come in the order of the tree, so that the first one in each child is the child's place.
    const last = this.rows.count;
    const places = Float64Array.from(nodes, (node) => last - this.placeOf(node));
    const named = Int32Array.from(atOnce(sizeOrder(places)), (at) => nodes[at]!);
    if (sort === 'path') return named;
    const bytes = Float64Array.from(named, (node) => this.bytesOf(node));
    return Int32Array.from(atOnce(sizeOrder(bytes)), (at) => named[at]!);
  }

  private placeOf(node: number): number {
    const directory = this.directoryOf[node]!;
    return directory === 0 ? this.changeOf[node]! - 1 : this.first[directory - 1]!;
  }

  private bytesOf(node: number): number {
    const directory = this.directoryOf[node]!;
    if (directory === 0) return this.rows.bytes[this.changeOf[node]! - 1]!;
    let sum = 0;
    for (let kind = 0; kind < kinds; kind++) sum += this.sums[(directory - 1) * kinds + kind]!;
    return sum;
  }

  private totalsAt(directory: number): ChangeTotals {
    const [added = 0, modified = 0, removed = 0] = this.counts.subarray(directory * kinds);
    const [bytesAdded = 0, bytesModified = 0, bytesRemoved = 0] = this.sums.subarray(directory * kinds);
    return { added, modified, removed, bytesAdded, bytesModified, bytesRemoved };
  }
}

interface Directories {
  directoryOf: Int32Array;
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
  const directoryOf = new Int32Array(trie.count);
  const changeOf = new Int32Array(trie.count);
  // Marked first, numbered afterwards: in the order of the nodes parents come before children.
  let count = 1;
  directoryOf[0] = 1;
  for (let at = 0; at < rows.count; at++) {
    if (at % rowsOfStep === 0) yield;
    if (passes?.[at] === 0) continue;
    changeOf[node[at]!] = at + 1;
    let up = rows.isDirectory(at) ? node[at]! : trie.parent[node[at]!]!;
    for (; directoryOf[up] === 0; up = trie.parent[up]!) {
      directoryOf[up] = 1;
      count++;
    }
  }
  yield;
  const nodeOf = new Int32Array(count);
  let next = 0;
  for (let at = 0; at < directoryOf.length; at++) {
    if (directoryOf[at] === 0) continue;
    nodeOf[next] = at;
    directoryOf[at] = ++next;
  }
  return { directoryOf, nodeOf, changeOf };
}
