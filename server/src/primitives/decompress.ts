// How stored bytes become a tar. Streams only, through public interfaces; what comes out is bounded, whatever goes in.
// Which compression it is, compression.ts tells. It reads no files.
import * as zlib from 'node:zlib';
import { Decompress as PureZstd } from 'fzstd';
import { sniffBytes, sniffCompression } from './compression';
import { StrataError } from './errors';
import { ZstdFrames } from './zstdFrames';

/** What a decompressed stream may grow to before it is taken for a bomb. */
export interface DecompressLimits {
  /** bytes out */
  maxBytes: number;
  /** bytes out for each byte in; counts only beyond `ratioAfter`, for small data compresses to almost nothing. */
  maxRatio: number;
  /** bytes out from which on the ratio counts */
  ratioAfter: number;
}

/** Deflate cannot exceed 1032:1, so an honest gzip layer of zeros passes; zstd can reach 30,000:1 and is cut. */
export const defaultDecompressLimits: DecompressLimits = {
  maxBytes: 256 * 2 ** 30,
  maxRatio: 2000,
  ratioAfter: 256 * 2 ** 20,
};

export interface DecompressOptions {
  limits?: DecompressLimits;
  signal?: AbortSignal;
  /** Gets the stored bytes of compressed data in order, those behind its end too: all of them when none is damaged. */
  onStored?: (bytes: Uint8Array) => void;
}

/**
 * The bytes inside, whatever they are packed with; plain data passes through (and counts against `maxBytes`).
 * Throws StrataError('unreadable') for damaged or cut data, ('hostile') beyond the limits, ('unsupported') for a
 * compression that is not read. Ends the source when the consumer stops early.
 */
export async function* decompress(
  chunks: AsyncIterable<Uint8Array>,
  { limits = defaultDecompressLimits, signal, onStored }: DecompressOptions = {},
): AsyncGenerator<Uint8Array> {
  const source = new Source(chunks, signal);
  let bytesOut = 0;
  try {
    const compression = sniffCompression(await source.head(sniffBytes));
    if (compression !== 'none') source.onStored = onStored;
    const plain =
      compression === 'gzip'
        ? throughZlib(zlib.createGunzip(bigChunks), gzipPieces(source), 'gzip')
        : compression === 'zstd'
          ? zstd(source)
          : source;
    for await (const chunk of plain) {
      signal?.throwIfAborted();
      bytesOut += chunk.length;
      checkLimits(bytesOut, compression === 'none' ? Number.POSITIVE_INFINITY : source.bytesRead, limits);
      if (chunk.length > 0) yield chunk;
    }
    // Behind the last gzip member nothing is unpacked, but the stored bytes go on.
    if (source.onStored) for await (const _ of source);
  } finally {
    await source.return();
  }
}

/** Throws StrataError('hostile') for what unpacked to more than `limits` allow, in bytes. */
export function checkLimits(bytesOut: number, bytesIn: number, limits: DecompressLimits): void {
  if (bytesOut > limits.maxBytes) {
    throw new StrataError('hostile', `The data unpacks to more than ${limits.maxBytes} bytes.`);
  }
  if (bytesOut > limits.ratioAfter && bytesOut > bytesIn * limits.maxRatio) {
    throw new StrataError(
      'hostile',
      `The data unpacks to more than ${limits.maxRatio} times its size (${bytesIn} to ${bytesOut} bytes so far).`,
    );
  }
}

/** The source's chunks, counted, with a look at the first bytes before they are taken. */
class Source implements AsyncIterable<Uint8Array> {
  bytesRead = 0;
  onStored: ((bytes: Uint8Array) => void) | undefined;
  private readonly iterator: AsyncIterator<Uint8Array>;
  private readonly signal: AbortSignal | undefined;
  private readonly ahead: Uint8Array[] = [];

  constructor(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined) {
    this.iterator = chunks[Symbol.asyncIterator]();
    this.signal = signal;
  }

  async head(length: number): Promise<Uint8Array> {
    const head: number[] = [];
    while (head.length < length) {
      const { done, value } = await this.iterator.next();
      if (done) break;
      this.ahead.push(value);
      for (let i = 0; i < value.length && head.length < length; i++) head.push(value[i]!);
    }
    return Uint8Array.from(head);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      this.signal?.throwIfAborted();
      const next = this.ahead.shift();
      const { done, value } = next ? { done: false, value: next } : await this.iterator.next();
      if (done) return;
      this.bytesRead += value.length;
      this.onStored?.(value);
      yield value;
    }
  }

  async return(): Promise<void> {
    await this.iterator.return?.();
  }
}

/** Fewer and bigger chunks: 16 KiB ones, the default, cost 2.5 times as much (docs/performance.md). */
const bigChunks = { chunkSize: 2 ** 20, highWaterMark: 2 ** 21 };

/** What is used of a stream that transforms bytes. */
interface ByteTransform extends AsyncIterable<Uint8Array> {
  write(chunk: Uint8Array): boolean;
  end(): void;
  destroy(error?: Error): void;
  once(event: 'drain' | 'close', listener: () => void): unknown;
  off(event: 'drain' | 'close', listener: () => void): unknown;
  readonly destroyed: boolean;
}

async function* throughZlib(
  transform: ByteTransform,
  pieces: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  const feeding = feed(transform, pieces);
  try {
    yield* transform;
  } catch (error) {
    throw damagedData(error, name);
  } finally {
    transform.destroy();
    await feeding;
  }
}

/** Writes with back-pressure; an error of the source becomes the stream's error. Never rejects. */
async function feed(transform: ByteTransform, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const piece of pieces) {
      if (transform.destroyed) return;
      if (!transform.write(piece)) await drained(transform);
    }
    transform.end();
  } catch (error) {
    transform.destroy(error as Error);
  }
}

function drained(transform: ByteTransform): Promise<void> {
  return new Promise((resolve) => {
    const ready = (): void => {
      transform.off('drain', ready);
      transform.off('close', ready);
      resolve();
    };
    transform.once('drain', ready);
    transform.once('close', ready);
  });
}

/** What is thrown for an error of zlib in data of a compression; other errors stay as they are. */
export function damagedData(error: unknown, name: string): unknown {
  const { code, message } = error as { code?: unknown; message?: string };
  const isZlib = typeof code === 'string' && (code.startsWith('Z_') || code.startsWith('ZSTD_'));
  return isZlib
    ? new StrataError('unreadable', `The ${name} data is damaged: ${message}.`, '', error)
    : error;
}

/** Node's gunzip takes the members one after another, and drops zeros and other bytes behind the last one. */
async function* gzipPieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) if (chunk.length > 0) yield chunk;
}

async function* zstdPieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const frames = new ZstdFrames();
  for await (const chunk of source) for (const { bytes } of frames.push(chunk)) yield bytes;
  frames.end();
}

/** Since Node 22.15; our type declarations are of Node 20. */
const createZstdDecompress = (zlib as { createZstdDecompress?: (options: object) => ByteTransform })
  .createZstdDecompress;

async function* zstd(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (!createZstdDecompress) return yield* pureZstd(source);
  const pieces = zstdPieces(source);
  const first = await pieces.next();
  // Skippable frames alone hold nothing, and zlib takes that for a cut frame.
  if (first.done) return;
  yield* throughZlib(createZstdDecompress(bigChunks), behind(first.value, pieces), 'zstd');
}

async function* behind(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

/** Input at a time: an RLE block unpacks 4 bytes to 128 KiB, so that this can grow to 128 MiB before limits are seen. */
const pureSlice = 4096;

/** For Node before 22.15. Six times slower than zlib's, and it does not verify the frame's checksum. */
async function* pureZstd(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const frames = new ZstdFrames();
  let out: Uint8Array[] = [];
  const start = (): PureZstd => new PureZstd((data) => out.push(data));
  let decoder = start();
  for await (const chunk of source) {
    for (const { bytes, endsFrame } of frames.push(chunk)) {
      for (let at = 0; at < bytes.length; at += pureSlice) {
        const last = endsFrame && at + pureSlice >= bytes.length;
        try {
          decoder.push(bytes.subarray(at, at + pureSlice), last);
        } catch (error) {
          throw new StrataError(
            'unreadable',
            `The zstd data is damaged: ${(error as Error).message}.`,
            '',
            error,
          );
        }
        yield* out;
        out = [];
      }
      if (endsFrame) decoder = start();
    }
  }
  frames.end();
}
