// Trees of layers, computed once and kept for the contents that they were made of. A layer above one that could not be
// read is shown alone: what it changed cannot be known then. Diffs are comparisons.ts.
import { entryFilter } from '../layers/entryFilter';
import { LayerReader } from '../layers/layerReader';
import type { LayerIndex } from '../layers/model';
import { type LayerTree, openTreeInSteps } from '../layers/tree';
import type { Contents } from '../measure/contents';
import type { Host } from '../primitives/host';
import type { TreeView } from '../protocol';
import { inSlices } from './slices';

interface Kept {
  /** By layer and view; a tree that is asked for while it is made is made once. */
  trees: Map<string, Promise<LayerTree>>;
  /** By layer, view and filter. */
  filtered: Map<string, Promise<LayerTree>>;
  reader: LayerReader | null;
}

const kept = new WeakMap<Contents, Kept>();
/** Of a big image each costs tens of megabytes. */
const mostKept = 6;

/**
 * Files as a layer's view has them, with a filter those alone that pass; null when the layer, or for `lower` and `merged`
 * one below it, is not indexed. Others are answered while it is made.
 */
export async function filteredTree(
  contents: Contents,
  layer: number,
  view: TreeView,
  filter = '',
): Promise<LayerTree | null> {
  const whole = await wholeTree(contents, layer, view);
  const wanted = entryFilter(filter);
  if (!whole || !wanted) return whole;
  return remember(keptOf(contents).filtered, `${layer} ${view} ${filter}`, () =>
    inSlices(whole.filtered(wanted)),
  );
}

function wholeTree(contents: Contents, layer: number, view: TreeView): Promise<LayerTree> | null {
  return remember(keptOf(contents).trees, `${layer} ${view}`, () => {
    const work = openView(contents, layer, view);
    return work && inSlices(work);
  });
}

function openView(contents: Contents, layer: number, view: TreeView): Generator<void, LayerTree> | null {
  const top = view === 'lower' ? layer - 1 : layer;
  if (top < 0) return null;
  const below = knownUpTo(contents, top);
  if (below) return openTreeInSteps(below, top, view === 'upper' ? 'upper' : 'merged');
  const own = view === 'upper' ? contents.indexes[layer] : null;
  return own ? openTreeInSteps([own], 0, 'upper') : null;
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
    found = { trees: new Map(), filtered: new Map(), reader: null };
    kept.set(contents, found);
  }
  return found;
}

/** What is kept under a key, made when it is not; the oldest goes when there are too many. */
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

/** The same of an answer that takes time; one that failed is asked for again the next time. */
export function rememberAnswer<K, T>(map: Map<K, Promise<T>>, key: K, make: () => Promise<T>): Promise<T> {
  return remember(map, key, () => {
    const made = make();
    made.catch(() => map.delete(key));
    return made;
  })!;
}
