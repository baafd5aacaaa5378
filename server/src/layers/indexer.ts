// Who turns a layer's bytes into its index: in worker threads (host/indexThreads.ts), or here, in the same thread,
// through the host. Which layers need it and what is done with the result is measureImage.ts.
import { createHash } from 'node:crypto';
import type { LayerBlob } from '../image/model';
import { sniffBytes, sniffCompression } from '../primitives/compression';
import { type DecompressLimits, decompress } from '../primitives/decompress';
import type { Digest } from '../primitives/digest';
import { digestCheck } from '../primitives/digestCheck';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { scanChunks, scanRandom } from '../primitives/tarDrivers';
import { TarScanner } from '../primitives/tarScanner';
import { LayerIndexBuilder } from './indexLayer';
import { defaultIndexLimits, type IndexLimits } from './indexLimits';
import type { LayerIndex } from './model';

export interface IndexOptions {
  signal?: AbortSignal;
  limits?: IndexLimits;
  decompressLimits?: DecompressLimits;
  /**
   * Digest of the blob as stored. Verified for compressed blobs, which are read whole anyhow; plain ones are not hashed,
   * for only their headers are read. Default: null, which verifies nothing.
   */
  blobDigest?: Digest | null;
}

export interface Indexer {
  /** How many layers it works on at a time. */
  readonly concurrency: number;
  /**
   * Throws StrataError('unreadable') for damaged data or a wrong blob digest, ('unsupported') for an unknown compression, ('hostile') beyond
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
  const { signal, decompressLimits: limits, blobDigest } = options;
  const scan = newScan(options);
  const check = digestCheck(blobDigest);
  const onStored = check ? (bytes: Uint8Array) => check.update(bytes) : undefined;
  await scanChunks(decompress(blob.open(signal), { signal, limits, onStored }), scan.scanner, signal);
  // Plain data passes by no check.
  if (check && check.bytes > 0) check.verify();
  return finishIndex(scan, blob, diffId, options);
}

export interface Scan {
  scanner: TarScanner;
  builder: LayerIndexBuilder;
}

/** A scanner that feeds a builder. */
export function newScan({ limits = defaultIndexLimits }: IndexOptions): Scan {
  const builder = new LayerIndexBuilder(limits);
  return { builder, scanner: new TarScanner((entry) => builder.add(entry)) };
}

/**
 * The index of a scan that came to its end. A tar without an end marker may have been cut behind an entry; an index is
 * kept for ever, so that one is believed only when its digest is right. Others are not hashed: it would cost more than
 * all the rest (docs/performance.md).
 */
export async function finishIndex(
  { scanner, builder }: Scan,
  blob: LayerBlob,
  diffId: Digest,
  { signal, decompressLimits }: IndexOptions,
): Promise<LayerIndex> {
  if (!scanner.hasEndMarker) {
    const hash = createHash('sha256');
    for await (const chunk of decompress(blob.open(signal), { signal, limits: decompressLimits }))
      hash.update(chunk);
    if (`sha256:${hash.digest('hex')}` !== diffId) {
      throw new StrataError(
        'unreadable',
        'The tar is cut: it has no end marker, and is not what its DiffID says.',
      );
    }
  }
  return builder.finish(diffId, scanner.problems);
}

/** Null when the blob is not an uncompressed part of a file. */
async function indexPlainRegion(
  host: Host,
  blob: LayerBlob,
  diffId: Digest,
  options: IndexOptions,
): Promise<LayerIndex | null> {
  const { region } = blob;
  if (!region) return null;
  const file = await host.files.open(region.path);
  try {
    const head = await file.read(region.offset, Math.min(sniffBytes, region.length));
    if (sniffCompression(head) !== 'none') return null;
    const scan = newScan(options);
    await scanRandom(file, scan.scanner, region, options.signal);
    return await finishIndex(scan, blob, diffId, options);
  } finally {
    await file.close();
  }
}
