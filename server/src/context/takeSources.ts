// Which entries one source word names (fsutil/copy: ResolveWildcards; convert_copy.go: the pivot of --parents). Where they
// go and what they weigh is take.ts.

import { hasWildcard, matchPath } from './filepathMatch';
import { below, type FileTree } from './fileTree';
import { followLinks, fromRoot } from './topLink';

export interface SourceWord {
  /** Path or pattern from the root, cleaned; `''` is the root. */
  path: string;
  /** Of --parents: what of the tree below `path` is wanted; null for all. */
  include: string | null;
  /** Of --parents without wildcards: the path that must be there. */
  required: string | null;
}

/** How BuildKit reads a word of COPY or ADD. */
export function readSource(word: string, parents: boolean): SourceWord {
  if (!parents) return { path: fromRoot(word), include: null, required: null };
  const pivot = word.indexOf('/./');
  const above = pivot < 0 ? '' : word.slice(0, pivot);
  const wanted = fromRoot(pivot < 0 ? word : word.slice(pivot + 3));
  const required = hasWildcard(above) || hasWildcard(wanted) ? null : [fromRoot(above), wanted];
  return {
    path: fromRoot(above),
    include: wanted,
    required: required && fromRoot(required.join('/')),
  };
}

/** A pattern's part before its first name with a wildcard, and the rest; `rest` is empty for a plain path. */
export function splitPattern(path: string): { fixed: string; rest: string } {
  const parts = path.split('/');
  const first = parts.findIndex(hasWildcard);
  if (first < 0) return { fixed: path, rest: '' };
  return { fixed: parts.slice(0, first).join('/'), rest: parts.slice(first).join('/') };
}

/**
 * The paths that a word names, in the order of the walk; a plain path is itself, there or not. A text is why the build
 * would fail: a clause for a person.
 */
export function matchesOf(tree: FileTree, path: string, where = 'the build context'): string[] | string {
  const { fixed, rest } = splitPattern(path);
  if (rest === '') return [path];
  if (matchPath(path, '') === null) return `the pattern ${path} cannot be read`;
  const folder = followLinks(tree, fixed, true);
  if (folder === null) return `the symbolic links of ${fixed} lead nowhere`;
  if (folder !== '' && !tree.find(folder)) return `${fixed} is not in ${where}`;
  const start = folder === '' ? 0 : folder.length + 1;
  const found: string[] = [];
  let inside = '\0';
  for (const entry of below(tree, folder)) {
    // What lies in a folder that matched comes with it (filepath.SkipDir).
    if (entry.path.startsWith(inside)) continue;
    if (!matchPath(rest, entry.path.slice(start))) continue;
    found.push(entry.path);
    if (entry.type === 'directory') inside = `${entry.path}/`;
  }
  return found;
}

/** The files that a word of an ADD names by themselves, links followed: those that it unpacks when they are archives. */
export function namedFiles(tree: FileTree, word: string): string[] {
  const found = matchesOf(tree, readSource(word, false).path);
  if (typeof found === 'string') return [];
  return found.flatMap((path) => {
    const followed = followLinks(tree, path, true);
    const entry = followed === null ? undefined : tree.find(followed);
    return entry?.type === 'file' && entry.size > 0 ? [entry.path] : [];
  });
}
