// From (parent, name) to the node of a trie, by open addressing. It knows numbers only; paths are pathTrie.ts.
import { hashPair } from './hashPair';
import { inRanges } from './steps';

export class NodeSlots {
  /** 0 is a free slot, for the root is nobody's child. */
  private readonly slots: Uint32Array;
  private readonly parent: Int32Array;
  private readonly name: Uint32Array;

  /** @param nodes as many as there will be at most; the columns are the trie's own */
  constructor(nodes: number, parent: Int32Array, name: Uint32Array) {
    this.slots = new Uint32Array(2 ** Math.ceil(Math.log2(1.5 * nodes + 1)));
    this.parent = parent;
    this.name = name;
  }

  /** Takes in the nodes that are there, in steps. */
  *fill(count: number): Generator<void> {
    yield* inRanges(count, (from, to) => {
      for (let node = Math.max(1, from); node < to; node++) this.put(node);
    });
  }

  put(node: number): void {
    this.slots[this.slotOf(this.parent[node]!, this.name[node]!)] = node;
  }

  /** 0 for none. */
  find(parent: number, name: number): number {
    return this.slots[this.slotOf(parent, name)]!;
  }

  /** Where a child is, or would be. */
  private slotOf(parent: number, name: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    let slot = hashPair(parent, name) & mask;
    for (let node = slots[slot]!; node !== 0; node = slots[slot]!) {
      if (this.name[node] === name && this.parent[node] === parent) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }
}
