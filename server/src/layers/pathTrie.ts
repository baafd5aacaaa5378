// All paths of some layers as one tree of numbered nodes, so that states of any layers are arrays over the same nodes.
// Node 0 is the root and a parent's number is smaller than its children's. It knows paths, not what is at them.
import type { LayerIndex } from './model';
import { NodeSlots } from './nodeSlots';
import { PathNames } from './pathNames';
import { atOnce, inRanges, rowsOfStep } from './steps';

const slash = 0x2f;
/** How many that come next are tried before one is looked up: as many files may be gone from a layer built anew. */
const guesses = 8;
/** Arrays that are this much longer than what they hold are copied into shorter ones. */
const slack = 1.1;

export class PathTrie {
  /** Nodes, the root included. */
  count = 1;
  parent: Int32Array;
  firstChild: Int32Array;
  nextSibling: Int32Array;
  private name: Uint32Array;
  private readonly names: PathNames;
  /** Null while nothing needs it. */
  private slots: NodeSlots | null = null;
  /** Steps that look-ups took without slots. */
  private walked = 0;
  private readonly placed = new Map<LayerIndex, Int32Array>();
  /** Rows of the first become nodes without a look-up, and its names are not copied. */
  private readonly indexes: readonly LayerIndex[];

  /**
   * @param indexes given twice, one takes no more room; their order is that of the nodes
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
    this.names = new PathNames(this.indexes[0]?.names);
    this.parent[0] = -1;
    if (isFilled) atOnce(this.fill());
  }

  /** Makes one in steps, the largest layer first: of a million rows it takes a quarter of a second. */
  static *inSteps(indexes: Iterable<LayerIndex>): Generator<void, PathTrie> {
    const trie = new PathTrie(
      [...indexes].sort((a, b) => b.count - a.count),
      false,
    );
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
    this.rest();
    if (this.parent.length <= this.count * slack) return;
    for (const column of ['parent', 'firstChild', 'nextSibling'] as const)
      this[column] = this[column].slice(0, this.count);
    this.name = this.name.slice(0, this.count);
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
    const name = many ? this.names.manyReader() : this.names.reader();
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

  /** Gives nodes' own names. */
  nameReader(): (node: number) => string {
    const name = this.names.reader();
    return (node) => name(this.name[node]!);
  }

  /** Tells of a node whether its name passes; each distinct name is tested once. */
  nameTester(test: (name: string) => boolean): (node: number) => boolean {
    const name = this.names.manyReader();
    // By name: 0 for not tested yet.
    const known = new Uint8Array(this.names.count);
    return (node) => {
      const id = this.name[node]!;
      if (known[id] === 0) known[id] = test(name(id)) ? 2 : 1;
      return known[id] === 2;
    };
  }

  /** Compares siblings by name, in byte order. */
  compareSiblings(): (a: number, b: number) => number {
    const { names, name } = this;
    return (a, b) => names.compare(name[a]!, name[b]!);
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
    const names = yield* this.names.internAll(index);
    const { parent, name } = index;
    // Below a node that is new here, all are: rows of one index are distinct paths.
    const firstNew = this.count;
    // Layers that hold the same files hold them in the same order, so that the next node is nearly always right.
    let next = 1;
    let row = 0;
    const placeUntil = (end: number): void => {
      for (; row < end && !this.needsSlots; row++) {
        const id = names[name[row]!]!;
        if (id === 0) continue;
        const up = parent[row]!;
        const above = up < 0 ? 0 : nodes[up]!;
        const end = Math.min(next + guesses, this.count);
        let node = next;
        while (node < end && (this.name[node] !== id || this.parent[node] !== above)) node++;
        const last = this.count;
        if (node >= end)
          node = above >= firstNew && !this.slots ? this.add(above, id) : this.child(above, id);
        nodes[row] = node;
        if (node < last) next = node + 1;
      }
    };
    while (row < nodes.length) {
      // All rows may yet become nodes.
      if (this.needsSlots) yield* this.prepare(this.parent.length);
      placeUntil(Math.min(nodes.length, row + rowsOfStep));
      yield;
    }
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
    const { slots } = this;
    if (slots === null) {
      for (let child = this.firstChild[parent]!; child !== 0; child = this.nextSibling[child]!) {
        this.walked++;
        if (this.name[child] === name) return child;
      }
      return this.add(parent, name);
    }
    const known = slots.find(parent, name);
    if (known !== 0) return known;
    slots.put(this.add(parent, name));
    return this.count - 1;
  }

  /** A few look-ups go along the siblings; many, or long ways, are worth the slots. */
  private get needsSlots(): boolean {
    return this.slots === null && this.walked >= this.count;
  }

  /** Makes ready for look-ups. @param nodes as many as there may be before the last of them */
  private *prepare(nodes: number): Generator<void> {
    const slots = new NodeSlots(nodes, this.parent, this.name);
    yield* slots.fill(this.count);
    this.slots = slots;
  }

  /** Forgets what makes look-ups quick: it would be a third of the trie's memory, and few come later. */
  rest(): void {
    this.slots = null;
    this.names.rest();
    this.walked = 0;
  }

  /** Makes ready for many calls of `find`, in steps: few go along the siblings. */
  *forMany(): Generator<void> {
    yield* this.names.prepare(0);
    if (this.slots === null) yield* this.prepare(this.count);
  }

  private childNamed(parent: number, bytes: Uint8Array, start: number, end: number): number {
    if (!this.slots && !this.needsSlots) {
      for (let child = this.firstChild[parent]!; child !== 0; child = this.nextSibling[child]!) {
        this.walked++;
        if (this.names.is(this.name[child]!, bytes, start, end)) return child;
      }
      return -1;
    }
    if (this.slots === null) atOnce(this.prepare(this.count));
    const id = this.names.find(bytes, start, end);
    return (id > 0 && this.slots!.find(parent, id)) || -1;
  }
}
