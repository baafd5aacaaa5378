// A row of an index as an Entry, the form that people and JSON see. No judgement.
import { type Entry, type EntryType, type LayerIndex, rowTypes } from './model';
import { nameReader } from './nameTable';

const entryTypes: readonly EntryType[] = [
  'file',
  'directory',
  'symlink',
  'hardlink',
  'char',
  'block',
  'fifo',
];

/** What engines give a directory that no layer lists. */
const impliedMode = 0o755;

/** Makes entries of one index. Keep it: a reader of names is made with it. */
export function entryReader(index: LayerIndex, fromLayer: number): (row: number, path: string) => Entry {
  const name = nameReader(index.names);
  return (row, path) => {
    const type = index.type[row]!;
    const isLink = type === rowTypes.symlink || type === rowTypes.hardlink;
    return {
      path,
      type: entryTypes[type] ?? 'directory',
      bytes: type === rowTypes.file ? index.size[row]! : 0,
      mode: type === rowTypes.implied ? impliedMode : index.mode[row]!,
      uid: index.uid[row]!,
      gid: index.gid[row]!,
      mtime: index.mtime[row]!,
      link: isLink ? name(index.link[row]!) : null,
      fromLayer,
    };
  };
}

/** The type as a state has it: opaque and implied directories are directories. */
export function plainType(rowType: number): number {
  return rowType === rowTypes.opaqueDirectory || rowType === rowTypes.implied ? rowTypes.directory : rowType;
}

export function isDirectoryType(type: number): boolean {
  return type === rowTypes.directory || type === rowTypes.opaqueDirectory || type === rowTypes.implied;
}

/** Path of a row. For many rows, go through a PathTrie. */
export function rowPath(index: LayerIndex, row: number): string {
  const name = nameReader(index.names);
  const parts: string[] = [];
  for (let at = row; at >= 0; at = index.parent[at]!) parts.push(name(index.name[at]!));
  return parts.reverse().join('/');
}

/** Row of a path; -1 when the index has none. Goes through all rows, so it is for single questions. */
export function findRow(index: LayerIndex, path: string): number {
  const wanted = path.split('/').map((part) => Buffer.from(part, 'utf8'));
  let parent = -1;
  for (const part of wanted) {
    const name = findName(index, part);
    if (name < 0) return -1;
    let found = -1;
    for (let row = parent + 1; row < index.count; row++) {
      if (index.parent[row] === parent && index.name[row] === name) {
        found = row;
        break;
      }
    }
    if (found < 0) return -1;
    parent = found;
  }
  return parent;
}

function findName(index: LayerIndex, name: Uint8Array): number {
  const { bytes, ends } = index.names;
  for (let id = 1; id < ends.length; id++) {
    const start = ends[id - 1]!;
    if (ends[id]! - start !== name.length) continue;
    let i = 0;
    while (i < name.length && bytes[start + i] === name[i]) i++;
    if (i === name.length) return id;
  }
  return -1;
}
