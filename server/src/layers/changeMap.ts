// What a treemap draws of a diff: the directories and files of one directory, to a depth, and only as many as can be seen.
// What is too small to see is put together, so that areas stay true. Areas are laid out by whoever draws.
import { type ChangeNode, type ChangeTree, totalBytes } from './changeTree';
import type { ChangeKind, ChangeTotals } from './model';
import { atOnce } from './steps';

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
export function changeMap(tree: ChangeTree, path: string, options?: MapOptions): MapNode | null {
  return atOnce(changeMapInSteps(tree, path, options));
}

/** The same in steps. */
export function* changeMapInSteps(
  tree: ChangeTree,
  path: string,
  { depth, mostNodes }: MapOptions = { depth: 4, mostNodes: 800 },
): Generator<void, MapNode | null> {
  const totals = tree.totals(path);
  const bytes = totals ? totalBytes(totals) : 0;
  if (!totals || bytes === 0) return null;
  const budget = { left: mostNodes };
  const children = yield* mapChildren(tree, path, totals, depth, bytes / mostNodes, budget);
  return { ...summed(path, totals), children };
}

function* mapChildren(
  tree: ChangeTree,
  path: string,
  totals: ChangeTotals,
  depth: number,
  smallest: number,
  budget: { left: number },
): Generator<void, MapNode[]> {
  const large = (yield* tree.heaviest(path, smallest, Math.max(0, budget.left))).filter(
    ({ bytes }) => bytes > 0,
  );
  budget.left -= large.length;
  yield;
  const shown: MapNode[] = [];
  for (const node of large) {
    if (!node.totals) shown.push(leaf(node));
    else {
      const { path: inner, totals: own } = node;
      const children = depth > 1 ? yield* mapChildren(tree, inner, own, depth - 1, smallest, budget) : [];
      shown.push({ ...summed(inner, own), children });
    }
  }
  const rest = large.reduce(without, totals);
  return totalBytes(rest) === 0 ? shown : [...shown, { ...summed(null, rest), directory: false }];
}

function leaf({ path, change, bytes }: ChangeNode): MapNode {
  return { path, bytes, kind: change!.change, directory: false, count: 1, children: [] };
}

function summed(path: string | null, totals: ChangeTotals): MapNode {
  const { added, modified, removed, bytesAdded, bytesModified, bytesRemoved } = totals;
  const kinds = (
    [
      ['added', bytesAdded],
      ['modified', bytesModified],
      ['removed', bytesRemoved],
    ] as const
  ).filter(([, bytes]) => bytes > 0);
  return {
    path,
    bytes: totalBytes(totals),
    kind: kinds.length === 1 ? kinds[0]![0] : 'mixed',
    directory: true,
    count: added + modified + removed,
    children: [],
  };
}

const byteKeys = { added: 'bytesAdded', modified: 'bytesModified', removed: 'bytesRemoved' } as const;

/** What is left of a directory's totals without one of its children. */
function without(rest: ChangeTotals, { totals, change, bytes }: ChangeNode): ChangeTotals {
  const left = { ...rest };
  if (!totals) {
    left[change!.change]--;
    left[byteKeys[change!.change]] -= bytes;
    return left;
  }
  for (const key of Object.keys(left) as (keyof ChangeTotals)[]) left[key] -= totals[key];
  return left;
}
