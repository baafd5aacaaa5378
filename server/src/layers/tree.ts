// The files of a layer as a tree with directory totals: `upper` is what the layer itself holds and deletes, `merged`
// what a container sees after it. Computed once, then asked a directory at a time.
import { compareSides } from './diff';
import { entryReader } from './entry';
import type { EntryFilter } from './entryFilter';
import type { ChangeKind, Entry, LayerIndex } from './model';
import { otherWords, pathMatches } from './pathMatches';
import { PathTrie } from './pathTrie';
import { Stack } from './stack';
import { atOnce, rowsOfStep } from './steps';

export type TreeView = 'upper' | 'merged';
export type TreeSort = 'size' | 'name';

export interface TreeEntry extends Entry {
  /** Bytes of the files at and below it; in the upper view, of those that the layer holds. Deleted ones count 0. */
  totalBytes: number;
  /** Entries directly below it. */
  children: number;
  /** Against what lies below the layer. `unchanged` has no known difference, though the upper view may hold it again. */
  change: ChangeKind | 'unchanged';
}

export interface TreePage {
  entries: TreeEntry[];
  /** Of all children, whatever the page. */
  total: number;
}

export interface PageOptions {
  /** Default `size`: largest first, then by name. */
  sort?: TreeSort;
  offset?: number;
  limit?: number;
}

/**
 * @param indexes the layers from the oldest up to `layer` at least
 */
export function openTree(indexes: readonly LayerIndex[], layer: number, view: TreeView): LayerTree {
  return atOnce(openTreeInSteps(indexes, layer, view));
}

/** The same in steps: of a million files it takes half a second. */
export function* openTreeInSteps(
  indexes: readonly LayerIndex[],
  layer: number,
  view: TreeView,
): Generator<void, LayerTree> {
  const trie = yield* PathTrie.inSteps(indexes.slice(0, layer + 1));
  const stack = new Stack(trie);
  for (let i = 0; i < layer; i++) yield* stack.pushInSteps(indexes[i]!);
  const tree = new LayerTree(trie, stack, layer, view);
  yield* tree.fill(indexes[layer]!);
  return tree;
}

/** Positions of `LayerTree.changes`. */
const changeNames: readonly TreeEntry['change'][] = ['unchanged', 'added', 'modified', 'removed'];

/** Marks of `filtered`: a directory on the way to something, and what passes itself. */
const leads = 1;
const passes = 2;

export class LayerTree {
  private readonly layer: number;
  private readonly view: TreeView;
  private readonly trie: PathTrie;
  private readonly stack: Stack;
  /** By node: is in this view; what changed; where the entry is, removed ones as they were. */
  private readonly shown: Uint8Array;
  private readonly changes: Uint8Array;
  private readonly layerOf: Int32Array;
  private readonly rowOf: Int32Array;
  private readonly totals: Float64Array;
  private readonly childCounts: Uint32Array;
  private readonly readers = new Map<number, (row: number, path: string) => Entry>();

  /** @param stack what lies below the layer; `fill` adds the layer */
  constructor(trie: PathTrie, stack: Stack, layer: number, view: TreeView) {
    this.layer = layer;
    this.view = view;
    this.trie = trie;
    this.stack = stack;
    const nodes = trie.parent.length;
    this.shown = new Uint8Array(nodes);
    this.changes = new Uint8Array(nodes);
    this.totals = new Float64Array(nodes);
    this.childCounts = new Uint32Array(nodes);
    this.layerOf = stack.layer;
    this.rowOf = stack.row;
  }

  /** Once, before anything is asked. */
  *fill(index: LayerIndex): Generator<void> {
    yield* this.pushTop(index, this.view);
    yield;
    this.addUp(this.layer, this.view);
  }

  /** Children of a directory ('' is the root); none for a path that is not there or is no directory. */
  children(
    path: string,
    { sort = 'size', offset = 0, limit = Number.POSITIVE_INFINITY }: PageOptions = {},
  ): TreePage {
    const { trie, totals } = this;
    const top = trie.find(path);
    if (top < 0 || this.shown[top] === 0) return { entries: [], total: 0 };
    const children: number[] = [];
    for (let child = trie.firstChild[top]!; child !== 0; child = trie.nextSibling[child]!) {
      if (this.shown[child] === 1) children.push(child);
    }
    const byName = trie.compareSiblings();
    children.sort(sort === 'name' ? byName : (a, b) => totals[b]! - totals[a]! || byName(a, b));
    const prefix = path === '' ? '' : `${path}/`;
    const nameOf = trie.nameReader();
    const page = children.slice(offset, offset + limit);
    return { entries: page.map((node) => this.entry(node, prefix + nameOf(node))), total: children.length };
  }

  /** One path; null when this view has none. The root has no entry of its own. */
  find(path: string): TreeEntry | null {
    const node = this.trie.find(path);
    return node > 0 && this.shown[node] === 1 ? this.entry(node, path) : null;
  }

  /** Bytes of all files in this view. */
  get totalBytes(): number {
    return this.totals[0]!;
  }

  /** Every path, parents before children. */
  *walk(path = '', sort: TreeSort = 'name', depth = Number.POSITIVE_INFINITY): Generator<TreeEntry> {
    if (depth <= 0) return;
    for (const entry of this.children(path, { sort }).entries) {
      yield entry;
      if (entry.children > 0) yield* this.walk(entry.path, sort, depth - 1);
    }
  }

  /** The same view with the files that pass and the directories above them, in steps. */
  *filtered({ words, takesFolders }: EntryFilter): Generator<void, LayerTree> {
    const { trie, totals } = this;
    const shown = new Uint8Array(this.shown.length);
    const paths = yield* pathMatches(trie, words);
    // What changed is no question about an entry.
    const passesOthers = otherWords(
      words,
      (node) => totals[node]!,
      () => [],
    );
    for (let node = 1; node < trie.count; node++) {
      if (node % rowsOfStep === 0) yield;
      if (this.shown[node] === 0) continue;
      const inside = shown[trie.parent[node]!] === passes;
      const isTested = (takesFolders || trie.firstChild[node] === 0) && paths?.[node] !== 0;
      if (inside || (isTested && passesOthers(node))) shown[node] = passes;
    }
    yield;
    for (let node = trie.count - 1; node > 0; node--)
      if (shown[node] !== 0) shown[trie.parent[node]!] ||= leads;
    for (let node = 1; node < shown.length; node++) if (shown[node] === passes) shown[node] = 1;
    shown[0] = 1;
    yield;
    const fresh = { totals: new Float64Array(shown.length), childCounts: new Uint32Array(shown.length) };
    const tree: LayerTree = Object.assign(Object.create(LayerTree.prototype), this, { shown, ...fresh });
    tree.addUp(this.layer, this.view);
    return tree;
  }

  private *pushTop(index: LayerIndex, view: TreeView): Generator<void> {
    const { stack, shown, changes } = this;
    const layer = stack.layers.length;
    const gone: { node: number; layer: number }[] = [];
    const replaced: { node: number; layer: number; row: number }[] = [];
    yield* stack.pushInSteps(index, {
      write: (node, _, beforeLayer, beforeRow) => {
        shown[node] = 1;
        if (beforeLayer < 0) changes[node] = 1;
        else replaced.push({ node, layer: beforeLayer, row: beforeRow });
      },
      remove: (node, beforeLayer) => {
        if (view === 'upper') gone.push({ node, layer: beforeLayer });
      },
    });
    // Hard links are resolved by now, so that contents can be compared.
    for (const { node, ...before } of replaced) {
      const after = { layer, row: stack.row[node]! };
      if (compareSides(stack, before, stack, after) !== 0) changes[node] = 2;
    }
    // A removed entry is shown as it was.
    for (const { node, layer: beforeLayer } of gone) {
      shown[node] = 1;
      changes[node] = 3;
      stack.layer[node] = beforeLayer;
    }
    yield;
    // A directory that the tar repeats or implies is on the way to what it holds.
    const nodes = this.trie.nodesOf(index);
    for (let row = 0; row < index.count; row++) if (stack.layer[nodes[row]!]! >= 0) shown[nodes[row]!] = 1;
    if (view === 'merged') {
      for (let node = 1; node < this.trie.count; node++) shown[node] = stack.isVisible(node) ? 1 : 0;
    }
    shown[0] = 1;
  }

  private addUp(layer: number, view: TreeView): void {
    const { trie, shown, totals, childCounts, changes } = this;
    for (let node = trie.count - 1; node > 0; node--) {
      if (shown[node] === 0) continue;
      const from = this.layerOf[node]!;
      if (changes[node] !== 3 && (view === 'merged' || from === layer)) {
        // 0 for anything but a file.
        totals[node]! += this.stack.layers[from]!.size[this.rowOf[node]!]!;
      }
      const parent = trie.parent[node]!;
      totals[parent]! += totals[node]!;
      childCounts[parent]!++;
    }
  }

  private entry(node: number, path: string): TreeEntry {
    const layer = this.layerOf[node]!;
    let reader = this.readers.get(layer);
    if (!reader) {
      reader = entryReader(this.stack.layers[layer]!, layer);
      this.readers.set(layer, reader);
    }
    return {
      ...reader(this.rowOf[node]!, path),
      totalBytes: this.totals[node]!,
      children: this.childCounts[node]!,
      change: changeNames[this.changes[node]!]!,
    };
  }
}
