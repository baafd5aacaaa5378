// Trees and diffs of layers, computed once and kept for the contents that they were made of. A layer above one that
// could not be read is shown alone: what it changed cannot be known then. Contents of equal size are compared where
// that costs little; the diff says whether they were.
import { ContentSums, contentPairs, layersByIndex } from '../layers/contentSums';
import { diffLayer } from '../layers/diff';
import { LayerReader } from '../layers/layerReader';
import type { LayerDiff, LayerIndex } from '../layers/model';
import { type LayerTree, openTree } from '../layers/tree';
import type { Contents } from '../measure/contents';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';

/** A diff, and how many files of equal size count as the same because nobody compared them. */
export interface ShownDiff {
  diff: LayerDiff;
  notCompared: number;
}

interface Kept {
  trees: Map<number, LayerTree>;
  /** By layer and whether contents might be read; promises, so that the head and the rows are of one diff. */
  diffs: Map<string, Promise<ShownDiff>>;
  sums: ContentSums | null;
  reader: LayerReader | null;
}

const kept = new WeakMap<Contents, Kept>();
/** Of a big image each costs tens of megabytes. */
const mostKept = 6;

/** The layer's own files; null when the layer itself is not indexed. */
export function upperTree(contents: Contents, layer: number): LayerTree | null {
  return remember(keptOf(contents).trees, layer, () => {
    const below = knownUpTo(contents, layer);
    if (below) return openTree(below, layer, 'upper');
    const own = contents.indexes[layer];
    return own ? openTree([own], 0, 'upper') : null;
  });
}

/** Bytes read to compare contents of one layer: somebody waits for it. */
const maxCompared = 256 * 2 ** 20;

/**
 * Null when the layer, or one below it, is not indexed.
 * @param mayRead whether the image may be opened to compare contents
 */
export function layerDiff(
  host: Host,
  contents: Contents,
  layer: number,
  mayRead: boolean,
): Promise<ShownDiff> | null {
  const below = knownUpTo(contents, layer);
  if (!below) return null;
  const { diffs } = keptOf(contents);
  const key = `${layer} ${mayRead}`;
  return remember(diffs, key, () => {
    const made = compare(host, contents, below, layer, mayRead);
    made.catch(() => diffs.delete(key));
    return made;
  });
}

async function compare(
  host: Host,
  contents: Contents,
  below: LayerIndex[],
  layer: number,
  mayRead: boolean,
): Promise<ShownDiff> {
  const { diff, pairs } = contentPairs((how) => diffLayer(below, layer, how));
  const { open, opensQuickly } = contents;
  if (pairs.length === 0 || !open || !opensQuickly || !mayRead) return { diff, notCompared: pairs.length };
  const kept = keptOf(contents);
  kept.sums ??= new ContentSums(host);
  const { sums } = kept;
  if (sums.countUnknown(pairs) > 0) {
    try {
      const image = await open();
      try {
        await sums.read(pairs, layersByIndex(image.layers, below), { maxBytes: maxCompared });
      } finally {
        await image.close();
      }
    } catch (error) {
      // An image that is gone is told where its files are opened; the diff stands without it.
      if (!(error instanceof StrataError)) throw error;
    }
  }
  const compared = diffLayer(below, layer, { sameContent: sums.sameContent });
  return { diff: compared, notCompared: sums.countUnknown(pairs) };
}

/** Reads files of these contents and keeps what goes by. */
export function layerReader(host: Host, contents: Contents): LayerReader {
  const kept = keptOf(contents);
  kept.reader ??= new LayerReader(host);
  return kept.reader;
}

/** The layers from the oldest up to and including `layer`; null when one of them is not indexed. */
export function knownUpTo(contents: Contents, layer: number): LayerIndex[] | null {
  if (layer < 0 || layer >= contents.indexes.length) return null;
  const below = contents.indexes.slice(0, layer + 1);
  return below.every((index) => index !== null) ? (below as LayerIndex[]) : null;
}

function keptOf(contents: Contents): Kept {
  let found = kept.get(contents);
  if (!found) {
    found = { trees: new Map(), diffs: new Map(), sums: null, reader: null };
    kept.set(contents, found);
  }
  return found;
}

function remember<K, T>(map: Map<K, T>, key: K, make: () => T | null): T | null {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  if (made === null) return null;
  const oldest = map.keys().next().value;
  if (map.size >= mostKept && oldest !== undefined) map.delete(oldest);
  map.set(key, made);
  return made;
}
