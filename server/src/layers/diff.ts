// What changed between two states: a layer against what lies below it, or two stacks of layers. Path by path, so that
// a whiteout of a directory removes all it held. Waste is waste.ts, the tree with unchanged paths tree.ts.
import { ChangeRows, type ChangeSide } from './changeRows';
import { compareRows, contentBit, contentDiffers, type SameContent } from './compareRows';
import { type Change, type LayerDiff, type LayerIndex, rowTypes } from './model';
import { PathTrie } from './pathTrie';
import { Stack } from './stack';
import { atOnce, inRanges, rowsOfStep } from './steps';
import { inTreeOrder } from './treeOrder';

export interface DiffOptions {
  /**
   * Asked about files of the same size. Without it, or when it answers null, their content counts as the same:
   * an mtime that differs is then all that is told of a file rewritten at the same size.
   */
  sameContent?: SameContent;
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
  const trie = yield* PathTrie.inSteps(upTo);
  const stack = new Stack(trie);
  for (let i = 0; i < layer; i++) yield* stack.pushInSteps(upTo[i]!);
  const touched: number[] = [];
  const beforeLayer = new Int32Array(trie.parent.length);
  const beforeRow = new Int32Array(trie.parent.length);
  const remember = (node: number, layerBefore: number, rowBefore: number): void => {
    touched.push(node);
    beforeLayer[node] = layerBefore;
    beforeRow[node] = rowBefore;
  };
  yield* stack.pushInSteps(upTo[layer]!, {
    write: (node, _, layerBefore, rowBefore) => remember(node, layerBefore, rowBefore),
    remove: remember,
  });
  return yield* collect(
    touched,
    trie,
    { stack, layer: beforeLayer, row: beforeRow },
    stateOf(stack),
    options,
  );
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
  const trie = yield* PathTrie.inSteps([...a, ...b]);
  let shared = 0;
  const common = new Stack(trie);
  while (shared < a.length && a[shared] === b[shared]) yield* common.pushInSteps(a[shared++]!);
  const from = common.clone();
  for (const index of a.slice(shared)) yield* from.pushInSteps(index);
  const to = common;
  for (const index of b.slice(shared)) yield* to.pushInSteps(index);
  const nodes: number[] = [];
  for (let node = 1; node < trie.count; node++) {
    if (node % rowsOfStep === 0) yield;
    const layerA = from.layer[node]!;
    const layerB = to.layer[node]!;
    if (layerA < 0 && layerB < 0) continue;
    const same = layerA >= 0 && from.layers[layerA] === to.layers[layerB] && from.row[node] === to.row[node];
    if (!same) nodes.push(node);
  }
  return yield* collect(nodes, trie, stateOf(from), stateOf(to), options);
}

/** What stands at each node on one side; `layer` is negative where nothing does. */
interface State {
  stack: Stack;
  layer: Int32Array;
  row: Int32Array;
}

function stateOf(stack: Stack): State {
  return { stack, layer: stack.layer, row: stack.row };
}

/** @param nodes those that may have changed, each once */
function* collect(
  nodes: readonly number[],
  trie: PathTrie,
  from: State,
  to: State,
  { sameContent }: DiffOptions,
): Generator<void, LayerDiff> {
  const maskOf = (node: number): number => {
    const layerA = from.layer[node]!;
    const layerB = to.layer[node]!;
    if (layerA < 0 || layerB < 0) return -1;
    return differences(from.stack, layerA, from.row[node]!, to.stack, layerB, to.row[node]!, sameContent);
  };
  // Who tells contents is asked once a pair, in order; without, only what differs need be put in order.
  const masks = new Int16Array(sameContent ? 0 : trie.count);
  const differing: number[] = [];
  if (!sameContent) {
    yield* inRanges(nodes.length, (from, to) => {
      for (let i = from; i < to; i++) {
        const node = nodes[i]!;
        masks[node] = maskOf(node);
        if (masks[node] !== 0) differing.push(node);
      }
    });
  }
  const ordered = yield* inTreeOrder(trie, sameContent ? nodes : differing);
  const mask = new Uint8Array(ordered.length);
  let count = 0;
  for (let i = 0; i < ordered.length; i++) {
    if (i % rowsOfStep === 0) yield;
    const node = ordered[i]!;
    const bits = sameContent ? maskOf(node) : masks[node]!;
    if (bits === 0) continue;
    mask[count] = Math.max(0, bits);
    ordered[count++] = node;
  }
  const node = count === ordered.length ? ordered : ordered.slice(0, count);
  yield;
  const before = sideOf(from, node);
  yield;
  const rows = new ChangeRows(trie, node, mask, before, sideOf(to, node));
  yield;
  return new ColumnDiff(rows);
}

function sideOf({ stack, layer, row }: State, node: Int32Array): ChangeSide {
  const side = {
    layers: stack.layers.slice(),
    layer: new Int32Array(node.length),
    row: new Int32Array(node.length),
  };
  for (let i = 0; i < node.length; i++) {
    side.layer[i] = layer[node[i]!]!;
    side.row[i] = row[node[i]!]!;
  }
  return side;
}

/** A diff whose changes are columns; getters, so that it is spread and compared by its sums. */
class ColumnDiff implements LayerDiff {
  readonly added: number;
  readonly modified: number;
  readonly removed: number;
  readonly bytesAdded: number;
  readonly bytesModified: number;
  readonly bytesRemoved: number;
  readonly #rows: ChangeRows;

  constructor(rows: ChangeRows) {
    const counts = [0, 0, 0];
    const bytes = [0, 0, 0];
    for (let i = 0; i < rows.count; i++) {
      counts[rows.kind[i]!]!++;
      bytes[rows.kind[i]!]! += rows.bytes[i]!;
    }
    [this.added, this.modified, this.removed] = counts as [number, number, number];
    [this.bytesAdded, this.bytesModified, this.bytesRemoved] = bytes as [number, number, number];
    this.#rows = rows;
  }

  get rows(): ChangeRows {
    return this.#rows;
  }

  get changes(): Change[] {
    return Array.from({ length: this.#rows.count }, (_, at) => at).map(this.#rows.reader(true));
  }
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
