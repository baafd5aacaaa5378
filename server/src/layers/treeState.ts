// What stands at each path in a view of a layer, and what the layer did to it: `upper` is what the layer itself holds and
// deletes, `merged` what a container sees after it. Totals of directories, and pages of them, are tree.ts.
import { type LayerColumn, layerColumn } from './changeRows';
import { compareSides } from './diff';
import type { LayerIndex } from './model';
import { type NodeRanks, ranksOf } from './nodeRanks';
import { PathTrie } from './pathTrie';
import { Stack } from './stack';
import { inRanges } from './steps';

export type TreeView = 'upper' | 'merged';

/** Values of `TreeState.changes`. */
export const treeChanges = { unchanged: 0, added: 1, modified: 2, removed: 3 } as const;

export interface TreeState {
  trie: PathTrie;
  ranks: NodeRanks;
  layers: readonly LayerIndex[];
  view: TreeView;
  /** Position of the layer that is looked at. */
  layer: number;
  /** By node: 1 when it is in this view; what changed; where the entry is, removed ones as they were. */
  shown: Uint8Array;
  changes: Uint8Array;
  layerOf: LayerColumn;
  rowOf: Int32Array;
}

/**
 * @param indexes the layers from the oldest up to `layer` at least
 * @param known of these layers at least, where one is at hand
 */
export function* treeStateOf(
  indexes: readonly LayerIndex[],
  layer: number,
  view: TreeView,
  known?: PathTrie,
): Generator<void, TreeState> {
  const trie = known ?? (yield* PathTrie.inSteps(indexes.slice(0, layer + 1)));
  const stack = new Stack(trie);
  for (let i = 0; i < layer; i++) yield* stack.pushInSteps(indexes[i]!);
  const { shown, changes } = yield* pushTop(stack, indexes[layer]!, view);
  const layerOf = layerColumn(layer + 1, trie.count);
  yield* inRanges(trie.count, (from, to) => {
    for (let node = from; node < to; node++) layerOf[node] = Math.max(-1, stack.layer[node]!);
  });
  const { layers, row: rowOf } = stack;
  return { trie, ranks: yield* ranksOf(trie), layers, view, layer, shown, changes, layerOf, rowOf };
}

/** Pushes the layer that is looked at, and tells what it shows and changes. */
function* pushTop(
  stack: Stack,
  index: LayerIndex,
  view: TreeView,
): Generator<void, Pick<TreeState, 'shown' | 'changes'>> {
  const { trie } = stack;
  const shown = new Uint8Array(trie.count);
  const changes = new Uint8Array(trie.count);
  const layer = stack.layers.length;
  const gone: { node: number; layer: number }[] = [];
  const replaced: { node: number; layer: number; row: number }[] = [];
  yield* stack.pushInSteps(index, {
    write: (node, _, beforeLayer, beforeRow) => {
      shown[node] = 1;
      if (beforeLayer < 0) changes[node] = treeChanges.added;
      else replaced.push({ node, layer: beforeLayer, row: beforeRow });
    },
    remove: (node, beforeLayer) => {
      if (view === 'upper') gone.push({ node, layer: beforeLayer });
    },
  });
  // Hard links are resolved by now, so that contents can be compared.
  yield* inRanges(replaced.length, (from, to) => {
    for (let i = from; i < to; i++) {
      const before = replaced[i]!;
      const after = { layer, row: stack.row[before.node]! };
      if (compareSides(stack, before, stack, after) !== 0) changes[before.node] = treeChanges.modified;
    }
  });
  // A removed entry is shown as it was.
  for (const { node, layer: beforeLayer } of gone) {
    shown[node] = 1;
    changes[node] = treeChanges.removed;
    stack.layer[node] = beforeLayer;
  }
  yield;
  // A directory that the tar repeats or implies is on the way to what it holds.
  const nodes = trie.nodesOf(index);
  yield* inRanges(index.count, (from, to) => {
    for (let row = from; row < to; row++) if (stack.layer[nodes[row]!]! >= 0) shown[nodes[row]!] = 1;
  });
  if (view === 'merged') {
    yield* inRanges(trie.count, (from, to) => {
      for (let node = from; node < to; node++) shown[node] = stack.isVisible(node) ? 1 : 0;
    });
  }
  shown[0] = 1;
  return { shown, changes };
}
