// A tree of files as a COPY sees it, whatever it stands for: the build context, a stage, an image. It finds what lies below
// a folder without a pass over all files.
import type { ContextEntry } from './model';

/** Entries as in ContextSnapshot: parents before children, names in byte order. The root is not among them. */
export interface FileTree {
  entries: readonly ContextEntry[];
  find(path: string): ContextEntry | undefined;
}

/** By tree: the place of each entry. A tree is never changed, a changed context is another one. */
const places = new WeakMap<FileTree, Map<ContextEntry, number>>();

/** All entries below a folder, in order; `''` is the root. */
export function below(tree: FileTree, folder: string): readonly ContextEntry[] {
  if (folder === '') return tree.entries;
  const entry = tree.find(folder);
  const start = entry && placesOf(tree).get(entry);
  if (entry?.type !== 'directory' || start === undefined) return [];
  const prefix = `${folder}/`;
  // Doubling, then halving: the end of a subtree of n entries costs log n looks.
  let low = start;
  let step = 1;
  while (tree.entries[low + step]?.path.startsWith(prefix)) {
    low += step;
    step *= 2;
  }
  for (; step >= 1; step = Math.floor(step / 2)) {
    if (tree.entries[low + step]?.path.startsWith(prefix)) low += step;
  }
  return tree.entries.slice(start + 1, low + 1);
}

function placesOf(tree: FileTree): Map<ContextEntry, number> {
  let found = places.get(tree);
  if (!found) {
    found = new Map(tree.entries.map((entry, index) => [entry, index]));
    places.set(tree, found);
  }
  return found;
}
