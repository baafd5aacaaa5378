// The content key of a COPY, an ADD or a bind mount: equal exactly when BuildKit finds the content the same. It is our own
// number, not BuildKit's. Not in it: times, owners (a client resets them), the name of a file that is copied by its name.
// Extended attributes are in BuildKit's and cannot be seen here.
import type { Digest } from '../primitives/digest';
import { sha256 } from '../primitives/digest';
import { distinctSelectors, type Selected, type Selector, select } from './contentSelect';
import type { FileTree } from './fileTree';
import type { ContentPart } from './model';

/** A part with the path in the tree that it stands for, which is what a person is told; it is not in the key. */
export interface LocatedPart extends ContentPart {
  from: string;
}

/**
 * What the key looks at, in BuildKit's order. With several sources a name begins with the number of its source:
 * `1:lib/a.ts`. Null when a source is not there.
 */
export function selectAll(
  tree: FileTree,
  { selectors }: { selectors: readonly Selector[] },
): readonly Selected[] | null {
  const distinct = distinctSelectors(selectors);
  if (distinct.length === 1) return select(tree, distinct[0]!);
  const all: Selected[] = [];
  for (const [index, selector] of distinct.entries()) {
    const selected = select(tree, selector);
    if (selected === null) return null;
    for (const { name, entry } of selected) all.push({ name: `${index}:${name}`, entry });
  }
  return all;
}

/** The same with their digests. Null when one is missing, and when a device or what nobody can read is among them. */
export function contentParts(
  selected: readonly Selected[],
  digests: ReadonlyMap<string, Digest | null>,
): LocatedPart[] | null {
  const parts: LocatedPart[] = [];
  for (const { name, entry } of selected) {
    const { type, size, link } = entry;
    const digest = type === 'file' ? (digests.get(entry.path) ?? null) : null;
    // A device's number counts, and is not known.
    if ((type === 'file' && digest === null) || type === 'char' || type === 'block' || type === 'unknown')
      return null;
    // The mode of a link is not looked at (filehash.go).
    const mode = type === 'symlink' ? 0o777 : entry.mode;
    parts.push({ path: name, type, mode, link, digest, size, from: entry.path });
  }
  return parts;
}

/**
 * One number for all of it. A builder that has the context from an earlier build does not notice a folder's new mode
 * (fsutil/diskwriter.go returns before it tells the hash): for what such a builder sees, `folderModes` is false.
 */
export function contentKey(
  parts: readonly ContentPart[],
  { folderModes = true }: { folderModes?: boolean } = {},
): Digest {
  const lines = parts.map(({ path, type, mode, link, digest, size }) =>
    JSON.stringify([path, type, type === 'directory' && !folderModes ? null : mode, link, digest, size]),
  );
  return sha256(lines.join('\n'));
}
