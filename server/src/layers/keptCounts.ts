// The counts of a whole stack of layers, kept beside the indexes that they were made from: they cost more than loading
// those, and some of them the reading of files. What they are: countStack.ts, imageFindings.ts; how one is kept: store.ts.
import type { Image } from '../image/model';
import { type Digest, sha256 } from '../primitives/digest';
import type { Host } from '../primitives/host';
import { ContentSums, layersByIndex, notComparedText } from './contentSums';
import { countStack, type StackCounts } from './countStack';
import { findInImage, type ImageFindings, isAtHand } from './imageFindings';
import type { LayerIndex } from './model';
import type { IndexStore } from './store';

export type KeptCounts = Pick<StackCounts, 'layers' | 'waste'> & {
  /** Null where they were not asked for. */
  findings: ImageFindings | null;
};

export interface CountOptions {
  store: IndexStore | null;
  /** Keys under which the indexes are kept, by layer; null for one that is not. */
  keys: readonly (Digest | null)[];
  /** Whether more than counts is wanted, for which files may be read: left-overs, secrets, contents stored twice. */
  findings: boolean;
  signal?: AbortSignal;
}

/** Raised when the meaning of the counts changes. */
const version = 2;

/** Bytes read to tell whether files that differ in nothing else were rewritten. */
const maxCompared = 256 * 2 ** 20;

/**
 * Counts of the lowest layers of an image, and what could not be compared as a problem.
 * @param indexes of these layers, oldest first
 */
export async function countsOf(
  host: Host,
  image: Image,
  indexes: readonly LayerIndex[],
  { store, keys, findings: wanted, signal }: CountOptions,
): Promise<{ counts: KeptCounts; problem: string | null }> {
  const own = keys.slice(0, indexes.length);
  // Where nobody asks, or the bytes would have to be fetched first, less is looked at; more will do where it is kept.
  const canRead = wanted && isAtHand(image);
  const suffices = wanted ? (canRead ? [''] : ['', ' unread']) : ['', ' unread', ' alone'];
  const counted = suffices.map((kind) =>
    own.includes(null) ? null : sha256(`counts ${version}${kind}\n${own.join('\n')}`),
  );
  for (const key of counted) {
    const kept = key && (await store?.getText(key));
    // Whole, or the store would not have given it; and nobody but us writes there.
    if (kept) return { counts: JSON.parse(kept) as KeptCounts, problem: null };
  }
  const first = countStack(indexes, wanted);
  const { undecided } = first;
  let counts: StackCounts = first;
  let problem: string | null = null;
  const sums = new ContentSums(host);
  if (undecided.length > 0) {
    const maxBytes = image.remote ? 0 : maxCompared;
    const reasons = await sums.read(undecided, layersByIndex(image.layers, indexes), { maxBytes, signal });
    counts = countStack(indexes, wanted, sums.sameContent, first.stack.trie);
    const left = sums.countUnknown(undecided);
    if (left > 0) problem = notComparedText(left, reasons);
  }
  const findings = wanted ? await findInImage(host, image, counts, canRead ? sums : null, signal) : null;
  const found: KeptCounts = { layers: counts.layers, waste: counts.waste, findings };
  const key = counted.at(-1);
  if (key && problem === null) await store?.putText(key, JSON.stringify(found));
  return { counts: found, problem };
}
