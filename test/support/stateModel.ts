// What layers mean, once more and as plainly as can be: paths and maps, no tree and no columns. Slow; for tests only.
import { entryReader, rowPath } from '../../server/src/layers/entry';
import { type ChangedPart, type Entry, type LayerIndex, rowTypes } from '../../server/src/layers/model';
import type { LayerLiteral } from './imageFixture';

export interface ModelEntry {
  entry: Entry;
  rowType: number;
  /** The layer and row that hold the bytes, as text; null for what has none. */
  inode: string | null;
  size: number;
}

export type ModelState = Map<string, ModelEntry>;

/** The state after each layer. */
export function modelStates(indexes: readonly LayerIndex[]): { states: ModelState[]; needless: string[][] } {
  const states: ModelState[] = [];
  const needless: string[][] = [];
  let lower: ModelState = new Map();
  indexes.forEach((index, layer) => {
    const upper = new Map(lower);
    const lost: string[] = [];
    const hideBelow = (path: string): void => {
      for (const other of lower.keys()) if (isBelow(other, path)) upper.delete(other);
    };
    const read = entryReader(index, layer);
    const rows = Array.from({ length: index.count }, (_, row) => ({ path: rowPath(index, row), row }));
    for (const { path, row } of rows) {
      const type = index.type[row]!;
      if (type === rowTypes.whiteout) {
        if (!lower.has(path)) lost.push(path);
        hideBelow(path);
        upper.delete(path);
      } else if (type !== rowTypes.directory && type !== rowTypes.implied) hideBelow(path);
    }
    const written: string[] = [];
    for (const { path, row } of rows) {
      const rowType = index.type[row]!;
      if (rowType === rowTypes.whiteout || path === '') continue;
      if (rowType === rowTypes.implied && upper.get(path)?.entry.type === 'directory') continue;
      const isFile = rowType === rowTypes.file;
      upper.set(path, {
        entry: read(row, path),
        rowType,
        inode: isFile ? `${layer}:${row}` : null,
        size: index.size[row]!,
      });
      written.push(path);
    }
    for (let pass = 0; pass < 4; pass++) {
      for (const path of written) {
        const at = upper.get(path)!;
        const target = at.rowType === rowTypes.hardlink ? upper.get(at.entry.link!) : undefined;
        if (at.inode === null && target?.inode) Object.assign(at, { inode: target.inode, size: target.size });
      }
    }
    states.push(upper);
    needless.push(lost);
    lower = upper;
  });
  return { states, needless };
}

export interface ModelChange {
  path: string;
  what: ChangedPart[];
  before: Entry | null;
  after: Entry | null;
}

/** In the order of the tree. */
export function modelChanges(a: ModelState, b: ModelState): ModelChange[] {
  const changes: ModelChange[] = [];
  for (const path of [...new Set([...a.keys(), ...b.keys()])].sort(compareInTree)) {
    const before = a.get(path);
    const after = b.get(path);
    const what = before && after ? modelParts(before, after) : [];
    if (before && after && what.length === 0) continue;
    changes.push({ path, what, before: before?.entry ?? null, after: after?.entry ?? null });
  }
  return changes;
}

function modelParts(before: ModelEntry, after: ModelEntry): ChangedPart[] {
  const a = before.entry;
  const b = after.entry;
  const isSame = a.type === b.type;
  if (isSame && after.rowType === rowTypes.implied) return [];
  const parts: ChangedPart[] = [];
  if (before.inode && after.inode && before.inode !== after.inode && before.size !== after.size)
    parts.push('content');
  if (isSame && a.type !== 'symlink' && a.mode !== b.mode) parts.push('mode');
  if (a.uid !== b.uid || a.gid !== b.gid) parts.push('owner');
  if (isSame && a.link !== b.link) parts.push('link');
  if (!isSame) parts.push('type');
  if (b.type !== 'directory' && a.mtime !== b.mtime) parts.push('mtime');
  return parts;
}

/** Bytes of the files at and below a path of a state; '' is all of it. */
export function modelTotal(state: ModelState, path: string): number {
  let bytes = 0;
  for (const [other, { entry }] of state)
    if (path === '' || other === path || isBelow(other, path)) bytes += entry.bytes;
  return bytes;
}

/** By layer, bytes of files that no path of the last state leads to. */
export function modelWaste(indexes: readonly LayerIndex[], state: ModelState): number[] {
  const seen = new Set([...state.values()].map(({ inode }) => inode));
  return indexes.map((index, layer) => {
    let bytes = 0;
    for (let row = 0; row < index.count; row++) if (!seen.has(`${layer}:${row}`)) bytes += index.size[row]!;
    return bytes;
  });
}

/** A few layers of everything: files, directories, links of both kinds, whiteouts, opaque directories. */
export function randomLayers(random: () => number, layers: number, entries: number): LayerLiteral[] {
  const below = (n: number): number => Math.floor(random() * n);
  const name = (): string =>
    Array.from({ length: 1 + below(4) }, () => ['a', 'b', 'c', 'd-', 'd', 'é'][below(6)]).join('/');
  const one = (): LayerLiteral => {
    const layer: LayerLiteral = {};
    for (let i = 0; i < entries; i++) {
      const path = name();
      const at = path.lastIndexOf('/') + 1;
      const owner = { uid: below(2), gid: below(2), mtime: below(3), mode: below(2) ? 0o644 : 0o755 };
      const kind = random();
      if (kind < 0.2) layer[`${path.slice(0, at)}.wh.${path.slice(at)}`] = '';
      else if (kind < 0.28) layer[`${path}/.wh..wh..opq`] = '';
      else if (kind < 0.42) layer[`${path}/`] = { ...owner };
      else if (kind < 0.54) layer[path] = { ...owner, type: 'symlink', link: name() };
      else if (kind < 0.68) layer[path] = { ...owner, type: 'hardlink', link: name() };
      else layer[path] = { ...owner, content: 'x'.repeat(below(20)) };
    }
    return layer;
  };
  return Array.from({ length: layers }, one);
}

function isBelow(path: string, top: string): boolean {
  return top === '' ? path !== '' : path.startsWith(`${top}/`);
}

function compareInTree(a: string, b: string): number {
  const partsA = a.split('/');
  const partsB = b.split('/');
  for (let i = 0; i < partsA.length && i < partsB.length; i++) {
    const difference = Buffer.compare(Buffer.from(partsA[i]!), Buffer.from(partsB[i]!));
    if (difference !== 0) return difference;
  }
  return partsA.length - partsB.length;
}
