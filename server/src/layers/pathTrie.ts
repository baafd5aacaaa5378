// All paths of some layers as one tree of numbered nodes, so that states of any layers are arrays over the same nodes.
// Node 0 is the root and a parent's number is smaller than its children's. It knows paths, not what is at them.
import { hashPair } from './hashPair';
import type { LayerIndex } from './model';
import { compareNames, manyNamesReader, NameInterner, nameReader } from './nameTable';
import { atOnce, inRanges } from './steps';

const slash = 0x2f;
/** How many that come next are tried before one is looked up: as many files may be gone from a layer built anew. */
const guesses = 8;

export class PathTrie {
  /** Nodes, the root included. */
  count = 1;
  readonly parent: Int32Array;
  readonly firstChild: Int32Array;
  readonly nextSibling: Int32Array;
  private readonly name: Uint32Array;
  private readonly names: NameInterner;
  /** Open addressing over nodes; 0 is a free slot, for the root is nobody's child. Null while nothing needs it. */
  private slots: Uint32Array | null = null;
  /** Steps that look-ups took without slots. */
  private walked = 0;
  private readonly placed = new Map<LayerIndex, Int32Array>();
  private readonly indexes: readonly LayerIndex[];

  /**
   * @param indexes given twice, one takes no more room
   * @param isFilled false: `inSteps` fills it
   */
  constructor(indexes: Iterable<LayerIndex>, isFilled = true) {
    this.indexes = [...new Set(indexes)];
    let rows = 0;
    for (const index of this.indexes) rows += index.count;
    this.parent = new Int32Array(rows + 1);
    this.firstChild = new Int32Array(rows + 1);
    this.nextSibling = new Int32Array(rows + 1);
    this.name = new Uint32Array(rows + 1);
    this.names = new NameInterner(this.indexes[0]?.names);
    this.parent[0] = -1;
    if (isFilled) atOnce(this.fill());
  }

  /** Makes one in steps: of a million rows it takes half a second. */
  static *inSteps(indexes: Iterable<LayerIndex>): Generator<void, PathTrie> {
    const trie = new PathTrie(indexes, false);
    yield* trie.fill();
    return trie;
  }

  private *fill(): Generator<void> {
    for (const index of this.indexes) {
      const nodes = new Int32Array(index.count);
      this.placed.set(index, nodes);
      if (index === this.indexes[0])
        yield* inRanges(nodes.length, (from, to) => this.placeFirst(index, nodes, from, to));
      else yield* this.place(index, nodes);
    }
    // They would be a third of the trie's memory, and few look-ups come later.
    this.slots = null;
    this.names.rest();
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
      node = this.childNamed(node, bytes, at, partEnd);
      at = partEnd + 1;
    }
    return node;
  }

  /**
   * Gives the paths of nodes; it remembers directories, so ask in order of the tree.
   * @param many whether so many are asked for that a pass over all names pays
   */
  pathReader(many = true): (node: number) => string {
    const table = this.names.table();
    const name = many ? manyNamesReader(table) : nameReader(table);
    const directories = new Map<number, string>([[0, '']]);
    let last = 0;
    let lastPath = '';
    const directoryPath = (node: number): string => {
      const known = directories.get(node);
      if (known !== undefined) return known;
      const path = `${directoryPath(this.parent[node]!)}${name(this.name[node]!)}/`;
      directories.set(node, path);
      return path;
    };
    return (node) => {
      if (node === 0) return '';
      const parent = this.parent[node]!;
      if (parent !== last) {
        lastPath = directoryPath(parent);
        last = parent;
      }
      return lastPath + name(this.name[node]!);
    };
  }

  /** Gives the last parts of nodes' paths. */
  nameReader(): (node: number) => string {
    const name = nameReader(this.names.table());
    return (node) => name(this.name[node]!);
  }

  /** Tells of a node whether its name passes; each distinct name is tested once. */
  nameTester(test: (name: string) => boolean): (node: number) => boolean {
    const table = this.names.table();
    const name = manyNamesReader(table);
    // By name: 0 for not tested yet.
    const known = new Uint8Array(table.ends.length);
    return (node) => {
      const id = this.name[node]!;
      if (known[id] === 0) known[id] = test(name(id)) ? 2 : 1;
      return known[id] === 2;
    };
  }

  /** Compares siblings by name, in byte order. */
  compareSiblings(): (a: number, b: number) => number {
    const table = this.names.table();
    return (a, b) => compareNames(table, this.name[a]!, this.name[b]!);
  }

  /** Rows of one index are distinct paths and its names distinct texts, so that the first needs no look-ups. */
  private placeFirst({ parent, name }: LayerIndex, nodes: Int32Array, from: number, to: number): void {
    for (let row = from; row < to; row++) {
      const up = parent[row]!;
      const id = name[row]!;
      if (id !== 0) nodes[row] = this.add(up < 0 ? 0 : nodes[up]!, id);
    }
  }

  private *place(index: LayerIndex, nodes: Int32Array): Generator<void> {
    const names = yield* this.internAll(index);
    const { parent, name } = index;
    // Layers that hold the same files hold them in the same order, so that the next node is nearly always right.
    let next = 1;
    yield* inRanges(nodes.length, (from, to) => {
      for (let row = from; row < to; row++) {
        const id = names[name[row]!]!;
        if (id === 0) continue;
        const up = parent[row]!;
        const above = up < 0 ? 0 : nodes[up]!;
        const end = Math.min(next + guesses, this.count);
        let node = next;
        while (node < end && (this.name[node] !== id || this.parent[node] !== above)) node++;
        const last = this.count;
        if (node >= end) node = this.child(above, id);
        nodes[row] = node;
        if (node < last) next = node + 1;
      }
    });
  }

  private *internAll(index: LayerIndex): Generator<void, Uint32Array> {
    const { bytes, ends } = index.names;
    const ids = new Uint32Array(ends.length);
    // Targets of links are in the table too, but only the names of rows are parts of paths.
    const isPart = new Uint8Array(ends.length);
    for (let row = 0; row < index.count; row++) isPart[index.name[row]!] = 1;
    let next = 1;
    yield* inRanges(ends.length, (from, to) => {
      for (let id = from; id < to; id++) {
        if (isPart[id] === 0 || id === 0) continue;
        const start = ends[id - 1]!;
        const end = ends[id]!;
        let found = next;
        while (found < next + guesses && !this.names.is(found, bytes, start, end)) found++;
        if (found === next + guesses) found = this.names.intern(bytes, start, end);
        ids[id] = found;
        next = found + 1;
      }
    });
    return ids;
  }

  private add(parent: number, name: number): number {
    const node = this.count++;
    this.parent[node] = parent;
    this.name[node] = name;
    this.nextSibling[node] = this.firstChild[parent]!;
    this.firstChild[parent] = node;
    return node;
  }

  private child(parent: number, name: number): number {
    // All rows may yet become nodes.
    this.slots ??= this.hashed(this.parent.length);
    const { slots } = this;
    const slot = this.slotOf(slots, parent, name);
    if (slots[slot] === 0) slots[slot] = this.add(parent, name);
    return slots[slot]!;
  }

  /** Where a child is, or would be. */
  private slotOf(slots: Uint32Array, parent: number, name: number): number {
    const mask = slots.length - 1;
    let slot = hashPair(parent, name) & mask;
    for (let node = slots[slot]!; node !== 0; node = slots[slot]!) {
      if (this.name[node] === name && this.parent[node] === parent) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private hashed(nodes: number): Uint32Array {
    const slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * nodes)));
    for (let node = 1; node < this.count; node++) {
      slots[this.slotOf(slots, this.parent[node]!, this.name[node]!)] = node;
    }
    return slots;
  }

  /** A few look-ups go along the siblings; many, or long ways, are worth the slots. */
  private childNamed(parent: number, bytes: Uint8Array, start: number, end: number): number {
    if (this.slots === null && this.walked < this.count) {
      for (let child = this.firstChild[parent]!; child !== 0; child = this.nextSibling[child]!) {
        this.walked++;
        if (this.names.is(this.name[child]!, bytes, start, end)) return child;
      }
      return -1;
    }
    this.slots ??= this.hashed(this.count);
    const id = this.names.find(bytes, start, end);
    const node = id > 0 ? this.slots[this.slotOf(this.slots, parent, id)]! : 0;
    return node === 0 ? -1 : node;
  }
}
