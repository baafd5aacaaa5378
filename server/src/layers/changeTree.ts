// The changes of a diff by directory, with totals: what a tree grid lists level by level, and what a treemap draws. A
// directory is a range of the changes, since they come in the order of the tree; only directories are objects.
import type { Change, ChangeKind, LayerDiff } from './model';

export interface ChangeTotals {
  /** Entries by kind; a directory's own change counts. */
  added: number;
  modified: number;
  removed: number;
  /** Bytes of the files that were added, of those modified (their new size), of those removed. */
  bytesAdded: number;
  bytesModified: number;
  bytesRemoved: number;
}

/** A directory with changes below it, or one change that is none. */
export interface ChangeNode {
  path: string;
  /** The entry's own change; null for a directory that is the same on both sides. */
  change: Change | null;
  /** Null for what is no directory on the side that shows. */
  totals: ChangeTotals | null;
  /** What it weighs: bytes of all changes in it. */
  bytes: number;
}

interface Directory {
  path: string;
  /** Index of its own change; -1 for none. */
  own: number;
  /** Range of the changes in it, its own included. */
  start: number;
  end: number;
  totals: ChangeTotals;
  directories: Directory[];
}

export interface ChangeTree {
  /** The changes that the tree is of. */
  readonly changes: readonly Change[];
  /** What stands in a directory, `''` being the root; the heaviest first, or by name in byte order. */
  children(path: string, sort: 'size' | 'path'): ChangeNode[];
}

/** @param changes in the order of the tree, as diffs have them */
export function changeTree({ changes }: Pick<LayerDiff, 'changes'>): ChangeTree {
  const root = build(changes);
  return {
    changes,
    children(path, sort) {
      const directory = find(root, path);
      if (!directory) return [];
      const nodes = childrenOf(directory, changes);
      // In the order of the tree already; sorting is stable.
      return sort === 'size' ? nodes.sort((a, b) => b.bytes - a.bytes) : nodes;
    },
  };
}

/** Bytes that a change is about: what it stores, or what it takes away. */
export function changeBytes({ before, after }: Change): number {
  return after?.bytes ?? before?.bytes ?? 0;
}

export function totalBytes({ bytesAdded, bytesModified, bytesRemoved }: ChangeTotals): number {
  return bytesAdded + bytesModified + bytesRemoved;
}

function build(changes: readonly Change[]): Directory {
  const root = newDirectory('', 0);
  const open: Directory[] = [root];
  changes.forEach((change, at) => {
    close(open, change.path, at);
    let top = open.at(-1)!;
    for (let slash = next(change.path, top.path); slash >= 0; slash = next(change.path, top.path)) {
      top = enter(open, top, change.path.slice(0, slash), at);
    }
    if ((change.after ?? change.before)?.type === 'directory') {
      top = enter(open, top, change.path, at);
      top.own = at;
    }
    count(top.totals, change);
  });
  close(open, null, changes.length);
  root.end = changes.length;
  return root;
}

/** Where the segment after a directory's path ends in `path`; -1 when that is the last one. */
function next(path: string, directory: string): number {
  return path.indexOf('/', directory === '' ? 0 : directory.length + 1);
}

function enter(open: Directory[], parent: Directory, path: string, at: number): Directory {
  const directory = newDirectory(path, at);
  parent.directories.push(directory);
  open.push(directory);
  return directory;
}

/** Ends the directories that `path` is not in, and adds what they hold to those around them. */
function close(open: Directory[], path: string | null, at: number): void {
  for (;;) {
    const top = open.at(-1)!;
    if (open.length === 1) return;
    if (path?.startsWith(top.path) && path[top.path.length] === '/') return;
    open.pop();
    top.end = at;
    add(open.at(-1)!.totals, top.totals);
  }
}

function newDirectory(path: string, start: number): Directory {
  const totals = { added: 0, modified: 0, removed: 0, bytesAdded: 0, bytesModified: 0, bytesRemoved: 0 };
  return { path, own: -1, start, end: start, totals, directories: [] };
}

const byteKeys = {
  added: 'bytesAdded',
  modified: 'bytesModified',
  removed: 'bytesRemoved',
} as const satisfies Record<ChangeKind, keyof ChangeTotals>;

function count(totals: ChangeTotals, change: Change): void {
  totals[change.change]++;
  totals[byteKeys[change.change]] += changeBytes(change);
}

function add(totals: ChangeTotals, more: ChangeTotals): void {
  for (const key of Object.keys(totals) as (keyof ChangeTotals)[]) totals[key] += more[key];
}

function find(root: Directory, path: string): Directory | null {
  let at = root;
  while (at.path !== path) {
    const inside = at.directories.find(
      (one) => one.path === path || (path.startsWith(one.path) && path[one.path.length] === '/'),
    );
    if (!inside) return null;
    at = inside;
  }
  return at;
}

function childrenOf(directory: Directory, changes: readonly Change[]): ChangeNode[] {
  const nodes: ChangeNode[] = [];
  let at = directory.own >= 0 ? directory.own + 1 : directory.start;
  for (const inner of [...directory.directories, null]) {
    const end = inner?.start ?? directory.end;
    for (; at < end; at++) {
      const change = changes[at]!;
      nodes.push({ path: change.path, change, totals: null, bytes: changeBytes(change) });
    }
    if (!inner) break;
    const change = inner.own < 0 ? null : changes[inner.own]!;
    nodes.push({ path: inner.path, change, totals: inner.totals, bytes: totalBytes(inner.totals) });
    at = inner.end;
  }
  return nodes;
}
