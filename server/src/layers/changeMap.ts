// What a treemap draws of a diff: the directories and files of one directory, to a depth, and only as many as can be seen.
// What is too small to see is put together, so that areas stay true. Areas are laid out by whoever draws.
import type { ChangeNode, ChangeTree } from './changeTree';
import type { ChangeKind } from './model';

export interface MapNode {
  /** Null for what was put together. */
  path: string | null;
  bytes: number;
  /** `mixed`: a directory in which several kinds have bytes. */
  kind: ChangeKind | 'mixed';
  directory: boolean;
  /** Changes in it; 1 for a file. */
  count: number;
  children: MapNode[];
}

export interface MapOptions {
  depth: number;
  /** Of all nodes. */
  mostNodes: number;
}

/** The map of a directory, `''` being the root; null when there are no bytes in it. */
export function changeMap(
  tree: ChangeTree,
  path: string,
  { depth, mostNodes }: MapOptions = { depth: 4, mostNodes: 800 },
): MapNode | null {
  const children = tree.children(path, 'size');
  const bytes = children.reduce((sum, node) => sum + node.bytes, 0);
  if (bytes === 0) return null;
  const smallest = bytes / mostNodes;
  const budget = { left: mostNodes };
  const shown = mapChildren(tree, children, depth, smallest, budget);
  return { ...summed(path, shown), path };
}

function mapChildren(
  tree: ChangeTree,
  nodes: readonly ChangeNode[],
  depth: number,
  smallest: number,
  budget: { left: number },
): MapNode[] {
  const large = nodes
    .filter(({ bytes }) => bytes > 0 && bytes >= smallest)
    .slice(0, Math.max(0, budget.left));
  budget.left -= large.length;
  const shown = large.map((node): MapNode => {
    const children =
      node.totals && depth > 1
        ? mapChildren(tree, tree.children(node.path, 'size'), depth - 1, smallest, budget)
        : [];
    return { ...leaf(node), children };
  });
  const seen = new Set(large);
  const rest = nodes.filter((node) => !seen.has(node) && node.bytes > 0).map(leaf);
  return rest.length === 0 ? shown : [...shown, { ...summed(null, rest), path: null, children: [] }];
}

function leaf({ path, change, totals, bytes }: ChangeNode): MapNode {
  if (!totals) return { path, bytes, kind: change!.change, directory: false, count: 1, children: [] };
  const kinds = (
    [
      ['added', totals.bytesAdded],
      ['modified', totals.bytesModified],
      ['removed', totals.bytesRemoved],
    ] as const
  ).filter(([, sum]) => sum > 0);
  const kind = kinds.length === 1 ? kinds[0]![0] : 'mixed';
  const count = totals.added + totals.modified + totals.removed;
  return { path, bytes, kind, directory: true, count, children: [] };
}

function summed(path: string | null, children: MapNode[]): MapNode {
  const kinds = new Set(children.map(({ kind }) => kind));
  return {
    path,
    bytes: children.reduce((sum, node) => sum + node.bytes, 0),
    kind: kinds.size === 1 ? children[0]!.kind : 'mixed',
    directory: path !== null,
    count: children.reduce((sum, node) => sum + node.count, 0),
    children,
  };
}
