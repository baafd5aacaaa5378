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
  /** Instead of a node: how many more there are than the page has asked for. */
  more: number;
}

export const emptyTree: Tree = { open: new Set(['']), pages: new Map(), lines: [] };

export function withPage(tree: Tree, path: string, page: DiffTreePage): Tree {
  return lined({ ...tree, pages: new Map(tree.pages).set(path, page) });
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

/** The same places, anew, for another query; the lines of the one before stay until something arrives. */
export function withoutPages({ open, lines }: Tree): Tree {
  return { open, pages: new Map(), lines };
}

function lined(tree: Tree): Tree {
  const lines: TreeLine[] = [];
  const add = (path: string, depth: number, inGroup: boolean): void => {
    const page = tree.pages.get(path);
    if (!page) return;
    for (const node of page.rows) {
      const isOpen = node.directory && tree.open.has(node.path);
      lines.push({ depth, parent: path, node, isOpen, inGroup, more: 0 });
      if (isOpen) add(node.path, depth + 1, node.group !== null);
    }
    const more = page.total - page.rows.length;
    const last = page.rows.at(-1);
    if (more > 0 && last) lines.push({ depth, parent: path, node: last, isOpen: false, inGroup, more });
  };
  add('', 0, false);
  return { ...tree, lines };
}
