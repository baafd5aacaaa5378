// The content key of a COPY, an ADD or a bind mount: equal exactly when BuildKit finds the content the same. It is our own
// number, not BuildKit's. Not in it: times, owners (a client resets them), the name of a file that is copied by its name.
// Extended attributes are in BuildKit's and cannot be seen here.
import type { Digest } from '../primitives/digest';
import { sha256 } from '../primitives/digest';
import { distinctSelectors, type Selector, select } from './contentSelect';
import type { FileTree } from './fileTree';
import type { ContentPart, ContextEntry } from './model';

/** A part with the path in the tree that it stands for, which is what a person is told; it is not in the key. */
export interface LocatedPart extends ContentPart {
  from: string;
}

/**
 * What the key looks at, in BuildKit's order. With several sources a part's path begins with the number of its source:
 * `1:lib/a.ts`. Null when the digest of a file is missing, when a device is among them, or when a source is not there.
 */
export function contentParts(
  tree: FileTree,
  { selectors }: { selectors: readonly Selector[] },
  digests: ReadonlyMap<string, Digest | null>,
): LocatedPart[] | null {
  const parts: LocatedPart[] = [];
  const distinct = distinctSelectors(selectors);
  for (const [index, selector] of distinct.entries()) {
    const selected = select(tree, selector);
    if (selected === null) return null;
    for (const { name, entry } of selected) {
      const { type, size, link } = entry;
      const digest = type === 'file' ? (digests.get(entry.path) ?? null) : null;
      // A device's number counts, and is not known.
      if ((type === 'file' && digest === null) || type === 'char' || type === 'block') return null;
      const path = distinct.length === 1 ? name : `${index}:${name}`;
      // The mode of a link is not looked at (filehash.go).
      const mode = type === 'symlink' ? 0o777 : entry.mode;
      parts.push({ path, type, mode, link, digest, size, from: entry.path });
    }
  }
  return parts;
}

/** The files whose digests `contentParts` needs, each once. */
export function hashedFiles(
  tree: FileTree,
  { selectors }: { selectors: readonly Selector[] },
): ReadonlySet<ContextEntry> {
  const files = new Set<ContextEntry>();
  for (const selector of distinctSelectors(selectors)) {
    for (const { entry } of select(tree, selector) ?? []) if (entry.type === 'file') files.add(entry);
  }
  return files;
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
