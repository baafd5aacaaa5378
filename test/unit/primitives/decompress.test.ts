import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as zlib from 'node:zlib';
import { sniffCompression } from '../../../server/src/primitives/compression';
import { decompress, defaultDecompressLimits } from '../../../server/src/primitives/decompress';
import { StrataError } from '../../../server/src/primitives/errors';
import { zstdStored } from '../../support/imageFiles';

// `zstd -19` of 'hello hello … hello\n' (200 times), with a checksum; made with zstd 1.5.4.
const zstdCompressed = Buffer.from('KLUv/QRodQAAOGhlbGxvIAoBAKfkL0XbNPwE', 'base64');
const zstdPlain = `${'hello '.repeat(200)}\n`;

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpack(bytes: Uint8Array, size = bytes.length, options = {}): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of decompress(chunksOf(bytes, Math.max(1, size)), options)) parts.push(chunk);
  return Buffer.concat(parts);
}

function refusal(code: string, words: RegExp) {
  return (error: unknown) => error instanceof StrataError && error.code === code && words.test(error.message);
}

const text = Buffer.from('The quick brown fox. '.repeat(700));

test('plain, gzip and zstd are told by their bytes and unpacked, however they are cut', async () => {
  for (const packed of [text, zlib.gzipSync(text), zstdStored(text)]) {
    for (const size of [1, 7, 64, 4096, packed.length]) {
      if (size === 1 && packed === text) continue;
      assert.ok((await unpack(packed, size)).equals(text), `${packed.length} bytes by ${size}`);
    }
  }
});

test('zstd with compressed blocks and a checksum is unpacked', async () => {
  for (const size of [1, 5, 1000]) assert.equal(String(await unpack(zstdCompressed, size)), zstdPlain);
});

test('nothing at all unpacks to nothing', async () => {
  assert.equal((await unpack(Buffer.alloc(0))).length, 0);
});

test('gzip may have several members, and zeros behind them', async () => {
  const members = Buffer.concat([
    zlib.gzipSync('one '),
    zlib.gzipSync(''),
    zlib.gzipSync('two'),
    Buffer.alloc(512),
  ]);
  for (const size of [1, 10, members.length]) assert.equal(String(await unpack(members, size)), 'one two');
});

test('zstd may have several frames, with skippable ones before, between and behind', async () => {
  const skip = (length: number, nibble = 0): Buffer => {
    const frame = Buffer.alloc(8 + length, 0xaa);
    frame.writeUInt32LE(0x184d2a50 + nibble, 0);
    frame.writeUInt32LE(length, 4);
    return frame;
  };
  const one = zstdStored(Buffer.from('one '));
  const two = zstdStored(text);
  const packed = Buffer.concat([skip(5), one, skip(0, 15), skip(70_000), two, zstdCompressed, skip(3)]);
  const expected = Buffer.concat([Buffer.from('one '), text, Buffer.from(zstdPlain)]);
  for (const size of [3, 13, 4096, packed.length]) {
    assert.ok((await unpack(packed, size)).equals(expected), `by ${size}`);
  }
  assert.equal((await unpack(skip(100))).length, 0);
});

test('compressions that no image uses are refused by name', async () => {
  const heads: [string, number[]][] = [
    ['bzip2', [0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59]],
    ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
    ['lz4', [0x04, 0x22, 0x4d, 0x18]],
    ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ];
  for (const [name, head] of heads) {
    await assert.rejects(unpack(Buffer.from([...head, 0, 0, 0])), refusal('unsupported', new RegExp(name)));
  }
  assert.equal(sniffCompression(Buffer.from('BZhang.txt\0')), 'none');
  assert.equal(sniffCompression(Buffer.from(']\0\0\0\0\0\0\0\0\0\0\0')), 'none');
});

test('damaged and cut data is refused, wherever it is cut', async () => {
  for (const packed of [zlib.gzipSync(text), zstdStored(text), zstdCompressed]) {
    for (const length of [packed.length - 1, packed.length - 5, packed.length >> 1, 20]) {
      if (length > 20 || packed !== zstdCompressed) {
        await assert.rejects(
          unpack(packed.subarray(0, length)),
          refusal('unreadable', /damaged/),
          `${length}`,
        );
      }
    }
  }
  const gzip = Buffer.from(zlib.gzipSync(text));
  gzip[gzip.length - 5] = gzip[gzip.length - 5]! ^ 0xff;
  await assert.rejects(unpack(gzip), refusal('unreadable', /gzip data is damaged/));
  await assert.rejects(
    unpack(Buffer.concat([zstdStored(text), Buffer.from('garbage')])),
    refusal('unreadable', /zstd data is damaged/),
  );
});

test('a bomb is stopped by its size and by its ratio', async () => {
  const limits = { ...defaultDecompressLimits, maxBytes: 1_000_000 };
  const zeros = zlib.gzipSync(Buffer.alloc(2_000_000));
  await assert.rejects(unpack(zeros, 512, { limits }), refusal('hostile', /more than 1000000 bytes/));
  await assert.rejects(
    unpack(zeros, 512, { limits: { ...defaultDecompressLimits, maxRatio: 100, ratioAfter: 100_000 } }),
    refusal('hostile', /100 times/),
  );
  await assert.rejects(
    unpack(text, 100, { limits: { ...limits, maxBytes: 1000 } }),
    refusal('hostile', /1000 bytes/),
  );
  // 8 GiB of RLE blocks in 256 KiB.
  const head = Buffer.from(zstdStored(Buffer.alloc(0)).subarray(0, 6));
  const rle = Buffer.from([0x02, 0x00, 0x10, 0x00]); // an RLE block of 128 KiB
  const last = Buffer.from([0x03, 0x00, 0x10, 0x00]);
  const bomb = Buffer.concat([head, ...Array.from({ length: 65_536 }, () => rle), last]);
  await assert.rejects(
    unpack(bomb, bomb.length, { limits: { ...defaultDecompressLimits, ratioAfter: 2 ** 20 } }),
    refusal('hostile', /2000 times/),
  );
});

test('a zstd frame cannot ask for any window it likes', async () => {
  const frame = Buffer.from(zstdStored(text));
  frame[5] = 0xf8; // 2 TiB
  await assert.rejects(unpack(frame), refusal('hostile', /window/));
});

test('who stops early ends the source; who aborts gets an error', async () => {
  for (const packed of [text, zlib.gzipSync(text), zstdStored(text)]) {
    let ended = false;
    const source = async function* (): AsyncGenerator<Uint8Array> {
      try {
        yield* chunksOf(packed, 50);
      } finally {
        ended = true;
      }
    };
    for await (const _ of decompress(source())) break;
    assert.ok(ended);
    const controller = new AbortController();
    const reading = (async () => {
      for await (const _ of decompress(chunksOf(packed, 20), { signal: controller.signal }))
        controller.abort();
    })();
    await assert.rejects(reading, { name: 'AbortError' });
  }
});

test('an error of the source comes through as it is', async () => {
  const gone = new StrataError('unreadable', 'The disk is gone.');
  const source = async function* (): AsyncGenerator<Uint8Array> {
    yield zlib.gzipSync(text).subarray(0, 100);
    throw gone;
  };
  await assert.rejects(
    (async () => {
      for await (const _ of decompress(source()));
    })(),
    (error) => error === gone,
  );
});
