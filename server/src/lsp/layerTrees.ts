// Trees of layers, computed once and kept for the contents that they were made of. A layer above one that could not be
// read is shown alone: what it changed cannot be known then. Diffs are comparisons.ts.
import { LayerReader } from '../layers/layerReader';
import type { LayerIndex } from '../layers/model';
import { type LayerTree, openTree } from '../layers/tree';
import type { Contents } from '../measure/contents';
import type { Host } from '../primitives/host';

interface Kept {
  trees: Map<number, LayerTree>;
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
    found = { trees: new Map(), reader: null };
    kept.set(contents, found);
  }
  return found;
}

/** What is kept under a key, made when it is not; the oldest goes when there are too many. */
export function remember<K, T>(map: Map<K, T>, key: K, make: () => T | null): T | null {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  if (made === null) return null;
  const oldest = map.keys().next().value;
  if (map.size >= mostKept && oldest !== undefined) map.delete(oldest);
  map.set(key, made);
  return made;
}
