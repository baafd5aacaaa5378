// The history of one path through the layers of an image: which added it, changed it, deleted or hid it. Which line a
// layer belongs to is for mapping to say.
import { compareSides } from './diff';
import { type LayerIndex, rowTypes } from './model';
import { PathTrie } from './pathTrie';
import { Stack } from './stack';
import { atOnce } from './steps';

export interface BlameEntry {
  layer: number;
  /** `deleted` by a whiteout of the path itself; `hidden` because a folder above it was deleted, replaced or made anew. */
  action: 'added' | 'modified' | 'deleted' | 'hidden';
  /** Content that the layer stores for the path; for what deletes or hides it, the bytes that nobody sees any more. */
  bytes: number;
}

/** Oldest first; empty when no layer ever had the path. A directory that a layer merely repeats is no event. */
export function blamePath(indexes: readonly LayerIndex[], path: string): BlameEntry[] {
  return atOnce(blameInSteps(indexes, path));
}

/** The same in steps: of a million files it takes a third of a second. @param known of these layers at least, where one is at hand */
export function* blameInSteps(
  indexes: readonly LayerIndex[],
  path: string,
  known?: PathTrie,
): Generator<void, BlameEntry[]> {
  const trie = known ?? (yield* PathTrie.inSteps(indexes));
  const stack = new Stack(trie);
  const node = trie.find(path);
  const history: BlameEntry[] = [];
  if (node <= 0) return history;
  for (const [layer, index] of indexes.entries()) {
    const events: { before: { layer: number; row: number } | null; removed: boolean }[] = [];
    const before = (beforeLayer: number, row: number) =>
      beforeLayer < 0 ? null : { layer: beforeLayer, row };
    yield* stack.pushInSteps(index, {
      write: (at, _, beforeLayer, beforeRow) => {
        if (at === node) events.push({ before: before(beforeLayer, beforeRow), removed: false });
      },
      remove: (at, beforeLayer, beforeRow) => {
        if (at === node) events.push({ before: before(beforeLayer, beforeRow), removed: true });
      },
    });
    for (const event of events) {
      const size = (side: { layer: number; row: number } | null) =>
        side ? (indexes[side.layer]?.size[side.row] ?? 0) : 0;
      if (event.removed) {
        history.push({
          layer,
          action: hasWhiteout(trie, index, node) ? 'deleted' : 'hidden',
          bytes: size(event.before),
        });
        continue;
      }
      const now = { layer, row: stack.row[node]! };
      if (event.before === null) history.push({ layer, action: 'added', bytes: size(now) });
      else if (index.type[now.row] === rowTypes.file || compareSides(stack, event.before, stack, now) !== 0) {
        history.push({ layer, action: 'modified', bytes: size(now) });
      }
    }
  }
  return history;
}

function hasWhiteout(trie: PathTrie, index: LayerIndex, node: number): boolean {
  const nodes = trie.nodesOf(index);
  return nodes.some((at, row) => at === node && index.type[row] === rowTypes.whiteout);
}
