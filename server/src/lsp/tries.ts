// The tree of all paths of an image, which its layer trees, its diffs and the histories of its paths share: making one
// is half of their work, and holding one half of their memory.
import type { LayerIndex } from '../layers/model';
import { PathTrie } from '../layers/pathTrie';
import type { Contents } from '../measure/contents';
import { KeptAnswers } from './keptAnswers';
import { inSlices } from './slices';

const kept = new WeakMap<Contents, KeptAnswers<PathTrie>>();

/** Of the layers that are indexed. */
export function trieOf(contents: Contents): Promise<PathTrie> {
  const tries = kept.get(contents) ?? new KeptAnswers<PathTrie>(1);
  kept.set(contents, tries);
  return tries.get('all', () =>
    inSlices(PathTrie.inSteps(contents.indexes.filter((index): index is LayerIndex => index !== null))),
  );
}
