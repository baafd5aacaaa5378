// Who turns a layer's bytes into its index: in worker threads (host/indexThreads.ts), or here, in the same thread,
// through the host. Which layers need it and what is done with the result is measureImage.ts.
import type { LayerBlob } from '../image/model';
import { sniffBytes, sniffCompression } from '../primitives/compression';
import { type DecompressLimits, decompress } from '../primitives/decompress';
import type { Digest } from '../primitives/digest';
import type { Host } from '../primitives/host';
import { scanChunks, scanRandom } from '../primitives/tarDrivers';
import { TarScanner } from '../primitives/tarScanner';
import { defaultIndexLimits, type IndexLimits, LayerIndexBuilder } from './indexLayer';
import type { LayerIndex } from './model';

export interface IndexOptions {
  signal?: AbortSignal;
  limits?: IndexLimits;
  decompressLimits?: DecompressLimits;
}

export interface Indexer {
  /** How many layers it works on at a time. */
  readonly concurrency: number;
  /**
   * Throws StrataError('unreadable') for damaged data, ('unsupported') for an unknown compression, ('hostile') beyond
   * the limits. Abort ends it promptly.
   */
  index(blob: LayerBlob, diffId: Digest, options?: IndexOptions): Promise<LayerIndex>;
  /** Ends its threads. */
  close(): Promise<void>;
}

/** Indexes in this thread, a little at a time: headers by position where the blob is a plain part of a file. */
export function createInlineIndexer(host: Host): Indexer {
  return {
    concurrency: 1,
    async index(blob, diffId, options = {}) {
      return (await indexPlainRegion(host, blob, diffId, options)) ?? indexStream(blob, diffId, options);
    },
    close: async () => {},
  };
}

/** Indexes a layer from the stream of its stored bytes, whatever their compression. */
export async function indexStream(
  blob: LayerBlob,
  diffId: Digest,
  options: IndexOptions,
): Promise<LayerIndex> {
  const { signal, decompressLimits } = options;
  const { scanner, builder } = newScan(options);
  await scanChunks(decompress(blob.open(signal), { signal, limits: decompressLimits }), scanner, signal);
  return builder.finish(diffId, scanner.problems);
}

/** A scanner that feeds a builder. */
export function newScan({ limits = defaultIndexLimits }: IndexOptions): {
  scanner: TarScanner;
  builder: LayerIndexBuilder;
} {
  const builder = new LayerIndexBuilder(limits);
  return { builder, scanner: new TarScanner((entry) => builder.add(entry)) };
}

/** Null when the blob is not an uncompressed part of a file. */
async function indexPlainRegion(
  host: Host,
  { region }: LayerBlob,
  diffId: Digest,
  options: IndexOptions,
): Promise<LayerIndex | null> {
  if (!region) return null;
  const file = await host.files.open(region.path);
  try {
    const head = await file.read(region.offset, Math.min(sniffBytes, region.length));
    if (sniffCompression(head) !== 'none') return null;
    const { scanner, builder } = newScan(options);
    await scanRandom(file, scanner, region, options.signal);
    return builder.finish(diffId, scanner.problems);
  } finally {
    await file.close();
  }
}
