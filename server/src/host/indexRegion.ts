// Indexes a layer that lies in a file, reading synchronously: for a worker thread, where nobody waits for the loop.
// Plain tars are scanned by position, compressed ones unpacked as they come, a window at a time; through streams where
// this runtime unpacks them in no other way.
import * as fs from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { LayerBlob } from '../image/model';
import { finishIndex, type IndexOptions, indexStream, newScan } from '../layers/indexer';
import type { LayerIndex } from '../layers/model';
import { type Compression, sniffBytes, sniffCompression } from '../primitives/compression';
import type { Digest } from '../primitives/digest';
import { digestCheck } from '../primitives/digestCheck';
import { StrataError } from '../primitives/errors';
import { canUnpackSync, unpackSync } from '../primitives/syncUnpack';
import { ChunkScan, type SyncReader, SyncScan, scanSync } from '../primitives/tarDrivers';
import type { TarScanner } from '../primitives/tarScanner';
import type { SyncFormat } from '../primitives/zlibHandle';

export type Region = NonNullable<LayerBlob['region']>;

/** Input of a stream's decompressor at a time: fewer turns of the loop cost less (docs/performance.md). */
const chunkBytes = 2 ** 20;

/** Throws as `Indexer.index`. */
export async function indexRegion(
  region: Region,
  diffId: Digest,
  options: IndexOptions,
): Promise<LayerIndex> {
  const file = openFile(region.path);
  try {
    const reader = regionReader(file, region);
    const compression = sniff(reader);
    const blob: LayerBlob = { region, open: () => chunksOf(reader) };
    if (compression !== 'none' && !canUnpackSync(compression))
      return await indexStream(blob, diffId, options);
    const scan = newScan(options);
    if (compression === 'none') scanSync(reader, scan.scanner);
    else scanPacked(reader, compression, scan.scanner, options);
    return await finishIndex(scan, blob, diffId, options);
  } finally {
    fs.closeSync(file);
  }
}

/** ms after which others have their turn. */
const turnMs = 20;

/**
 * Indexes a plain layer in this thread, a little at a time: for a process with nothing else to do, where a thread would
 * take longer to start than the layer to be scanned. Null for a compressed layer. Throws as `Indexer.index`.
 */
export async function indexPlainInTurns(
  region: Region,
  diffId: Digest,
  options: IndexOptions,
): Promise<LayerIndex | null> {
  const file = openFile(region.path);
  try {
    const reader = regionReader(file, region);
    if (sniff(reader) !== 'none') return null;
    const scan = newScan(options);
    const steps = new SyncScan(reader, scan.scanner);
    let turn = performance.now();
    while (steps.step()) {
      if (performance.now() - turn < turnMs) continue;
      await setImmediate();
      options.signal?.throwIfAborted();
      turn = performance.now();
    }
    const blob: LayerBlob = { region, open: () => chunksOf(reader) };
    return await finishIndex(scan, blob, diffId, options);
  } finally {
    fs.closeSync(file);
  }
}

function sniff(reader: SyncReader): Compression {
  const head = new Uint8Array(sniffBytes);
  return sniffCompression(head.subarray(0, reader.read(0, head, Math.min(sniffBytes, reader.size))));
}

/** Scans what comes out in the buffer it came into, before that is filled again. */
function scanPacked(
  reader: SyncReader,
  format: SyncFormat,
  scanner: TarScanner,
  { decompressLimits: limits, blobDigest }: IndexOptions,
): void {
  const scan = new ChunkScan(scanner);
  const check = digestCheck(blobDigest);
  const onStored = check ? (bytes: Uint8Array) => check.update(bytes) : undefined;
  unpackSync(reader, format, (bytes) => scan.push(bytes), { limits, onStored });
  scan.end();
  check?.verify();
}

function openFile(path: string): number {
  try {
    return fs.openSync(path, 'r');
  } catch (error) {
    throw new StrataError('unreadable', `Could not open ${path}: ${(error as Error).message}.`, '', error);
  }
}

function regionReader(file: number, { path, offset, length: size }: Region): SyncReader {
  return {
    size,
    read(position, into, length) {
      let done = 0;
      try {
        while (done < length) {
          const read = fs.readSync(file, into, done, length - done, offset + position + done);
          if (read === 0) break;
          done += read;
        }
      } catch (error) {
        throw new StrataError(
          'unreadable',
          `Could not read ${path}: ${(error as Error).message}.`,
          '',
          error,
        );
      }
      return done;
    },
  };
}

async function* chunksOf(reader: SyncReader): AsyncGenerator<Uint8Array> {
  for (let position = 0; position < reader.size; ) {
    const chunk = new Uint8Array(Math.min(chunkBytes, reader.size - position));
    const read = reader.read(position, chunk, chunk.length);
    if (read > 0) yield chunk.subarray(0, read);
    if (read < chunk.length) return;
    position += read;
  }
}
