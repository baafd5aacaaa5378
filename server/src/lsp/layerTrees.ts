// Trees of layers, computed once and kept for the contents that they were made of. A layer above one that could not be
// read is shown alone: what it changed cannot be known then. Diffs are comparisons.ts.
import { entryFilter } from '../layers/entryFilter';
import { LayerReader } from '../layers/layerReader';
import type { LayerIndex } from '../layers/model';
import { type LayerTree, openTreeInSteps } from '../layers/tree';
import type { Contents } from '../measure/contents';
import type { Host } from '../primitives/host';
import type { TreeView } from '../protocol';
import { KeptAnswers, mostAbout } from './keptAnswers';
import { inSlices } from './slices';
import { trieOf } from './tries';

interface Kept {
  /** By layer and view; a tree that is asked for while it is made is made once. */
  trees: KeptAnswers<LayerTree>;
  /** By layer, view and filter. */
  filtered: KeptAnswers<LayerTree>;
  reader: LayerReader | null;
}

const kept = new WeakMap<Contents, Kept>();
/** Of a layer tree, by path of the image. */
const bytesOfEntry = 8;

/**
 * Files as a layer's view has them, with a filter those alone that pass; null when the layer, or for `lower` and `merged`
 * one below it, is not indexed. Others are answered while it is made.
 */
export async function filteredTree(
  contents: Contents,
  layer: number,
  view: TreeView,
  filter = '',
  asker?: AbortSignal,
): Promise<LayerTree | null> {
  const whole = await wholeTree(contents, layer, view);
  const wanted = entryFilter(filter);
  if (!whole || !wanted) return whole;
  asker?.throwIfAborted();
  const work = (signal: AbortSignal) => inSlices(whole.filtered(wanted), signal);
  return keptOf(contents).filtered.get(`${layer} ${view} ${filter}`, work, asker);
}

function wholeTree(contents: Contents, layer: number, view: TreeView): Promise<LayerTree> | null {
  const shown = shownBy(contents, layer, view);
  return (
    shown &&
    keptOf(contents).trees.get(`${layer} ${view}`, async () =>
      inSlices(openTreeInSteps(shown.indexes, shown.top, shown.view, await trieOf(contents))),
    )
  );
}

/** Which layers a view is made of; null when one of them is not known. */
function shownBy(
  contents: Contents,
  layer: number,
  view: TreeView,
): { indexes: LayerIndex[]; top: number; view: 'upper' | 'merged' } | null {
  const top = view === 'lower' ? layer - 1 : layer;
  if (top < 0) return null;
  const indexes = knownUpTo(contents, top);
  if (indexes) return { indexes, top, view: view === 'upper' ? 'upper' : 'merged' };
  const own = view === 'upper' ? contents.indexes[layer] : null;
  return own ? { indexes: [own], top: 0, view: 'upper' } : null;
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
    const most = mostAbout(contents, bytesOfEntry);
    found = { trees: new KeptAnswers(most), filtered: new KeptAnswers(most), reader: null };
    kept.set(contents, found);
  }
  return found;
}

/** An answer of another kind, which stays small; one that failed is asked for again. */
export function rememberAnswer<K, T>(map: Map<K, Promise<T>>, key: K, make: () => Promise<T>): Promise<T> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  const oldest = map.keys().next().value;
  if (map.size >= mostRemembered && oldest !== undefined) map.delete(oldest);
  map.set(key, made);
  made.catch(() => map.delete(key));
  return made;
}

const mostRemembered = 6;
