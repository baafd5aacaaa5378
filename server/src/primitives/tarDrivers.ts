// How a TarScanner gets its bytes: by position from something that seeks (synchronously in a worker, or through the
// host), or from a stream of chunks. Windows are small, for bodies are skipped: docs/performance.md has the figures.
import { StrataError } from './errors';
import type { RandomAccessFile } from './host';
import type { TarScanner } from './tarScanner';

/** Bytes that can be read at any position without waiting. */
export interface SyncReader {
  /** bytes */
  readonly size: number;
  /** Fills `into` from its start with up to `length` bytes; returns how many. Fewer only at the end. */
  read(position: number, into: Uint8Array, length: number): number;
}

/**
 * Windows grow while headers lie close together and shrink where long bodies lie between: a large read behind each
 * long body would copy what nobody looks at, a small one for each small file would cost a call for each.
 */
const smallestWindow = 8 * 1024;
const largestWindow = 64 * 1024;
const windowBytes = 16 * 1024;

/** Scans a tar that can be read without waiting, headers only, a window at a time. */
export class SyncScan {
  private readonly reader: SyncReader;
  private readonly scanner: TarScanner;
  private window = new Uint8Array(largestWindow);
  private length = windowBytes;

  constructor(reader: SyncReader, scanner: TarScanner) {
    this.reader = reader;
    this.scanner = scanner;
  }

  /** Scans the next window; false when the tar has ended. Throws as `TarScanner.scan`. */
  step(): boolean {
    const { reader, scanner, length } = this;
    const { position, need } = scanner;
    if (scanner.finished || position + need > reader.size) {
      scanner.end(reader.size);
      return false;
    }
    if (need > this.window.length) this.window = new Uint8Array(need);
    const read = reader.read(position, this.window, Math.min(Math.max(length, need), reader.size - position));
    if (read < need) throw shrunk(position + read);
    scanner.scan(this.window, 0, read);
    const gap = scanner.position - (position + read);
    this.length = gap > read ? Math.max(smallestWindow, length / 2) : Math.min(largestWindow, length * 2);
    return true;
  }
}

/** The same from start to end. */
export function scanSync(reader: SyncReader, scanner: TarScanner): void {
  const scan = new SyncScan(reader, scanner);
  while (scan.step());
}

/** Scans a part of an open file, reading headers only. */
export async function scanRandom(
  file: RandomAccessFile,
  scanner: TarScanner,
  part: { offset: number; length: number },
  signal?: AbortSignal,
): Promise<void> {
  while (!scanner.finished && scanner.position + scanner.need <= part.length) {
    signal?.throwIfAborted();
    const wanted = Math.max(windowBytes, scanner.need);
    const length = Math.min(wanted, part.length - scanner.position);
    const bytes = await file.read(part.offset + scanner.position, length);
    if (bytes.length < scanner.need) throw shrunk(scanner.position + bytes.length);
    scanner.scan(bytes, 0, bytes.length);
  }
  scanner.end(part.length);
}

/**
 * Scans a stream. It is read to its end even when the tar ended before, for a checksum of the compression may follow.
 */
export async function scanChunks(
  chunks: AsyncIterable<Uint8Array>,
  scanner: TarScanner,
  signal?: AbortSignal,
): Promise<void> {
  const scan = new ChunkScan(scanner);
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    scan.push(chunk);
  }
  scan.end();
}

/** Scans chunks that are given one after another, the whole tar from its start. A chunk is not kept after `push`. */
export class ChunkScan {
  private readonly scanner: TarScanner;
  private total = 0;
  /** Bytes from `scanner.position` on that were too few to go on with. */
  private rest = new Uint8Array(0);

  constructor(scanner: TarScanner) {
    this.scanner = scanner;
  }

  /** Throws as `TarScanner.scan`. */
  push(chunk: Uint8Array): void {
    const { scanner, rest } = this;
    const chunkOffset = this.total;
    this.total += chunk.length;
    if (scanner.finished) return;
    let start = Math.max(0, scanner.position + rest.length - chunkOffset);
    if (rest.length > 0) {
      // Only what completes the unit is copied, not the whole chunk.
      const missing = Math.min(scanner.need - rest.length, chunk.length);
      const bytes = new Uint8Array(rest.length + missing);
      bytes.set(rest);
      bytes.set(chunk.subarray(0, missing), rest.length);
      this.rest = bytes;
      if (bytes.length < scanner.need) return;
      scanner.scan(bytes, 0, bytes.length);
      this.rest = new Uint8Array(0);
      start = scanner.position - chunkOffset;
      if (scanner.finished) return;
    }
    if (start >= chunk.length) return;
    scanner.scan(chunk, start, chunk.length);
    const left = scanner.position - chunkOffset;
    if (left < chunk.length && !scanner.finished) this.rest = chunk.slice(left);
  }

  /** The last chunk was pushed. Throws as `TarScanner.end`. */
  end(): void {
    this.scanner.end(this.total);
  }
}

function shrunk(position: number): StrataError {
  return new StrataError(
    'unreadable',
    `The file ended at byte ${position} while it was read: it changed meanwhile.`,
  );
}
