// One pass over a stack of layers for what each one adds, changes, removes and wastes. It reads no bytes: which files
// would have to be compared by their content to be sure is part of the answer.
import type { Deposit } from '../image/model';
import type { SameContent } from './compareRows';
import type { ContentPair } from './contentSums';
import { compareSides } from './diff';
import { FindingsCollector } from './imageFindings';
import type { LayerIndex } from './model';
import { PathTrie } from './pathTrie';
import { Stack } from './stack';
import { type Waste, WasteCounter } from './waste';

export interface LayerCounts {
  added: number;
  modified: number;
  removed: number;
  /** Whiteouts of what no lower layer has. */
  needless: number;
  /** Paths below a symbolic link of a lower layer. */
  belowLinks: number;
}

export interface StackCounts {
  layers: LayerCounts[];
  waste: Waste;
  /** Files rewritten with nothing else changed, so that only their content tells whether they are modified. */
  undecided: ContentPair[];
  /** Left-overs of known kinds. */
  deposits: Deposit[];
  /** What else was gathered, to be completed by reading; null where nothing was. */
  collector: FindingsCollector | null;
  /** The merged view of all layers. */
  stack: Stack;
}

/**
 * @param indexes the layers, oldest first
 * @param findings whether more than counts is gathered, which is a third of the work
 * @param trie of these layers, where one is at hand: making it is half of the work
 */
export function countStack(
  indexes: readonly LayerIndex[],
  findings: boolean,
  sameContent?: SameContent,
  trie = new PathTrie(indexes),
): StackCounts {
  const stack = new Stack(trie);
  const waste = new WasteCounter(stack, { sameContent });
  const collector = findings ? new FindingsCollector() : null;
  const undecided: ContentPair[] = [];
  const layers = indexes.map((index, i) => {
    const counts: LayerCounts = { added: 0, modified: 0, removed: 0, needless: 0, belowLinks: 0 };
    const replaced: { node: number; layer: number; row: number }[] = [];
    collector?.push(index);
    stack.push(index, {
      write: (node, row, beforeLayer, beforeRow) => {
        waste.observer.write(node, row, beforeLayer, beforeRow);
        if (beforeLayer < 0) {
          counts.added++;
          return;
        }
        replaced.push({ node, layer: beforeLayer, row: beforeRow });
        collector?.hide(beforeLayer, beforeRow);
      },
      remove: (node, beforeLayer, beforeRow) => {
        waste.observer.remove(node, beforeLayer, beforeRow);
        collector?.hide(beforeLayer, beforeRow);
        counts.removed++;
      },
      needless: () => {
        counts.needless++;
      },
      belowLink: () => {
        counts.belowLinks++;
      },
    });
    waste.settle();
    // Hard links are resolved by now, so that contents can be compared.
    for (const { node, ...before } of replaced) {
      let pair: ContentPair | null = null;
      const differs = compareSides(stack, before, stack, { layer: i, row: stack.row[node]! }, (a, b) => {
        const known = sameContent?.(a, b) ?? null;
        if (known === null) pair = { before: a, after: b };
        return known;
      });
      if (differs !== 0) counts.modified++;
      else if (pair) undecided.push(pair);
    }
    return counts;
  });
  const deposits = collector?.deposits(stack, (layer, row) => waste.isLinked(layer, row)) ?? [];
  return { layers, waste: waste.result(), undecided, deposits, collector, stack };
}
