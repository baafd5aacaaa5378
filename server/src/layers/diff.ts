// What changed between two states: a layer against what lies below it, or two stacks of layers. Path by path, so that
// a whiteout of a directory removes all it held. Waste is waste.ts, the tree with unchanged paths tree.ts.
import { ChangeRows, type ChangeSide, layerColumn } from './changeRows';
import { columnDiff } from './columnDiff';
import { compareRows, contentBit, contentDiffers, type SameContent } from './compareRows';
import { type LayerDiff, type LayerIndex, rowTypes } from './model';
import { PathTrie } from './pathTrie';
import { Stack } from './stack';
import { atOnce, inRanges } from './steps';
import { inTreeOrder } from './treeOrder';

export interface DiffOptions {
  /**
   * Asked about files of the same size. Without it, or when it answers null, their content counts as the same:
   * an mtime that differs is then all that is told of a file rewritten at the same size.
   */
  sameContent?: SameContent;
  /** Of these layers at least, where one is at hand: making it is half of the work. */
  trie?: PathTrie;
}

/** What stands at a path on one side. */
interface Side {
  layer: number;
  row: number;
}

/**
 * Changes that a layer makes to the state below it.
 * @param indexes the layers from the oldest up to `layer` at least
 */
export function diffLayer(
  indexes: readonly LayerIndex[],
  layer: number,
  options: DiffOptions = {},
): LayerDiff {
  return atOnce(diffLayerInSteps(indexes, layer, options));
}

/** The same in steps: of a million changes it takes a second. */
export function* diffLayerInSteps(
  indexes: readonly LayerIndex[],
  layer: number,
  options: DiffOptions = {},
): Generator<void, LayerDiff> {
  const upTo = indexes.slice(0, layer + 1);
  const trie = options.trie ?? (yield* PathTrie.inSteps(upTo));
  const stack = new Stack(trie);
  for (let i = 0; i < layer; i++) yield* stack.pushInSteps(upTo[i]!);
  const touched = new Int32Array(trie.count);
  let count = 0;
  const beforeLayer = layerColumn(layer, trie.count);
  const beforeRow = new Int32Array(trie.count);
  const remember = (node: number, layerBefore: number, rowBefore: number): void => {
    touched[count++] = node;
    beforeLayer[node] = layerBefore;
    beforeRow[node] = rowBefore;
  };
  yield* stack.pushInSteps(upTo[layer]!, {
    write: (node, _, layerBefore, rowBefore) => remember(node, layerBefore, rowBefore),
    remove: remember,
  });
  const before = { stack, layer: beforeLayer, row: beforeRow };
  return yield* collect(touched.subarray(0, count), trie, before, stack, options);
}

/** Changes from one state to another, each given by its layers, oldest first. */
export function diffStates(
  a: readonly LayerIndex[],
  b: readonly LayerIndex[],
  options: DiffOptions = {},
): LayerDiff {
  return atOnce(diffStatesInSteps(a, b, options));
}

/** The same in steps. */
export function* diffStatesInSteps(
  a: readonly LayerIndex[],
  b: readonly LayerIndex[],
  options: DiffOptions = {},
): Generator<void, LayerDiff> {
  const trie = options.trie ?? (yield* PathTrie.inSteps([...a, ...b]));
  let shared = 0;
  const common = new Stack(trie);
  while (shared < a.length && a[shared] === b[shared]) yield* common.pushInSteps(a[shared++]!);
  const from = common.clone();
  for (const index of a.slice(shared)) yield* from.pushInSteps(index);
  const to = common;
  for (const index of b.slice(shared)) yield* to.pushInSteps(index);
  const nodes = new Int32Array(trie.count);
  let count = 0;
  yield* inRanges(trie.count, (first, end) => {
    for (let node = Math.max(1, first); node < end; node++) {
      const layerA = from.layer[node]!;
      const layerB = to.layer[node]!;
      if (layerA < 0 && layerB < 0) continue;
      const same =
        layerA >= 0 && from.layers[layerA] === to.layers[layerB] && from.row[node] === to.row[node];
      if (!same) nodes[count++] = node;
    }
  });
  const before = { stack: from, layer: from.layer, row: from.row };
  return yield* collect(nodes.subarray(0, count), trie, before, to, options);
}

/** What stands at each node on one side; `layer` is negative where nothing does. */
interface State {
  stack: Stack;
  layer: ArrayLike<number>;
  row: Int32Array;
}

/** @param nodes those that may have changed, each once */
function* collect(
  nodes: Int32Array,
  trie: PathTrie,
  from: State,
  after: Stack,
  { sameContent }: DiffOptions,
): Generator<void, LayerDiff> {
  const to: State = { stack: after, layer: after.layer, row: after.row };
  const maskOf = (node: number): number => {
    const layerA = from.layer[node]!;
    const layerB = to.layer[node]!;
    if (layerA < 0 || layerB < 0) return onOneSide;
    return differences(from.stack, layerA, from.row[node]!, to.stack, layerB, to.row[node]!, sameContent);
  };
  // Who tells contents is asked once a pair, in order; without, only what differs need be put in order.
  const masks = new Uint8Array(sameContent ? 0 : trie.count);
  let differing = nodes;
  if (!sameContent) {
    let left = 0;
    yield* inRanges(nodes.length, (first, end) => {
      for (let i = first; i < end; i++) {
        const node = nodes[i]!;
        masks[node] = maskOf(node);
        if (masks[node] !== 0) nodes[left++] = node;
      }
    });
    differing = nodes.subarray(0, left);
  }
  const ordered = yield* inTreeOrder(trie, differing);
  const mask = new Uint8Array(ordered.length);
  let count = 0;
  yield* inRanges(ordered.length, (first, end) => {
    for (let i = first; i < end; i++) {
      const node = ordered[i]!;
      const bits = sameContent ? maskOf(node) : masks[node]!;
      if (bits === 0) continue;
      mask[count] = bits === onOneSide ? 0 : bits;
      ordered[count++] = node;
    }
  });
  const node = count === ordered.length ? ordered : ordered.slice(0, count);
  const before = yield* sideOf(from, node);
  const rows = yield* ChangeRows.inSteps(trie, node, mask, before, yield* sideOf(to, node));
  return yield* columnDiff(rows);
}

/** In place of the bits of what differs, of which there are seven. */
const onOneSide = 0x80;

function* sideOf({ stack, layer, row }: State, node: Int32Array): Generator<void, ChangeSide> {
  const layers = stack.layers.slice();
  const side = {
    layers,
    layer: layerColumn(layers.length, node.length),
    row: new Int32Array(node.length),
  };
  yield* inRanges(node.length, (from, to) => {
    for (let i = from; i < to; i++) {
      side.layer[i] = Math.max(-1, layer[node[i]!]!);
      side.row[i] = row[node[i]!]!;
    }
  });
  return side;
}

/** Bits of what differs between two versions that both are there; see compareRows. */
export function compareSides(
  fromStack: Stack,
  a: Side,
  toStack: Stack,
  b: Side,
  sameContent?: SameContent,
): number {
  return differences(fromStack, a.layer, a.row, toStack, b.layer, b.row, sameContent);
}

/** The same without objects, for states of many nodes. */
function differences(
  fromStack: Stack,
  layerA: number,
  rowA: number,
  toStack: Stack,
  layerB: number,
  rowB: number,
  sameContent?: SameContent,
): number {
  const a = fromStack.layers[layerA]!;
  const b = toStack.layers[layerB]!;
  const mask = compareRows(a, rowA, b, rowB);
  if (a.type[rowA] === rowTypes.file && b.type[rowB] === rowTypes.file) {
    return contentDiffers(a, rowA, b, rowB, sameContent) ? mask | contentBit : mask;
  }
  const inodeA = fromStack.inode(layerA, rowA);
  const inodeB = inodeA && toStack.inode(layerB, rowB);
  if (!inodeA || !inodeB) return mask;
  const contentA = fromStack.layers[inodeA.layer]!;
  const contentB = toStack.layers[inodeB.layer]!;
  return contentDiffers(contentA, inodeA.row, contentB, inodeB.row, sameContent) ? mask | contentBit : mask;
}
