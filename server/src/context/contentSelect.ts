// Which files the cache key of a COPY, an ADD or a bind mount looks at (cache/contenthash/checksum.go; ops/file.go,
// dedupeSelectors; ops/exec.go). It is not what is copied: a folder's own header counts where its name does not, links at
// the top are followed and then taken whole, and patterns are asked in another way.
import { hasWildcard, matchPath } from './filepathMatch';
import { below, type FileTree } from './fileTree';
import { createMatcher, type FolderMatch, type PathMatcher } from './ignoreMatch';
import type { ContextEntry } from './model';
import { readSource, splitPattern } from './takeSources';
import { followLinks, fromRoot } from './topLink';

/** One question that a cache key asks of a tree. */
export interface Selector {
  /** Path or pattern from the root; `''` is the root. */
  path: string;
  include: readonly string[];
  exclude: readonly string[];
}

export interface Selected {
  /** Where it stands in the key; two selections are the same only if these are. */
  name: string;
  entry: ContextEntry;
}

/** What the key asks for one source word of a COPY or ADD. */
export function selectorOf(
  word: string,
  { parents, exclude }: { parents: boolean; exclude: readonly string[] },
): Selector {
  const { path, include } = readSource(word, parents);
  return { path, include: include === null ? [] : [include], exclude };
}

/** The order and the doubles of BuildKit: what lies below another plain path is not asked for again. */
export function distinctSelectors(selectors: readonly Selector[]): Selector[] {
  const isPlain = (one: Selector) => !hasWildcard(one.path) && one.include.length + one.exclude.length === 0;
  const plain = new Set(selectors.filter(isPlain).map(({ path }) => path));
  const inside = (path: string) => {
    if (path === '') return false;
    if (plain.has('')) return true;
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
      if (plain.has(path.slice(0, at))) return true;
    }
    return false;
  };
  const kept = [...plain].filter((path) => !inside(path)).map((path) => ({ path, include: [], exclude: [] }));
  return [...kept, ...selectors.filter((one) => !isPlain(one))].sort((a, b) =>
    a.path < b.path ? -1 : a.path > b.path ? 1 : 0,
  );
}

/** The selectors of all bind mounts of one RUN from one tree; `''` and `/` mean the whole of it, and then nothing else. */
export function mountSelectors(sources: readonly string[]): Selector[] {
  const paths = sources.map(fromRoot);
  if (paths.includes('')) return [{ path: '', include: [], exclude: [] }];
  return distinctSelectors(paths.map((path) => ({ path, include: [], exclude: [] })));
}

/** What one selector looks at; null when nothing is there, which fails a build unless it is a pattern. */
export function select(tree: FileTree, selector: Selector): Selected[] | null {
  if (!hasWildcard(selector.path) && selector.include.length + selector.exclude.length === 0) {
    return wholeOf(tree, selector.path, '');
  }
  return filtered(tree, selector);
}

/** A path with its links followed, and all below it. The root has no header of its own. */
function wholeOf(tree: FileTree, path: string, name: string): Selected[] | null {
  const followed = followLinks(tree, path, true);
  if (followed === null) return null;
  const entry = tree.find(followed);
  if (followed !== '' && !entry) return null;
  const start = followed === '' ? 0 : followed.length + 1;
  const inside = below(tree, followed).map((one) => ({
    name: name === '' ? one.path.slice(start) : `${name}/${one.path.slice(start)}`,
    entry: one,
  }));
  return entry ? [{ name, entry }, ...inside] : inside;
}

interface Header {
  name: string;
  entry: ContextEntry;
  include: FolderMatch | null;
  exclude: FolderMatch;
  included: boolean;
}

/** includedPaths: one by one, a folder's header in front of what is in it. */
function filtered(tree: FileTree, { path, include: wanted, exclude: unwanted }: Selector): Selected[] {
  const wildcard = hasWildcard(path);
  const origin = wildcard ? splitPattern(path).fixed : path;
  const resolved = followLinks(tree, origin, wildcard);
  const top = resolved === null ? undefined : tree.find(resolved);
  if (resolved === null || (resolved !== '' && !top)) return [];
  const include = wanted.length > 0 ? createMatcher(wanted) : null;
  const exclude = createMatcher(unwanted);
  const found: { name: string; entry: ContextEntry; follow: boolean }[] = [];
  const headers: Header[] = [];
  let matched: string | null = wildcard ? null : path;
  for (const entry of top ? [top, ...below(tree, resolved)] : below(tree, resolved)) {
    const name = fromRoot(`${origin}/${entry.path.slice(resolved.length)}`);
    if (wildcard && (matched === null || !name.startsWith(`${matched}/`))) {
      if (!matchPath(path, name)) continue;
      matched = name;
    }
    while (headers.length > 0 && !name.startsWith(`${headers.at(-1)!.name}/`)) headers.pop();
    const parent = headers.at(-1);
    const candidate = matched === '' ? name : name.slice(matched!.length + 1);
    const isFolder = entry.type === 'directory';
    const asked = ask(include, exclude, candidate, parent, isFolder);
    if (asked.taken) {
      for (const header of headers) {
        if (!header.included) found.push({ name: header.name, entry: header.entry, follow: false });
        header.included = true;
      }
      found.push({ name, entry, follow: parent === undefined });
    }
    if (isFolder) headers.push({ name, entry, ...asked, included: asked.taken });
  }
  // A single one that bears the name that was asked for stands in the key without it.
  const alone = found.length === 1 && path !== '' && lastName(found[0]!.name) === lastName(path);
  return found.flatMap(({ name, entry, follow }) => {
    const suffix = alone ? '' : name.slice(origin === '' ? 0 : origin.length + 1);
    const whole = follow && entry.type === 'symlink' ? wholeOf(tree, name, `${suffix}/`) : null;
    return whole ?? [{ name: suffix, entry }];
  });
}

function ask(
  include: PathMatcher | null,
  exclude: PathMatcher,
  candidate: string,
  parent: Header | undefined,
  isFolder: boolean,
): { taken: boolean; include: FolderMatch | null; exclude: FolderMatch } {
  const above = { include: parent?.include ?? include?.top ?? null, exclude: parent?.exclude ?? exclude.top };
  if (!isFolder) {
    const taken =
      (include?.matches(candidate, above.include!) ?? true) && !exclude.matches(candidate, above.exclude);
    return { taken, include: null, exclude: above.exclude };
  }
  const wanted = include?.enter(candidate, above.include!) ?? null;
  const unwanted = exclude.enter(candidate, above.exclude);
  return {
    taken: (wanted?.matched ?? true) && !unwanted.matched,
    include: wanted?.below ?? null,
    exclude: unwanted.below,
  };
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
