// The changes by directory, package or layer as the page holds them: which of these are open, what has arrived of each, and
// the lines that result. A package or a layer is a directory here. Pure; the lines are drawn as rows of the same grid as the list.
import type { DiffTreePage, DiffTreeRow } from '../../../server/src/protocol';

export interface Tree {
  /** Paths of open directories; the root `''` always is. */
  open: ReadonlySet<string>;
  /** By directory. */
  pages: ReadonlyMap<string, DiffTreePage>;
  lines: readonly TreeLine[];
}

export interface TreeLine {
  /** Directories above it. */
  depth: number;
  /** The directory that it stands in. */
  parent: string;
  node: DiffTreeRow;
  isOpen: boolean;
  /** Stands in a group, which is no part of its path. */
  inGroup: boolean;
  /** Instead of a node: how many more there are than have arrived. */
  more: number;
  /** Whether these come when the line is in sight; else only a filter leads to them. */
  comes: boolean;
  /** Which one of its directory it is, counted from 1, and of how many. */
  place: number;
  of: number;
}

/** Rows that come at once. */
export const treePageSize = 1000;
/** Rows of one directory that the page holds: nobody scrolls further, and all of them would fill its memory. */
const mostRows = 50_000;

export const emptyTree: Tree = { open: new Set(['']), pages: new Map(), lines: [] };

/** @param offset of the page's first row among those of its directory; pages come one behind the other */
export function withPage(tree: Tree, path: string, page: DiffTreePage, offset = 0): Tree {
  const before = offset === 0 ? [] : (tree.pages.get(path)?.rows ?? []);
  if (before.length !== offset) return tree;
  const rows = offset === 0 ? page.rows : [...before, ...page.rows];
  return lined({ ...tree, pages: new Map(tree.pages).set(path, { ...page, rows }) });
}

export function withToggled(tree: Tree, path: string, isOpen = !tree.open.has(path)): Tree {
  const open = new Set(tree.open);
  if (isOpen) open.add(path);
  else open.delete(path);
  return lined({ ...tree, open });
}

/** Open directories of which nothing has arrived. */
export function missingPaths({ open, pages }: Tree): string[] {
  return [...open].filter((path) => !pages.has(path));
}

/** What comes next of directories whose end is among the lines from `first` to before `end`. */
export function nextPages(
  { lines, pages }: Tree,
  first: number,
  end: number,
): { path: string; offset: number }[] {
  return lines
    .slice(first, end)
    .filter(({ more, comes }) => more > 0 && comes)
    .map(({ parent }) => ({ path: parent, offset: pages.get(parent)?.rows.length ?? 0 }));
}

/** Where a line of one tree is in the next one, which has more of it; where it was, when it is gone. */
export function placeOf(line: TreeLine | undefined, before: number, { lines }: Tree): number {
  if (!line || line.more > 0) return before;
  const at = lines.findIndex(
    ({ node, parent, more }) => more === 0 && node.path === line.node.path && parent === line.parent,
  );
  return at < 0 ? before : at;
}

/** The same places, anew, for another query; the lines of the one before stay until something arrives. */
export function withoutPages({ open, lines }: Tree): Tree {
  return { open, pages: new Map(), lines };
}

function lined(tree: Tree): Tree {
  const lines: TreeLine[] = [];
  const add = (path: string, depth: number, inGroup: boolean): void => {
    const page = tree.pages.get(path);
    if (!page) return;
    const all = { depth, parent: path, inGroup, comes: false, of: page.total };
    page.rows.forEach((node, at) => {
      const isOpen = node.directory && tree.open.has(node.path);
      lines.push({ ...all, node, isOpen, more: 0, place: at + 1 });
      if (isOpen) add(node.path, depth + 1, node.group !== null);
    });
    const count = page.rows.length;
    const more = page.total - count;
    const last = page.rows.at(-1);
    if (more > 0 && last)
      lines.push({ ...all, node: last, isOpen: false, more, comes: count < mostRows, place: count + 1 });
  };
  add('', 0, false);
  return { ...tree, lines };
}
