// From an image to its measures: each layer indexed once (or taken from the store), then one pass over the stack for
// what each layer adds, changes, removes and wastes. A layer that cannot be read leaves unknowns, never wrong numbers.
import type { Image, Layer, MeasuredImage } from '../image/model';
import { isEngineReference } from '../image/reference';
import { unmeasured, unmeasuredLayer } from '../image/unmeasured';
import type { Digest } from '../primitives/digest';
import { isCancelled, StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { createInlineIndexer, type Indexer, type IndexOptions } from './indexer';
import { type DiffIdTrust, indexKeys } from './indexKey';
import { countsOf } from './keptCounts';
import { indexListing } from './listedIndex';
import type { LayerIndex } from './model';
import type { IndexStore } from './store';

export interface MeasureOptions extends Omit<IndexOptions, 'signal' | 'blobDigest'> {
  store?: IndexStore | null;
  /** Default: in this thread. */
  indexer?: Indexer;
  /** Default: engines verify DiffIDs, other sources claim them. */
  trust?: DiffIdTrust;
  /** Absolute path that the image's own paths are relative to, where they are. Default: `/`. */
  base?: string;
  /**
   * Which layers are read: all, those up to an index, or none, so that only what is kept already is known, and what
   * `listings` tell. Layers left out are unknown, which is no problem of the image.
   */
  read?: 'all' | 'kept' | { upTo: number };
  /**
   * Whether the table of contents that a layer carries will do where the layer would have to be fetched: enough for
   * names and sizes, not for bytes. What it tells is not kept.
   */
  listings?: boolean;
  /** Whether left-overs, secrets and contents stored twice are looked for, in files too. Default: not. */
  findings?: boolean;
  signal?: AbortSignal;
  onProgress?: (progress: MeasureProgress) => void;
}

export interface MeasureProgress {
  /** Layers done, of all. */
  done: number;
  total: number;
}

export interface Measured {
  measured: MeasuredImage;
  /** By layer; null for those that could not be read. */
  indexes: (LayerIndex | null)[];
}

/** Throws only StrataError('cancelled') or an abort; a layer that cannot be read becomes a problem that names it. */
export async function measureImage(
  host: Host,
  image: Image,
  options: MeasureOptions = {},
): Promise<Measured> {
  const problems = [...image.problems];
  const found = await indexAll(host, image, options, problems);
  const indexes = found.map(({ index }) => index);
  const measured: MeasuredImage = {
    ...unmeasured(image),
    layers: image.layers.map((layer, i) => ({
      ...unmeasuredLayer(layer),
      unpackedBytes: indexes[i]?.unpackedBytes ?? null,
    })),
    problems,
  };
  await stackUp(host, image, measured, found, options);
  return { measured, indexes };
}

interface Found {
  /** Null when it could not be read, or was not asked for. */
  index: LayerIndex | null;
  /** Under which it is kept; null when it is not. */
  key: Digest | null;
}

const nothing: Found = { index: null, key: null };

async function indexAll(
  host: Host,
  image: Image,
  options: MeasureOptions,
  problems: string[],
): Promise<Found[]> {
  const { layers } = image;
  const indexer = options.indexer ?? createInlineIndexer(host);
  const trust = options.trust ?? (isEngineReference(image.reference) ? 'verified' : 'claimed');
  const found = new Map<Digest, Found>();
  const failures = new Map<number, string>();
  let rows = 0;
  // The same DiffID can occur twice; its bytes are read once.
  const waiting = layers.filter(
    (layer, i) => layers.findIndex(({ diffId }) => diffId === layer.diffId) === i,
  );
  let done = layers.length - waiting.length;
  const work = async (): Promise<void> => {
    for (let layer = waiting.shift(); layer; layer = waiting.shift()) {
      options.signal?.throwIfAborted();
      try {
        const one = await indexOne(layer, indexer, { ...options, trust });
        rows += one.index?.count ?? 0;
        if (rows > maxRows)
          throw new StrataError('hostile', `The layers have more than ${maxRows} entries together.`);
        found.set(layer.diffId, one);
      } catch (error) {
        if (isCancelled(error) || options.signal?.aborted || !(error instanceof StrataError)) {
          waiting.length = 0;
          throw error;
        }
        found.set(layer.diffId, nothing);
        failures.set(layer.index, error.message);
      }
      options.onProgress?.({ done: ++done, total: layers.length });
    }
  };
  const workers = Math.max(1, Math.min(indexer.concurrency, waiting.length));
  const results = await Promise.allSettled(Array.from({ length: workers }, work));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  for (const layer of layers) {
    const failure = failures.get(layer.index);
    if (failure) problems.push(`${nameOf(layer)} could not be read. ${failure}`);
    for (const problem of found.get(layer.diffId)?.index?.problems ?? [])
      problems.push(`${nameOf(layer)}: ${problem}.`);
  }
  return layers.map(({ diffId }) => found.get(diffId) ?? nothing);
}

/** Of all layers together: some 2.5 GB of indexes. */
const maxRows = 50_000_000;

async function indexOne(
  layer: Layer,
  indexer: Indexer,
  options: MeasureOptions & { trust: DiffIdTrust },
): Promise<Found> {
  const { store, signal, limits, decompressLimits, trust, base = '/', read = 'all' } = options;
  const keys = indexKeys(layer, trust, base);
  for (const key of keys.read) {
    const kept = await store?.get(layer.diffId, key);
    if (kept) return { index: kept, key };
  }
  if (typeof read === 'object' && layer.index > read.upTo) return nothing;
  if (!layer.blob) {
    if (read === 'kept') return nothing;
    throw new StrataError('not-found', 'The image does not hold its bytes.');
  }
  const listed = options.listings ? ((await layer.blob.listing?.(signal)) ?? null) : null;
  const quick = listed === null ? null : indexListing(listed, layer.diffId, limits);
  if (quick) return { index: quick, key: null };
  if (read === 'kept') return nothing;
  await layer.blob.settle?.(signal);
  const { diffId, blobDigest } = layer;
  const index = await indexer.index(layer.blob, diffId, { signal, limits, decompressLimits, blobDigest });
  if (keys.write !== null) await store?.put(index, keys.write);
  return { index, key: keys.write };
}

/** Fills in what needs more than one layer: up to the first unknown one, and waste only when all are known. */
async function stackUp(
  host: Host,
  image: Image,
  measured: MeasuredImage,
  found: readonly Found[],
  { store = null, findings = false, signal }: MeasureOptions,
): Promise<void> {
  const indexes = found.map(({ index }) => index);
  const unknown = indexes.indexOf(null);
  const known = (unknown < 0 ? indexes : indexes.slice(0, unknown)) as LayerIndex[];
  const { counts, problem } = await countsOf(host, image, known, {
    store,
    keys: found.map(({ key }) => key),
    findings,
    signal,
  });
  if (problem) measured.problems.push(problem);
  counts.layers.forEach(({ added, modified, removed, needless, belowLinks }, i) => {
    const layer = measured.layers[i]!;
    Object.assign(layer, { added, modified, removed });
    if (needless > 0)
      measured.problems.push(`${nameOf(layer)} deletes paths that no lower layer has (${needless}).`);
    if (belowLinks > 0) {
      measured.problems.push(
        `${nameOf(layer)} has paths below what is a symbolic link in a lower layer (${belowLinks}); engines disagree on ` +
          'whether the link is followed, and here it is replaced by a directory.',
      );
    }
  });
  if (unknown >= 0) return;
  measured.layers.forEach((layer, i) => {
    layer.wastedBytes = counts.waste.wastedBytes[i]!;
  });
  measured.visibleBytes = counts.waste.visibleBytes;
  measured.waste = counts.waste.files;
  measured.hidden = counts.waste.hidden;
  Object.assign(measured, counts.findings);
}

function nameOf({ index, diffId }: { index: number; diffId: Digest }): string {
  return `Layer ${index} (${diffId.slice(0, 'sha256:'.length + 12)})`;
}
