// What changed from one state to another, computed once and kept for the contents that both were made of. Contents of
// equal size are compared where that costs little; the diff says whether they were.
import { type ContentPair, ContentSums, gathering, layersByIndex } from '../layers/contentSums';
import { type DiffOptions, diffLayerInSteps, diffStatesInSteps } from '../layers/diff';
import type { LayerDiff, LayerIndex } from '../layers/model';
import type { Contents } from '../measure/contents';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { rememberAnswer } from './layerTrees';
import { inSlices } from './slices';
import type { OpenState } from './states';

/** A diff, and how many files of equal size count as the same because nobody compared them. */
export interface ShownDiff {
  diff: LayerDiff;
  notCompared: number;
}

/** By pair of layers and whether contents might be read; promises, so that the head and the rows are of one diff. */
type Kept = Map<string, Promise<ShownDiff>>;

const kept = new WeakMap<Contents, WeakMap<Contents, Kept>>();
const sums = new WeakMap<Contents, ContentSums>();

/** Bytes read to compare contents: somebody waits for it. */
const maxCompared = 256 * 2 ** 20;

/** @param mayRead whether images may be opened to compare contents */
export function comparison(host: Host, from: OpenState, to: OpenState, mayRead: boolean): Promise<ShownDiff> {
  const diffs = keptOf(from.contents, to.contents);
  return rememberAnswer(diffs, `${from.upTo} ${to.upTo} ${mayRead}`, () => compare(host, from, to, mayRead));
}

async function compare(host: Host, from: OpenState, to: OpenState, mayRead: boolean): Promise<ShownDiff> {
  const run = differ(from, to);
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
function differ(from: OpenState, to: OpenState): (how: DiffOptions) => Generator<void, LayerDiff> {
  if (from.contents === to.contents && from.upTo + 1 === to.upTo)
    return (how) => diffLayerInSteps(to.indexes, to.upTo, how);
  const before = from.verified && to.verified ? shared(from.indexes, to.indexes) : from.indexes;
  return (how) => diffStatesInSteps(before, to.indexes, how);
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
  const found = inner.get(from) ?? new Map();
  inner.set(from, found);
  return found;
}
