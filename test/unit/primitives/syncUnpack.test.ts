import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as zlib from 'node:zlib';
import {
  type DecompressLimits,
  decompress,
  defaultDecompressLimits,
} from '../../../server/src/primitives/decompress';
import { StrataError } from '../../../server/src/primitives/errors';
import { canUnpackSync, unpackSync } from '../../../server/src/primitives/syncUnpack';
import type { SyncFormat } from '../../../server/src/primitives/zlibHandle';
import { zstdStored } from '../../support/imageFiles';
import { readerOf } from '../../support/layerIndexes';
import { seededRandom } from '../../support/random';

// The types are of Node 20, which has no zstd.
const { zstdCompressSync } = zlib as unknown as { zstdCompressSync?: (bytes: Uint8Array) => Buffer };
const native: SyncFormat[] = zstdCompressSync ? ['gzip', 'zstd'] : ['gzip'];
const formats = native.filter(canUnpackSync);
const isKnown = Number.parseInt(process.versions.node, 10) <= 24;
const skip = isKnown ? false : 'newer than the Nodes whose decompressors are driven without waiting';

interface Run {
  inputBytes?: number;
  outputBytes?: number;
  limits?: DecompressLimits;
}

interface Outcome {
  /** What came out, or the code of the refusal. */
  result: string;
  /** The stored bytes as they passed by. */
  stored: string;
}

function bySync(bytes: Uint8Array, format: SyncFormat, run: Run): Outcome {
  const parts: Buffer[] = [];
  const stored: Buffer[] = [];
  const onStored = (part: Uint8Array): void => void stored.push(Buffer.from(part));
  return outcome(parts, stored, () =>
    unpackSync(readerOf(bytes), format, (part) => parts.push(Buffer.from(part)), { ...run, onStored }),
  );
}

async function byStream(bytes: Uint8Array, { inputBytes = bytes.length, limits }: Run): Promise<Outcome> {
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += inputBytes) yield bytes.subarray(at, at + inputBytes);
  };
  const parts: Buffer[] = [];
  const stored: Buffer[] = [];
  const onStored = (part: Uint8Array): void => void stored.push(Buffer.from(part));
  let failure: unknown = null;
  try {
    for await (const part of decompress(chunks(), { limits, onStored })) parts.push(Buffer.from(part));
  } catch (error) {
    failure = error;
  }
  return outcome(parts, stored, () => {
    if (failure) throw failure;
  });
}

function outcome(parts: Buffer[], stored: Buffer[], run: () => void): Outcome {
  try {
    run();
  } catch (error) {
    if (!(error instanceof StrataError)) throw error;
    return { result: error.code, stored: '' };
  }
  return {
    result: Buffer.concat(parts).toString('base64'),
    stored: Buffer.concat(stored).toString('base64'),
  };
}

async function checkSame(bytes: Uint8Array, format: SyncFormat, run: Run, label: string): Promise<Outcome> {
  const got = bySync(bytes, format, run);
  assert.deepEqual(got, await byStream(bytes, run), label);
  return got;
}

/** Some bytes: repeated, random, or none. */
function someBytes(random: () => number): Buffer {
  const length = Math.floor(random() ** 3 * 60_000);
  if (random() < 0.2) return Buffer.alloc(0);
  if (random() < 0.5) return Buffer.alloc(length, 'layers ');
  return Buffer.from(Uint8Array.from({ length }, () => random() * (random() < 0.1 ? 256 : 16)));
}

function skippable(length: number): Buffer {
  const frame = Buffer.alloc(8 + length, 0x28);
  frame.writeUInt32LE(0x184d2a57, 0);
  frame.writeUInt32LE(length, 4);
  return frame;
}

/** Members or frames one after another, unless `sound` perhaps with something behind, cut or damaged. */
function someStored(random: () => number, format: SyncFormat, sound: boolean): Buffer {
  const parts: Uint8Array[] = [];
  const count = 1 + Math.floor(random() * 4);
  for (let i = 0; i < count; i++) {
    const plain = someBytes(random);
    if (format === 'gzip') parts.push(zlib.gzipSync(plain, { level: Math.floor(random() * 10) }));
    else {
      if (random() < 0.3) parts.push(skippable(Math.floor(random() * 300)));
      parts.push(random() < 0.4 ? zstdStored(plain) : zstdCompressSync!(plain));
    }
  }
  if (sound) return Buffer.concat(parts);
  if (random() < 0.2) parts.push(Buffer.alloc(Math.floor(random() * 600)));
  if (random() < 0.1) parts.push(Buffer.from('\x1f'));
  if (random() < 0.1) parts.push(Buffer.from('garbage'));
  let stored = Buffer.concat(parts);
  // The first bytes stay, for they say what it is.
  if (random() < 0.25)
    stored = stored.subarray(0, 12 + Math.floor(random() * Math.max(0, stored.length - 12)));
  if (random() < 0.25 && stored.length > 12) {
    const at = 12 + Math.floor(random() * (stored.length - 12));
    stored[at] = stored[at]! ^ (1 << Math.floor(random() * 8));
  }
  return stored;
}

test('this Node unpacks without waiting what it has a decompressor for, and plain data never', () => {
  assert.equal(canUnpackSync('none'), false);
  assert.deepEqual(formats, isKnown ? native : []);
});

test('generated data gives the same bytes or the same refusal as through streams', { skip }, async () => {
  for (const format of formats) {
    const random = seededRandom(20_24);
    const kinds = new Set<string>();
    for (let i = 0; i < 300; i++) {
      // Where data is damaged and too much, a stream says whichever it sees first.
      const limited = random() < 0.1;
      const bytes = someStored(random, format, limited);
      const run: Run = {
        inputBytes: 1 + Math.floor(random() ** 4 * 70_000),
        outputBytes: [64, 1000, 4096, 262_144][Math.floor(random() * 4)]!,
        limits: limited ? { ...defaultDecompressLimits, maxBytes: 5000 } : undefined,
      };
      // A chunk of a stream costs some 50 µs.
      run.inputBytes = Math.max(run.inputBytes!, Math.ceil(bytes.length / 200));
      const { result } = await checkSame(bytes, format, run, `${format} ${i}, by ${run.inputBytes}`);
      kinds.add(/^(?:unreadable|hostile)$/.test(result) ? result : 'bytes');
    }
    assert.deepEqual([...kinds].sort(), ['bytes', 'hostile', 'unreadable']);
  }
});

test('what follows the last gzip member is judged alike wherever the windows end', { skip }, async () => {
  const one = zlib.gzipSync('one ');
  const none = zlib.gzipSync('');
  const tails = {
    nothing: [],
    zeros: [Buffer.alloc(40)],
    'zeros and a member': [Buffer.alloc(3), one],
    'zeros and garbage': [Buffer.alloc(3), Buffer.from('garbage')],
    garbage: [Buffer.from('garbage')],
    'half a magic number': [Buffer.from([0x1f])],
    'half a header': [one.subarray(0, 7)],
    'an empty member': [none],
    'empty members and zeros': [none, none, Buffer.alloc(9)],
  };
  for (const [name, tail] of Object.entries(tails)) {
    const bytes = Buffer.concat([one, none, one, ...tail]);
    for (let inputBytes = 1; inputBytes <= bytes.length; inputBytes++) {
      await checkSame(bytes, 'gzip', { inputBytes, outputBytes: 4 }, `${name}, by ${inputBytes}`);
    }
  }
});

test('every cut and every flipped byte of a small one is judged alike', { skip }, async () => {
  for (const format of formats) {
    const text = Buffer.from('The quick brown fox. '.repeat(3));
    const bytes =
      format === 'gzip'
        ? Buffer.concat([zlib.gzipSync(text), zlib.gzipSync('')])
        : Buffer.concat([zstdCompressSync!(text), skippable(5), zstdStored(text)]);
    for (let at = 12; at < bytes.length; at++) {
      await checkSame(bytes.subarray(0, at), format, { inputBytes: 9 }, `${format} cut at ${at}`);
      const flipped = Buffer.from(bytes);
      flipped[at] = flipped[at]! ^ 0x11;
      await checkSame(flipped, format, { inputBytes: 16 }, `${format} flipped at ${at}`);
    }
  }
});

test('a bomb is stopped by its ratio while it unpacks', { skip }, () => {
  const limits = { ...defaultDecompressLimits, maxRatio: 100, ratioAfter: 2 ** 20 };
  let bytesOut = 0;
  const stopped = (format: SyncFormat, bytes: Uint8Array): void => {
    bytesOut = 0;
    const take = (part: Uint8Array): void => {
      bytesOut += part.length;
    };
    assert.throws(() => unpackSync(readerOf(bytes), format, take, { limits }), {
      name: 'StrataError',
      code: 'hostile',
    });
    assert.ok(bytesOut < 120 * bytes.length + 2 ** 21);
  };
  stopped('gzip', zlib.gzipSync(Buffer.alloc(20_000_000)));
  if (!formats.includes('zstd')) return;
  // 8 GiB of RLE blocks in 256 KiB.
  const head = zstdStored(Buffer.alloc(0)).subarray(0, 6);
  const rle = Buffer.from([0x02, 0x00, 0x10, 0x00]);
  stopped('zstd', Buffer.concat([head, ...Array.from({ length: 65_536 }, () => rle)]));
  const wide = Buffer.from(zstdStored(Buffer.from('text')));
  wide[5] = 0xf8; // 2 TiB
  assert.throws(() => unpackSync(readerOf(wide), 'zstd', () => {}, {}), {
    name: 'StrataError',
    code: 'hostile',
  });
});

test('an error of who takes the bytes comes through as it is', { skip }, () => {
  const full = new Error('full');
  const take = (): void => {
    throw full;
  };
  assert.throws(
    () => unpackSync(readerOf(zlib.gzipSync('text')), 'gzip', take),
    (error) => error === full,
  );
});
