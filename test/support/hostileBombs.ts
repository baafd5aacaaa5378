// Compressed layers that grow without bound, with what must come of each.
import { gzipSync } from 'node:zlib';
import { sha256 } from '../../server/src/primitives/digest';
import { type HostileCase, storedImage } from './hostileArchives';
import { rawEntry, rawTar } from './rawTar';

/** Data that grows without bound, under limits that are small so that the test is quick. */
export async function bombs(): Promise<HostileCase[]> {
  const tar = rawTar(rawEntry({ name: 'zeros' }, Buffer.alloc(2 ** 20)));
  const gzip = gzipSync(tar);
  const cases: HostileCase[] = [];
  const limits = { maxBytes: 2 ** 30, maxRatio: 2 ** 30, ratioAfter: 0 };
  const rle = zstdRle(2 ** 20);
  for (const [name, stored, decompressLimits, problem] of [
    [
      'gzip beyond the ratio',
      gzip,
      { ...limits, maxRatio: 100, ratioAfter: 10_000 },
      /Layer 0 .* unpacks to more than 100 times its size/,
    ],
    [
      'gzip beyond the size',
      gzip,
      { ...limits, maxBytes: 500_000 },
      /Layer 0 .* unpacks to more than 500000 bytes/,
    ],
    [
      'zstd beyond the ratio',
      rle,
      { ...limits, maxRatio: 100, ratioAfter: 10_000 },
      /Layer 0 .* unpacks to more than 100 times its size/,
    ],
    [
      'zstd beyond the size',
      rle,
      { ...limits, maxBytes: 500_000 },
      /Layer 0 .* unpacks to more than 500000 bytes/,
    ],
    ['gzip just within the size', gzip, { ...limits, maxBytes: tar.length }, null],
    ['gzip beyond the ratio, but small', gzip, { ...limits, maxRatio: 2, ratioAfter: 2 ** 22 }, null],
  ] as const) {
    const { disk, reference } = await storedImage([{ stored, diffId: sha256(tar) }], 'oci');
    cases.push({
      name: `a bomb: ${name}`,
      disk: () => disk,
      reference,
      decompressLimits,
      expect: problem
        ? { unpacked: [null], visible: null, problems: [problem] }
        : { unpacked: [2 ** 20], visible: 2 ** 20, problems: [] },
    });
  }
  return cases;
}

/** A zstd frame of blocks that each say one zero many times. */
function zstdRle(bytes: number): Buffer {
  const parts = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x38])];
  for (let left = bytes; left > 0; left -= 131_072) {
    const header = (Math.min(left, 131_072) << 3) | 2 | (left <= 131_072 ? 1 : 0);
    parts.push(Buffer.from([header & 0xff, (header >> 8) & 0xff, header >> 16, 0]));
  }
  return Buffer.concat(parts);
}
