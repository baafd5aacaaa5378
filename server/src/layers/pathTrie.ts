// All paths of some layers as one tree of numbered nodes, so that states of any layers are arrays over the same nodes.
// Node 0 is the root and a parent's number is smaller than its children's. It knows paths, not what is at them.
import { hashPair } from './hashPair';
import type { LayerIndex } from './model';
import { compareNames, NameInterner, nameReader } from './nameTable';

const slash = 0x2f;

export class PathTrie {
  /** Nodes, the root included. */
  count = 1;
  readonly parent: Int32Array;
  readonly firstChild: Int32Array;
  readonly nextSibling: Int32Array;
  private readonly name: Uint32Array;
  private readonly names = new NameInterner();
  /** Open addressing over nodes; 0 is a free slot, for the root is nobody's child. */
  private readonly slots: Uint32Array;
  private readonly placed = new Map<LayerIndex, Int32Array>();

  /** @param indexes given twice, one takes no more room */
  constructor(indexes: Iterable<LayerIndex>) {
    const distinct = new Set(indexes);
    let rows = 0;
    for (const index of distinct) rows += index.count;
    this.parent = new Int32Array(rows + 1);
    this.firstChild = new Int32Array(rows + 1);
    this.nextSibling = new Int32Array(rows + 1);
    this.name = new Uint32Array(rows + 1);
    this.slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * rows + 2)));
    this.parent[0] = -1;
    for (const index of distinct) this.placed.set(index, this.place(index));
  }

  /** Node of each row of an index that was given to the constructor. */
  nodesOf(index: LayerIndex): Int32Array {
    const nodes = this.placed.get(index);
    if (!nodes) throw new Error('This layer is not in the trie.');
    return nodes;
  }

  /** Node of a path; -1 when there is none. The empty path is the root. */
  find(path: string): number {
    const bytes = Buffer.from(path, 'utf8');
    return bytes.length === 0 ? 0 : this.findBytes(bytes, 0, bytes.length);
  }

  /** The same for a path given as UTF-8. */
  findBytes(bytes: Uint8Array, start: number, end: number): number {
    let node = 0;
    for (let at = start; at <= end && node >= 0; ) {
      let partEnd = at;
      while (partEnd < end && bytes[partEnd] !== slash) partEnd++;
      const id = this.names.find(bytes, at, partEnd);
      node = id > 0 ? this.lookup(node, id) : -1;
      at = partEnd + 1;
    }
    return node;
  }

  /** Gives the paths of nodes; it remembers directories, so ask in order of the tree. */
  pathReader(): (node: number) => string {
    const name = nameReader(this.names.table());
    const directories = new Map<number, string>([[0, '']]);
    const directoryPath = (node: number): string => {
      const known = directories.get(node);
      if (known !== undefined) return known;
      const path = `${directoryPath(this.parent[node]!)}${name(this.name[node]!)}/`;
      directories.set(node, path);
      return path;
    };
    return (node) => (node === 0 ? '' : directoryPath(this.parent[node]!) + name(this.name[node]!));
  }

  /** Gives the last parts of nodes' paths. */
  nameReader(): (node: number) => string {
    const name = nameReader(this.names.table());
    return (node) => name(this.name[node]!);
  }

  /** Compares siblings by name, in byte order. */
  compareSiblings(): (a: number, b: number) => number {
    const table = this.names.table();
    return (a, b) => compareNames(table, this.name[a]!, this.name[b]!);
  }

  private place(index: LayerIndex): Int32Array {
    const names = this.internAll(index);
    const nodes = new Int32Array(index.count);
    const { parent, name } = index;
    for (let row = 0; row < index.count; row++) {
      const up = parent[row]!;
      const id = names[name[row]!]!;
      nodes[row] = id === 0 ? 0 : this.child(up < 0 ? 0 : nodes[up]!, id);
    }
    return nodes;
  }

  private internAll(index: LayerIndex): Uint32Array {
    const { bytes, ends } = index.names;
    const ids = new Uint32Array(ends.length);
    // Targets of links are in the table too, but only the names of rows are parts of paths.
    const isPart = new Uint8Array(ends.length);
    for (let row = 0; row < index.count; row++) isPart[index.name[row]!] = 1;
    for (let id = 1; id < ends.length; id++) {
      if (isPart[id] === 1) ids[id] = this.names.intern(bytes, ends[id - 1]!, ends[id]!);
    }
    return ids;
  }

  private child(parent: number, name: number): number {
    const mask = this.slots.length - 1;
    let slot = hashPair(parent, name) & mask;
    for (let node = this.slots[slot]!; node !== 0; node = this.slots[slot]!) {
      if (this.name[node] === name && this.parent[node] === parent) return node;
      slot = (slot + 1) & mask;
    }
    const node = this.count++;
    this.slots[slot] = node;
    this.parent[node] = parent;
    this.name[node] = name;
    this.nextSibling[node] = this.firstChild[parent]!;
    this.firstChild[parent] = node;
    return node;
  }

  private lookup(parent: number, name: number): number {
    const mask = this.slots.length - 1;
    for (let slot = hashPair(parent, name) & mask; ; slot = (slot + 1) & mask) {
      const node = this.slots[slot]!;
      if (node === 0) return -1;
      if (this.name[node] === name && this.parent[node] === parent) return node;
    }
  }
}
