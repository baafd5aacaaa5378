// What layers hold together, as a tree of files that a COPY can take from: each file once, with what its inode says.
import { findPath } from '../context/contextOrder';
import type { FileTree } from '../context/fileTree';
import type { ContextEntry } from '../context/model';
import { isDirectoryType } from './entry';
import { type LayerIndex, rowTypes } from './model';
import { nameReader } from './nameTable';
import { PathTrie } from './pathTrie';
import { Stack } from './stack';
import { rowsOfStep } from './steps';

const types: Record<number, ContextEntry['type']> = {
  [rowTypes.file]: 'file',
  [rowTypes.symlink]: 'symlink',
  [rowTypes.char]: 'char',
  [rowTypes.block]: 'block',
  [rowTypes.fifo]: 'fifo',
};

/** What engines give a directory that no layer lists. */
const impliedMode = 0o755;

/** In steps: of a million files it takes seconds. @param indexes oldest first */
export function* layerFiles(indexes: readonly LayerIndex[]): Generator<void, FileTree> {
  const trie = yield* PathTrie.inSteps(indexes);
  const stack = new Stack(trie);
  for (const index of indexes) yield* stack.pushInSteps(index);
  const linkNames = indexes.map(({ names }) => nameReader(names));
  const nameOf = trie.nameReader();
  const byName = trie.compareSiblings();
  const inodes = new Map<string, number>();
  const entryOf = (node: number, path: string): ContextEntry => {
    const at = { layer: stack.layer[node]!, row: stack.row[node]! };
    const type = indexes[at.layer]!.type[at.row]!;
    const inode = type === rowTypes.hardlink ? stack.inode(at.layer, at.row) : at;
    // A hard link to what is not there: nothing is known of it.
    if (!inode) return { path, type: 'unknown', size: 0, mode: 0, link: null, mtimeMs: 0, inode: 0 };
    const index = indexes[inode.layer]!;
    const own = index.type[inode.row]!;
    const key = `${inode.layer} ${inode.row}`;
    const number = inodes.get(key) ?? inodes.size + 1;
    inodes.set(key, number);
    return {
      path,
      type: isDirectoryType(own) ? 'directory' : (types[own] ?? 'unknown'),
      size: own === rowTypes.file ? index.size[inode.row]! : 0,
      mode: own === rowTypes.implied ? impliedMode : index.mode[inode.row]! & 0o7777,
      link: own === rowTypes.symlink ? linkNames[inode.layer]!(index.link[inode.row]!) : null,
      mtimeMs: index.mtime[inode.row]! * 1000,
      inode: number,
      layer: inode.layer,
    };
  };
  const childrenOf = (node: number, prefix: string) => {
    const children: number[] = [];
    for (let child = trie.firstChild[node]!; child !== 0; child = trie.nextSibling[child]!) {
      if (stack.isVisible(child)) children.push(child);
    }
    // The last one is taken first.
    return children.sort((a, b) => byName(b, a)).map((child) => ({ child, path: prefix + nameOf(child) }));
  };
  const entries: ContextEntry[] = [];
  const pending = childrenOf(0, '');
  for (let next = pending.pop(); next; next = pending.pop()) {
    entries.push(entryOf(next.child, next.path));
    if (stack.isDirectory(next.child)) pending.push(...childrenOf(next.child, `${next.path}/`));
    if (entries.length % rowsOfStep === 0) yield;
  }
  return { entries, find: (path) => findPath(entries, path) };
}
