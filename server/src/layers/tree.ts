// The files of a layer as a tree with directory totals, in one of the views of treeState.ts. Computed once, then asked a
// directory at a time. Totals are columns over the directories; entries are made objects a page at a time.
import { entryReader } from './entry';
import type { EntryFilter } from './entryFilter';
import type { ChangeKind, Entry, LayerIndex } from './model';
import { otherWords, pathMatches } from './pathMatches';
import type { PathTrie } from './pathTrie';
import { sizeOrder } from './sizeOrder';
import { sortNodes } from './sortedNodes';
import { atOnce, inRanges } from './steps';
import { type TreeState, type TreeView, treeChanges, treeStateOf } from './treeState';

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

/** The same in steps: of a million files it takes a third of a second. @param trie of these layers at least, where one is at hand */
export function* openTreeInSteps(
  indexes: readonly LayerIndex[],
  layer: number,
  view: TreeView,
  trie?: PathTrie,
): Generator<void, LayerTree> {
  return yield* LayerTree.inSteps(yield* treeStateOf(indexes, layer, view, trie));
}

const changeNames = Object.keys(treeChanges) as TreeEntry['change'][];

/** Marks of `filtered`: a directory on the way to something, and what passes itself. */
const leads = 1;
const passes = 2;

export class LayerTree {
  private readonly state: TreeState;
  /** By directory, as `state.ranks` numbers them. */
  private readonly totals: Float64Array;
  private readonly childCounts: Uint32Array;
  private readonly readers = new Map<number, (row: number, path: string) => Entry>();
  /** The children that were asked for last, in order: a person pages through them. */
  private last: { key: string; nodes: Int32Array } | null = null;

  private constructor(state: TreeState) {
    this.state = state;
    this.totals = new Float64Array(state.ranks.count);
    this.childCounts = new Uint32Array(state.ranks.count);
  }

  static *inSteps(state: TreeState): Generator<void, LayerTree> {
    const tree = new LayerTree(state);
    yield* tree.addUp();
    return tree;
  }

  /** Children of a directory ('' is the root); none for a path that is not there or is no directory. */
  children(path: string, options: PageOptions = {}): TreePage {
    return atOnce(this.childrenInSteps(path, options));
  }

  /** The same in steps: one directory may hold a million. */
  *childrenInSteps(
    path: string,
    { sort = 'size', offset = 0, limit = Number.POSITIVE_INFINITY }: PageOptions = {},
  ): Generator<void, TreePage> {
    const { trie, shown } = this.state;
    const top = trie.find(path);
    if (top < 0 || shown[top] === 0) return { entries: [], total: 0 };
    const key = `${sort} ${path}`;
    const nodes = this.last?.key === key ? this.last.nodes : yield* this.sorted(top, sort);
    this.last = { key, nodes };
    const prefix = path === '' ? '' : `${path}/`;
    const nameOf = trie.nameReader();
    const page = nodes.subarray(offset, Math.min(nodes.length, offset + limit));
    return {
      entries: Array.from(page, (node) => this.entry(node, prefix + nameOf(node))),
      total: nodes.length,
    };
  }

  /** One path; null when this view has none. The root has no entry of its own. */
  find(path: string): TreeEntry | null {
    const node = this.state.trie.find(path);
    return node > 0 && this.state.shown[node] === 1 ? this.entry(node, path) : null;
  }

  /** Bytes of all files in this view. */
  get totalBytes(): number {
    return this.totals[0] ?? 0;
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
    const { trie } = this.state;
    const shown = new Uint8Array(trie.count);
    const paths = yield* pathMatches(trie, words);
    // What changed is no question about an entry.
    const passesOthers = otherWords(
      words,
      (node) => this.totalOf(node),
      () => [],
    );
    yield* inRanges(trie.count, (from, to) => {
      for (let node = Math.max(1, from); node < to; node++) {
        if (this.state.shown[node] === 0) continue;
        const inside = shown[trie.parent[node]!] === passes;
        const isTested = (takesFolders || trie.firstChild[node] === 0) && paths?.[node] !== 0;
        if (inside || (isTested && passesOthers(node))) shown[node] = passes;
      }
    });
    yield* inRanges(trie.count, (from, to) => {
      for (let node = trie.count - 1 - from; node >= trie.count - to; node--) {
        if (node > 0 && shown[node] !== 0) shown[trie.parent[node]!] ||= leads;
      }
    });
    yield* inRanges(trie.count, (from, to) => {
      for (let node = from; node < to; node++) if (shown[node] === passes) shown[node] = 1;
    });
    shown[0] = 1;
    return yield* LayerTree.inSteps({ ...this.state, shown });
  }

  private *addUp(): Generator<void> {
    const { totals, childCounts } = this;
    const { trie, shown, ranks } = this.state;
    const { count, parent, firstChild } = trie;
    // From the last node on, so that a directory comes behind all that is in it.
    let rank = ranks.count;
    let above = 0;
    let rankAbove = 0;
    yield* inRanges(count, (from, to) => {
      for (let node = count - 1 - from; node >= count - to; node--) {
        const isInner = firstChild[node] !== 0;
        if (isInner) rank--;
        if (shown[node] === 0 || node === 0) continue;
        let bytes = this.ownBytes(node);
        if (isInner) {
          bytes += totals[rank]!;
          totals[rank] = bytes;
        }
        if (parent[node] !== above) {
          above = parent[node]!;
          rankAbove = ranks.of(above);
        }
        totals[rankAbove]! += bytes;
        childCounts[rankAbove]!++;
      }
    });
  }

  /** 0 for anything but a file, and for what does not count in this view. */
  private ownBytes(node: number): number {
    const { changes, view, layer, layers, layerOf, rowOf } = this.state;
    const from = layerOf[node]!;
    const counts = changes[node] !== treeChanges.removed && (view === 'merged' || from === layer);
    return counts ? layers[from]!.size[rowOf[node]!]! : 0;
  }

  private totalOf(node: number): number {
    const rank = this.state.ranks.of(node);
    return rank < 0 ? this.ownBytes(node) : this.totals[rank]!;
  }

  private *sorted(top: number, sort: TreeSort): Generator<void, Int32Array> {
    const { trie, shown, ranks } = this.state;
    const nodes = new Int32Array(this.childCounts[ranks.of(top)] ?? 0);
    let count = 0;
    for (let child = trie.firstChild[top]!; child !== 0; child = trie.nextSibling[child]!) {
      if (shown[child] === 1) nodes[count++] = child;
    }
    const named = yield* sortNodes(nodes, trie.compareSiblings());
    if (sort === 'name') return named;
    const bytes = new Float64Array(count);
    for (let i = 0; i < count; i++) bytes[i] = this.totalOf(named[i]!);
    const order = yield* sizeOrder(bytes);
    return Int32Array.from(order, (at) => named[at]!);
  }

  private entry(node: number, path: string): TreeEntry {
    const { layers, layerOf, rowOf, ranks, changes } = this.state;
    const layer = layerOf[node]!;
    let reader = this.readers.get(layer);
    if (!reader) {
      reader = entryReader(layers[layer]!, layer);
      this.readers.set(layer, reader);
    }
    return {
      ...reader(rowOf[node]!, path),
      totalBytes: this.totalOf(node),
      children: this.childCounts[ranks.of(node)] ?? 0,
      change: changeNames[changes[node]!]!,
    };
  }
}
