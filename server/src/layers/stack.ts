// The merged view of layers 0..n, one layer after the other: whiteouts, opaque directories, files that become
// directories and back (OCI image spec, layer.md; overlayfs). It says what each layer writes and removes; what that
// means for a person is diff.ts, for bytes waste.ts. A path below a symbolic link is not followed through the link.
import { isDirectoryType } from './entry';
import { type LayerIndex, rowTypes } from './model';
import type { PathTrie } from './pathTrie';
import { atOnce, inRanges } from './steps';

/** Told while a layer is pushed. `layer` and `row` of what was there before; -1 when nothing was. */
export interface StackObserver {
  /** A row of the new layer now stands at a node. */
  write?(node: number, row: number, beforeLayer: number, beforeRow: number): void;
  /** What stood at a node is gone. Told after all writes, so that what is deleted and made anew is a write alone. */
  remove?(node: number, beforeLayer: number, beforeRow: number): void;
  /** A whiteout deletes what no lower layer has. */
  needless?(node: number): void;
  /**
   * A row below a path that is a symbolic link in lower layers and that the new layer does not list itself. Here, as in
   * overlayfs, the path becomes a directory; an engine that unpacks onto the merged view follows the link instead.
   */
  belowLink?(node: number): void;
}

export interface Inode {
  layer: number;
  row: number;
}

export class Stack {
  readonly trie: PathTrie;
  /** Pushed so far, oldest first. */
  readonly layers: LayerIndex[] = [];
  /** By node: position in `layers` of what stands there; negative when nothing does. */
  readonly layer: Int32Array;
  /** By node: its row, where something stands. */
  readonly row: Int32Array;
  /** By layer, then row of a hard link: where its content is. Null for layers without hard links. */
  private readonly links: (Map<number, Inode> | null)[] = [];
  /** What the current push has hidden so far; -1 for what it has written anew since. */
  private readonly hiddenNodes: number[] = [];
  private readonly hiddenLayers: number[] = [];

  constructor(trie: PathTrie) {
    this.trie = trie;
    this.layer = new Int32Array(trie.count).fill(-1);
    this.row = new Int32Array(trie.count);
  }

  /** Another stack of the same state, to go on in another way. */
  clone(): Stack {
    const copy = new Stack(this.trie);
    copy.layer.set(this.layer);
    copy.row.set(this.row);
    copy.layers.push(...this.layers);
    copy.links.push(...this.links);
    return copy;
  }

  /** Applies a layer on top. */
  push(index: LayerIndex, observer: StackObserver = {}): void {
    atOnce(this.pushInSteps(index, observer));
  }

  /** The same in steps. Nothing may look at the stack between them. */
  *pushInSteps(index: LayerIndex, observer: StackObserver = {}): Generator<void> {
    const nodes = this.trie.nodesOf(index);
    const layer = this.layers.push(index) - 1;
    this.links.push(null);
    const overLinks: number[] = [];
    const apply = (row: number): void => {
      const node = nodes[row]!;
      const type = index.type[row]!;
      switch (type) {
        case rowTypes.whiteout:
          if (this.layer[node]! >= 0) this.hide(node);
          // Below an opaque directory it may be hidden already; only what never was is needless.
          else if (this.layer[node]! === -1) observer.needless?.(node);
          break;
        case rowTypes.implied:
          if (this.isDirectory(node)) break;
          if (this.isSymlink(node)) overLinks.push(row);
          this.write(node, layer, row, observer);
          break;
        case rowTypes.directory:
          this.write(node, layer, row, observer);
          break;
        default:
          // Whatever lower layers have below it, an opaque directory and everything but a directory hide.
          this.hideBelow(node);
          if (node !== 0) this.write(node, layer, row, observer);
      }
    };
    yield* inRanges(index.count, (from, to) => {
      for (let row = from; row < to; row++) apply(row);
    });
    this.settle(observer);
    if (overLinks.length > 0) tellBelowLinks(index, nodes, overLinks, observer);
    if (index.type.includes(rowTypes.hardlink)) yield* this.resolveLinks(layer, index, nodes);
  }

  isVisible(node: number): boolean {
    return this.layer[node]! >= 0;
  }

  isDirectory(node: number): boolean {
    const layer = this.layer[node]!;
    return layer >= 0 && isDirectoryType(this.layers[layer]!.type[this.row[node]!]!);
  }

  /** The file row that holds the content of a row: itself, or what a hard link leads to. Null when there is none. */
  inode(layer: number, row: number): Inode | null {
    const type = this.layers[layer]!.type[row];
    if (type === rowTypes.file) return { layer, row };
    return type === rowTypes.hardlink ? (this.links[layer]?.get(row) ?? null) : null;
  }

  private isSymlink(node: number): boolean {
    const layer = this.layer[node]!;
    return layer >= 0 && this.layers[layer]!.type[this.row[node]!] === rowTypes.symlink;
  }

  private write(node: number, layer: number, row: number, observer: StackObserver): void {
    let beforeLayer = this.layer[node]!;
    const beforeRow = this.row[node]!;
    if (beforeLayer < -1) {
      const hidden = -2 - beforeLayer;
      beforeLayer = this.hiddenLayers[hidden]!;
      this.hiddenNodes[hidden] = -1;
    }
    this.layer[node] = layer;
    this.row[node] = row;
    observer.write?.(node, row, beforeLayer, beforeLayer < 0 ? -1 : beforeRow);
  }

  private hide(node: number): void {
    this.hideOne(node);
    this.hideBelow(node);
  }

  /** Goes down through what is visible only: nothing visible lies below what is not. */
  private hideBelow(top: number): void {
    const { firstChild, nextSibling } = this.trie;
    if (firstChild[top] === 0) return;
    const waiting: number[] = [top];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      for (let child = firstChild[node]!; child !== 0; child = nextSibling[child]!) {
        if (this.layer[child]! < 0) continue;
        this.hideOne(child);
        if (firstChild[child] !== 0) waiting.push(child);
      }
    }
  }

  /** Until the push is over, a hidden node remembers where in `hiddenNodes` it is: -2, -3, … */
  private hideOne(node: number): void {
    this.hiddenLayers.push(this.layer[node]!);
    this.layer[node] = -1 - this.hiddenNodes.push(node);
  }

  private settle(observer: StackObserver): void {
    for (let i = 0; i < this.hiddenNodes.length; i++) {
      const node = this.hiddenNodes[i]!;
      if (node < 0) continue;
      this.layer[node] = -1;
      observer.remove?.(node, this.hiddenLayers[i]!, this.row[node]!);
    }
    this.hiddenNodes.length = 0;
    this.hiddenLayers.length = 0;
  }

  /** Hard links name a path of the merged view: a file of their own layer, or one that a lower layer has. */
  private *resolveLinks(layer: number, index: LayerIndex, nodes: Int32Array): Generator<void> {
    const links = new Map<number, Inode>();
    this.links[layer] = links;
    const { bytes, ends } = index.names;
    let count = 0;
    for (const type of index.type) if (type === rowTypes.hardlink) count++;
    const isWorthSlots = count > this.trie.count / linksOfSlots;
    if (isWorthSlots) yield* this.trie.forMany();
    for (let pass = 0; pass < maxLinkChain; pass++) {
      let waiting = 0;
      yield* inRanges(index.count, (from, to) => {
        for (let row = from; row < to; row++) {
          if (index.type[row] !== rowTypes.hardlink || links.has(row)) continue;
          const id = index.link[row]!;
          const target = id === 0 ? -1 : this.trie.findBytes(bytes, ends[id - 1]!, ends[id]!);
          if (target < 0 || target === nodes[row] || this.layer[target]! < 0) continue;
          const found = this.inode(this.layer[target]!, this.row[target]!);
          if (found) links.set(row, found);
          else waiting++;
        }
      });
      if (waiting === 0) break;
    }
    if (isWorthSlots) this.trie.rest();
  }
}

/** Parents come before children, so that one pass finds all that is below. */
function tellBelowLinks(
  index: LayerIndex,
  nodes: Int32Array,
  overLinks: readonly number[],
  observer: StackObserver,
): void {
  const isBelow = new Uint8Array(index.count);
  for (const row of overLinks) isBelow[row] = 1;
  for (let row = overLinks[0]!; row < index.count; row++) {
    const parent = index.parent[row]!;
    if (parent < 0 || isBelow[parent] === 0) continue;
    isBelow[row] = 1;
    if (index.type[row] !== rowTypes.implied) observer.belowLink?.(nodes[row]!);
  }
}

/** One link in so many nodes pays for a table of all nodes; fewer are looked for among their siblings. */
const linksOfSlots = 100;

/** Links to links that come later in the tar; two passes do for any tar that an engine can unpack. */
const maxLinkChain = 4;
