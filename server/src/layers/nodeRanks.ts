// Numbers some of the nodes of a trie, so that what is told of these alone takes a column of their number: directories
// are a tenth of the nodes. A bit a node, and how many bits came before at every 32nd.
import type { PathTrie } from './pathTrie';
import { inRanges } from './steps';

const bits = 32;

export class NodeRanks {
  /** Nodes that have a number. */
  count = 0;
  private readonly words: Uint32Array;
  private readonly before: Uint32Array;

  private constructor(nodes: number) {
    this.words = new Uint32Array(Math.ceil(nodes / bits));
    this.before = new Uint32Array(this.words.length);
  }

  /** @param marks by node, 0 for those that get no number */
  static *of(marks: Uint8Array | Int32Array, count: number): Generator<void, NodeRanks> {
    const ranks = new NodeRanks(count);
    const { words, before } = ranks;
    yield* inRanges(count, (from, to) => {
      for (let node = from; node < to; node++) {
        if (node % bits === 0) before[node / bits] = ranks.count;
        if (marks[node] === 0) continue;
        words[node >>> 5]! |= 1 << (node & 31);
        ranks.count++;
      }
    });
    return ranks;
  }

  /** Number of a node, from 0 on in the order of the nodes; -1 for one without. */
  of(node: number): number {
    const word = this.words[node >>> 5]!;
    const place = node & 31;
    if ((word & (1 << place)) === 0) return -1;
    return this.before[node >>> 5]! + ones(word & ((1 << place) - 1));
  }
}

const known = new WeakMap<PathTrie, NodeRanks>();

/** The numbers of the nodes that have others below them, in a trie that is filled; made once, in steps. */
export function* ranksOf(trie: PathTrie): Generator<void, NodeRanks> {
  const ranks = known.get(trie) ?? (yield* NodeRanks.of(trie.firstChild, trie.count));
  known.set(trie, ranks);
  return ranks;
}

/** Bits that are set. */
function ones(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
