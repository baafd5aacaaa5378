// Unpacks gzip and zstd without waiting, a window at a time, for a worker thread that scans what comes out: streams cost
// up to half as much again (docs/performance.md). Same bytes and same refusals as decompress(), which is the way to go
// where canUnpackSync says no. It reads no files.
import type { Compression } from './compression';
import { checkLimits, type DecompressLimits, damagedData, defaultDecompressLimits } from './decompress';
import { StrataError } from './errors';
import type { SyncReader } from './tarDrivers';
import { openSyncDecoder, type SyncDecoder, type SyncFormat } from './zlibHandle';
import { ZstdFrames } from './zstdFrames';

export interface SyncUnpackOptions {
  limits?: DecompressLimits;
  /** Gets the stored bytes in order, those behind the end of the data too. They are valid during the call only. */
  onStored?: (bytes: Uint8Array) => void;
  /** Sizes of the two buffers, in bytes. */
  inputBytes?: number;
  outputBytes?: number;
}

/** Larger output windows do not fit the cache, smaller ones cost calls (docs/performance.md). */
const windowBytes = 256 * 1024;

/** Whether this runtime unpacks it without waiting, and rightly: tried once for each compression. */
export function canUnpackSync(compression: Compression): compression is SyncFormat {
  if (compression === 'none') return false;
  let works = tried.get(compression);
  if (works === undefined) {
    works = selfTest(compression);
    tried.set(compression, works);
  }
  return works;
}

const tried = new Map<SyncFormat, boolean>();

/**
 * Unpacks all of `reader`. `onBytes` gets the bytes inside, in windows that are full but for the last one and valid
 * during the call only. Throws as `decompress`. Only where `canUnpackSync`.
 */
export function unpackSync(
  reader: SyncReader,
  format: SyncFormat,
  onBytes: (bytes: Uint8Array) => void,
  options: SyncUnpackOptions = {},
): void {
  const { limits = defaultDecompressLimits, onStored, inputBytes = windowBytes } = options;
  const decoder = openSyncDecoder(format);
  if (!decoder) throw new Error(`This runtime does not unpack ${format} without waiting.`);
  const input = new Uint8Array(Math.min(inputBytes, reader.size));
  let bytesIn = 0;
  let bytesOut = 0;
  const window = new Window(decoder, format, options.outputBytes ?? windowBytes, (bytes) => {
    bytesOut += bytes.length;
    checkLimits(bytesOut, bytesIn, limits);
    onBytes(bytes);
  });
  const unpack = format === 'gzip' ? gzipMembers(window) : zstdFrames(window);
  try {
    let wanted = true;
    while (bytesIn < reader.size && (wanted || onStored)) {
      const length = Math.min(input.length, reader.size - bytesIn);
      const read = reader.read(bytesIn, input, length);
      bytesIn += read;
      const bytes = input.subarray(0, read);
      onStored?.(bytes);
      if (wanted && read > 0) wanted = unpack.push(bytes);
      // A file that was cut meanwhile is a cut stream.
      if (read < length) break;
    }
    if (wanted) unpack.end();
    window.flush();
  } catch (error) {
    // What came out before the damage may be refused for another reason, which is the first one.
    window.flush();
    throw error;
  } finally {
    decoder.close();
  }
}

/** The buffer that bytes are unpacked into, handed on whenever it is full. */
class Window {
  private readonly decoder: SyncDecoder;
  private readonly format: SyncFormat;
  private readonly buffer: Uint8Array;
  private readonly onFull: (bytes: Uint8Array) => void;
  private filled = 0;

  constructor(decoder: SyncDecoder, format: SyncFormat, bytes: number, onFull: (bytes: Uint8Array) => void) {
    this.decoder = decoder;
    this.format = format;
    this.buffer = new Uint8Array(bytes);
    this.onFull = onFull;
  }

  /** Unpacks as much as the decoder takes; returns how many bytes of the input it left. */
  write(input: Uint8Array, last: boolean): number {
    const { decoder, buffer } = this;
    for (let at = 0; ; ) {
      try {
        decoder.write(input, at, buffer, this.filled, last);
      } catch (error) {
        throw damagedData(error, this.format);
      }
      at = input.length - decoder.inputLeft;
      this.filled = buffer.length - decoder.outputLeft;
      // With room left, it has nothing more to say.
      if (this.filled < buffer.length) return decoder.inputLeft;
      this.flush();
    }
  }

  flush(): void {
    if (this.filled === 0) return;
    const bytes = this.buffer.subarray(0, this.filled);
    this.filled = 0;
    this.onFull(bytes);
  }
}

interface Unpacking {
  /** False when what follows does not belong to the data. */
  push(bytes: Uint8Array): boolean;
  end(): void;
}

const nothing = new Uint8Array(0);

/** The handle goes from member to member itself, and stops at a zero behind one: that and all behind it is padding. */
function gzipMembers(window: Window): Unpacking {
  return {
    push: (bytes) => window.write(bytes, false) === 0,
    end: () => void window.write(nothing, true),
  };
}

function zstdFrames(window: Window): Unpacking {
  const frames = new ZstdFrames();
  return {
    push(chunk) {
      for (const { bytes } of frames.push(chunk)) {
        if (window.write(bytes, false) === 0) continue;
        throw new StrataError('unreadable', 'The zstd data is damaged: a frame ends before its last block.');
      }
      return true;
    },
    end: () => frames.end(),
  };
}

/** Members or frames with something between and behind them, as base64, and the text inside. */
const samples: Record<SyncFormat, { packed: string; text: string; cut: number; flip: number }> = {
  // Three members, the second one empty, then zeros and a letter.
  gzip: {
    packed:
      'H4sIAAAAAAAAA8vPS1UAAElhrCMEAAAAH4sIAAAAAAAAAwMAAAAAAAAAAAAfiwgAAAAAAAADy0jNyclXyBglR8lRcpQc9CQXAMgsCTSxBAAAAAB4',
    text: `one ${'hello '.repeat(200)}\n`,
    cut: 70,
    flip: 73,
  },
  // Two frames with checksums, and a skippable one between them.
  zstd: {
    packed: 'KLUv/QRodQAAOGhlbGxvIAoBAKfkL0XbNPwEUCpNGAMAAAAJCQkotS/9BGh1AAA4aGVsbG8gCgEAp+QvRds0/AQ=',
    text: `${'hello '.repeat(200)}\n`.repeat(2),
    cut: 60,
    flip: 64,
  },
};

/**
 * Unpacks what is known, and must refuse it damaged and cut, through buffers that are full again and again. Anything
 * else that is thrown, for a missing decoder too, means that it does not work.
 */
function selfTest(format: SyncFormat): boolean {
  const { packed, text, cut, flip } = samples[format];
  const whole = Uint8Array.from(Buffer.from(packed, 'base64'));
  const damaged = Uint8Array.from(whole);
  damaged[flip]! ^= 1;
  try {
    return (
      unpackedForTest(whole, format) === text &&
      unpackedForTest(damaged, format) === null &&
      unpackedForTest(whole.subarray(0, cut), format) === null
    );
  } catch {
    return false;
  }
}

/** Null for data that is refused. */
function unpackedForTest(bytes: Uint8Array, format: SyncFormat): string | null {
  const reader: SyncReader = {
    size: bytes.length,
    read(position, into, length) {
      into.set(bytes.subarray(position, position + length));
      return length;
    },
  };
  const parts: Buffer[] = [];
  try {
    unpackSync(reader, format, (part) => parts.push(Buffer.from(part)), { inputBytes: 50, outputBytes: 64 });
  } catch (error) {
    if (error instanceof StrataError && error.code === 'unreadable') return null;
    throw error;
  }
  return Buffer.concat(parts).toString('latin1');
}
