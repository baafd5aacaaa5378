// What changed from one state to another, computed once and kept for the contents that both were made of. Contents of
// equal size are compared where that costs little; the diff says whether they were.
import { type ContentPair, ContentSums, gathering, layersByIndex } from '../layers/contentSums';
import { type DiffOptions, diffLayerInSteps, diffStatesInSteps } from '../layers/diff';
import type { LayerDiff, LayerIndex } from '../layers/model';
import type { Contents } from '../measure/contents';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { KeptAnswers, mostAbout } from './keptAnswers';
import { inSlices } from './slices';
import type { OpenState } from './states';
import { trieOf } from './tries';

/** A diff, and how many files of equal size count as the same because nobody compared them. */
export interface ShownDiff {
  diff: LayerDiff;
  notCompared: number;
}

/** By pair of layers and whether contents might be read; the head and the rows are of one diff. */
type Kept = KeptAnswers<ShownDiff>;

const kept = new WeakMap<Contents, WeakMap<Contents, Kept>>();
/** Of a diff, by path that changed. */
const bytesOfEntry = 16;
const sums = new WeakMap<Contents, ContentSums>();

/** Bytes read to compare contents: somebody waits for it. */
const maxCompared = 256 * 2 ** 20;

/** @param mayRead whether images may be opened to compare contents */
export function comparison(host: Host, from: OpenState, to: OpenState, mayRead: boolean): Promise<ShownDiff> {
  const diffs = keptOf(from.contents, to.contents);
  return diffs.get(`${from.upTo} ${to.upTo} ${mayRead}`, () => compare(host, from, to, mayRead));
}

async function compare(host: Host, from: OpenState, to: OpenState, mayRead: boolean): Promise<ShownDiff> {
  const run = await differ(from, to);
  const pairs: ContentPair[] = [];
  const diff = await inSlices(run(gathering(pairs)));
  const quick = [from, to].every(
    ({ contents, upTo }) => upTo < 0 || (contents.open && contents.opensQuickly),
  );
  if (pairs.length === 0 || !quick || !mayRead) return { diff, notCompared: pairs.length };
  const known = sums.get(to.contents) ?? new ContentSums(host);
  sums.set(to.contents, known);
  if (known.countUnknown(pairs) > 0) await readSums(known, pairs, [from, to]);
  const compared = await inSlices(run({ sameContent: known.sameContent }));
  return { diff: compared, notCompared: known.countUnknown(pairs) };
}

/** One layer against what lies below it is the quicker question. */
async function differ(
  from: OpenState,
  to: OpenState,
): Promise<(how: DiffOptions) => Generator<void, LayerDiff>> {
  const isOneImage = from.contents === to.contents;
  const trie = isOneImage ? await trieOf(to.contents) : undefined;
  if (isOneImage && from.upTo + 1 === to.upTo)
    return (how) => diffLayerInSteps(to.indexes, to.upTo, { ...how, trie });
  const before = from.verified && to.verified ? shared(from.indexes, to.indexes) : from.indexes;
  return (how) => diffStatesInSteps(before, to.indexes, { ...how, trie });
}

/** Two builds that share layers have an index of each: with one in place of both, what they share is not compared. */
function shared(indexes: readonly LayerIndex[], others: readonly LayerIndex[]): LayerIndex[] {
  return indexes.map((index, i) => (others[i]?.diffId === index.diffId ? others[i] : index));
}

async function readSums(
  known: ContentSums,
  pairs: Parameters<ContentSums['read']>[0],
  states: readonly OpenState[],
): Promise<void> {
  const open: { close(): Promise<void> }[] = [];
  try {
    const layers: Parameters<ContentSums['read']>[1][] = [];
    for (const contents of new Set(states.map((state) => state.contents))) {
      const image = await contents.open?.();
      if (!image) continue;
      open.push(image);
      layers.push(layersByIndex(image.layers, contents.indexes));
    }
    await known.read(pairs, new Map(layers.flatMap((map) => [...map])), { maxBytes: maxCompared });
  } catch (error) {
    // An image that is gone is told where its files are opened; the diff stands without it.
    if (!(error instanceof StrataError)) throw error;
  } finally {
    for (const image of open) await image.close();
  }
}

function keptOf(from: Contents, to: Contents): Kept {
  const inner = kept.get(to) ?? new WeakMap<Contents, Kept>();
  kept.set(to, inner);
  const found: Kept = inner.get(from) ?? new KeptAnswers(mostAbout(to, bytesOfEntry));
  inner.set(from, found);
  return found;
}
