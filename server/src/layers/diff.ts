// What changed between two states: a layer against what lies below it, or two stacks of layers. Path by path, so that
// a whiteout of a directory removes all it held. Waste is waste.ts, the tree with unchanged paths tree.ts.
import { changedParts, compareRows, contentBit, contentDiffers, type SameContent } from './compareRows';
import { entryReader } from './entry';
import { type Change, type Entry, type LayerDiff, type LayerIndex, rowTypes } from './model';
import { PathTrie } from './pathTrie';
import { Stack } from './stack';
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
  const upTo = indexes.slice(0, layer + 1);
  const trie = new PathTrie(upTo);
  const stack = new Stack(trie);
  for (let i = 0; i < layer; i++) stack.push(upTo[i]!);
  const touched: number[] = [];
  const beforeLayer = new Int32Array(trie.parent.length);
  const beforeRow = new Int32Array(trie.parent.length);
  const remember = (node: number, layerBefore: number, rowBefore: number): void => {
    touched.push(node);
    beforeLayer[node] = layerBefore;
    beforeRow[node] = rowBefore;
  };
  stack.push(upTo[layer]!, {
    write: (node, _, layerBefore, rowBefore) => remember(node, layerBefore, rowBefore),
    remove: remember,
  });
  return collect(touched, trie, { stack, layer: beforeLayer, row: beforeRow }, stateOf(stack), options);
}

/** Changes from one state to another, each given by its layers, oldest first. */
export function diffStates(
  a: readonly LayerIndex[],
  b: readonly LayerIndex[],
  options: DiffOptions = {},
): LayerDiff {
  const trie = new PathTrie([...a, ...b]);
  let shared = 0;
  const common = new Stack(trie);
  while (shared < a.length && a[shared] === b[shared]) common.push(a[shared++]!);
  const from = common.clone();
  for (const index of a.slice(shared)) from.push(index);
  const to = common;
  for (const index of b.slice(shared)) to.push(index);
  const nodes: number[] = [];
  for (let node = 1; node < trie.count; node++) {
    const layerA = from.layer[node]!;
    const layerB = to.layer[node]!;
    if (layerA < 0 && layerB < 0) continue;
    const same = layerA >= 0 && from.layers[layerA] === to.layers[layerB] && from.row[node] === to.row[node];
    if (!same) nodes.push(node);
  }
  return collect(nodes, trie, stateOf(from), stateOf(to), options);
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
function collect(
  nodes: readonly number[],
  trie: PathTrie,
  from: State,
  to: State,
  { sameContent }: DiffOptions,
): LayerDiff {
  const maskOf = (node: number): number => {
    const layerA = from.layer[node]!;
    const layerB = to.layer[node]!;
    if (layerA < 0 || layerB < 0) return -1;
    return differences(from.stack, layerA, from.row[node]!, to.stack, layerB, to.row[node]!, sameContent);
  };
  // Who tells contents is asked once a pair, in order; without, only what differs need be put in order.
  const masks = new Int16Array(sameContent ? 0 : trie.count);
  const differs = (node: number): boolean => {
    masks[node] = maskOf(node);
    return masks[node] !== 0;
  };
  const ordered = inTreeOrder(trie, sameContent ? nodes : nodes.filter(differs));
  const pathOf = trie.pathReader();
  const entryFrom = readers(from.stack);
  const entryTo = readers(to.stack);
  const diff: LayerDiff = {
    changes: [],
    added: 0,
    modified: 0,
    removed: 0,
    bytesAdded: 0,
    bytesModified: 0,
    bytesRemoved: 0,
  };
  for (let i = 0; i < ordered.length; i++) {
    const node = ordered[i]!;
    const mask = sameContent ? maskOf(node) : masks[node]!;
    if (mask === 0) continue;
    const path = pathOf(node);
    const layerA = from.layer[node]!;
    const layerB = to.layer[node]!;
    const before = layerA < 0 ? null : entryFrom[layerA]!(from.row[node]!, path);
    const after = layerB < 0 ? null : entryTo[layerB]!(to.row[node]!, path);
    addChange(diff, path, before, after, mask);
  }
  return diff;
}

function addChange(
  diff: LayerDiff,
  path: string,
  before: Entry | null,
  after: Entry | null,
  mask: number,
): void {
  const change: Change['change'] = before === null ? 'added' : after === null ? 'removed' : 'modified';
  diff.changes.push({ path, change, before, after, what: change === 'modified' ? changedParts(mask) : [] });
  diff[change]++;
  if (change === 'added') diff.bytesAdded += after!.bytes;
  else if (change === 'removed') diff.bytesRemoved += before!.bytes;
  else diff.bytesModified += after!.bytes;
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

function readers(stack: Stack): ((row: number, path: string) => Entry)[] {
  return stack.layers.map((index, layer) => entryReader(index, layer));
}
