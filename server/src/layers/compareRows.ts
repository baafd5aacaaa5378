// What differs between two versions of a path. Sizes and attributes come from the indexes; equal sizes leave the
// content unknown, and then only `sameContent` can tell.
import { plainType } from './entry';
import { type ChangedPart, type LayerIndex, type NameTable, rowTypes } from './model';

export interface Version {
  index: LayerIndex;
  row: number;
}

/** True or false when the contents of two files of the same size are known; null when they are not. */
export type SameContent = (before: Version, after: Version) => boolean | null;

const parts: readonly ChangedPart[] = ['content', 'mode', 'owner', 'link', 'type', 'xattr', 'mtime'];
const bit = { content: 1, mode: 2, owner: 4, link: 8, type: 16, xattr: 32, mtime: 64 };

/** The parts by name. */
export function changedParts(mask: number): ChangedPart[] {
  const changed: ChangedPart[] = [];
  for (let i = 0; i < parts.length; i++) if ((mask & (1 << i)) !== 0) changed.push(parts[i]!);
  return changed;
}

/** Set when the contents differ. */
export const contentBit = bit.content;

/**
 * What differs between two rows, as bits; 0 for no known difference. What files hold is for `contentDiffers`.
 * - `content`: a device's numbers differ.
 * - A directory's time is no difference: any change in it moves that. An implied directory tells nothing of itself.
 * - `link`: both are the same kind of link, to other targets.
 */
export function compareRows(a: LayerIndex, i: number, b: LayerIndex, j: number): number {
  const typeA = plainType(a.type[i]!);
  const typeB = plainType(b.type[j]!);
  const isDirectory = typeB === rowTypes.directory;
  if (isDirectory && typeA === typeB && b.type[j] === rowTypes.implied) return 0;
  let mask = 0;
  if (typeA !== typeB) mask |= bit.type;
  // The mode of a symbolic link means nothing on Linux, and tools write what they like.
  else if (typeA !== rowTypes.symlink && modeOf(a, i) !== modeOf(b, j)) mask |= bit.mode;
  if (a.uid[i] !== b.uid[j] || a.gid[i] !== b.gid[j]) mask |= bit.owner;
  if (!isDirectory && a.mtime[i] !== b.mtime[j]) mask |= bit.mtime;
  if (!sameText(a.names, a.xattrs[i]!, b.names, b.xattrs[j]!)) mask |= bit.xattr;
  // Files and directories have no link.
  if (typeA === typeB && typeA > rowTypes.directory && !sameText(a.names, a.link[i]!, b.names, b.link[j]!)) {
    mask |= typeA === rowTypes.symlink || typeA === rowTypes.hardlink ? bit.link : bit.content;
  }
  return mask;
}

/** Whether two file rows hold other bytes: their sizes differ, or `sameContent` says so. */
export function contentDiffers(
  a: LayerIndex,
  i: number,
  b: LayerIndex,
  j: number,
  sameContent?: SameContent,
): boolean {
  if (a === b && i === j) return false;
  const size = a.size[i]!;
  if (size !== b.size[j]) return true;
  return (
    size > 0 && sameContent !== undefined && sameContent({ index: a, row: i }, { index: b, row: j }) === false
  );
}

function modeOf(index: LayerIndex, row: number): number {
  return index.type[row] === rowTypes.implied ? 0o755 : index.mode[row]!;
}

function sameText(a: NameTable, idA: number, b: NameTable, idB: number): boolean {
  if (a === b) return idA === idB;
  if (idA === 0 || idB === 0) return idA === idB;
  let i = a.ends[idA - 1]!;
  let j = b.ends[idB - 1]!;
  const end = a.ends[idA]!;
  if (end - i !== b.ends[idB]! - j) return false;
  for (; i < end; i++, j++) if (a.bytes[i] !== b.bytes[j]) return false;
  return true;
}
