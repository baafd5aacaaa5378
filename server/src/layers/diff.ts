// What changed between two states: a layer against what lies below it, or two stacks of layers. Path by path, so that
// a whiteout of a directory removes all it held. Waste is waste.ts, the tree with unchanged paths tree.ts.
import { changedParts, compareRows, type SameContent } from './compareRows';
import { entryReader } from './entry';
import type { Change, Entry, LayerDiff, LayerIndex } from './model';
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

/** What stands at a node on one side; `layer` is negative when nothing does. */
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
  const before = (node: number): Side => ({ layer: beforeLayer[node]!, row: beforeRow[node]! });
  const after = (node: number): Side => ({ layer: stack.layer[node]!, row: stack.row[node]! });
  return collect(inTreeOrder(trie, touched), trie, { stack, at: before }, { stack, at: after }, options);
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
  const side = (stack: Stack): StateSide => ({
    stack,
    at: (node) => ({ layer: stack.layer[node]!, row: stack.row[node]! }),
  });
  return collect(inTreeOrder(trie, nodes), trie, side(from), side(to), options);
}

interface StateSide {
  stack: Stack;
  at(node: number): Side;
}

function collect(
  nodes: readonly number[],
  trie: PathTrie,
  from: StateSide,
  to: StateSide,
  { sameContent }: DiffOptions,
): LayerDiff {
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
  for (const node of nodes) {
    const a = from.at(node);
    const b = to.at(node);
    const mask = a.layer < 0 || b.layer < 0 ? -1 : compareSides(from.stack, a, to.stack, b, sameContent);
    if (mask === 0) continue;
    const path = pathOf(node);
    const before = a.layer < 0 ? null : entryFrom(a, path);
    const after = b.layer < 0 ? null : entryTo(b, path);
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
  const contentA = fromStack.inode(a.layer, a.row);
  const contentB = toStack.inode(b.layer, b.row);
  return compareRows(
    { index: fromStack.layers[a.layer]!, row: a.row },
    { index: toStack.layers[b.layer]!, row: b.row },
    {
      before: contentA && { index: fromStack.layers[contentA.layer]!, row: contentA.row },
      after: contentB && { index: toStack.layers[contentB.layer]!, row: contentB.row },
    },
    sameContent,
  );
}

function readers(stack: Stack): (side: Side, path: string) => Entry {
  const byLayer = new Map<number, (row: number, path: string) => Entry>();
  return ({ layer, row }, path) => {
    let reader = byLayer.get(layer);
    if (!reader) {
      reader = entryReader(stack.layers[layer]!, layer);
      byLayer.set(layer, reader);
    }
    return reader(row, path);
  };
}
