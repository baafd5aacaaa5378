// Which compression some bytes have: sniffed, never believed from a media type. What is done about it: decompress.ts.
import { StrataError } from './errors';

export type Compression = 'none' | 'gzip' | 'zstd';

/** Bytes that `sniffCompression` wants to see; fewer will do when the data is shorter. */
export const sniffBytes = 12;

const refused: { name: string; magic: number[] }[] = [
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68, -1, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59] },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { name: 'lz4', magic: [0x04, 0x22, 0x4d, 0x18] },
  { name: 'lzma', magic: [0x5d, 0x00, 0x00, 0x80, 0x00] },
  { name: 'zip', magic: [0x50, 0x4b, 0x03, 0x04] },
  { name: '7z', magic: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c] },
];

/** Throws StrataError('unsupported') for the compressions that no image tool writes. */
export function sniffCompression(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (startsWith(head, [0x28, 0xb5, 0x2f, 0xfd])) return 'zstd';
  // A skippable frame may come first: zstd:chunked and pzstd write them.
  if (head.length >= 4 && head[0]! >> 4 === 5 && startsWith(head.subarray(1), [0x2a, 0x4d, 0x18]))
    return 'zstd';
  for (const { name, magic } of refused) {
    if (!startsWith(head, magic)) continue;
    throw new StrataError(
      'unsupported',
      `The data is compressed with ${name}, which Strata does not read.`,
      'Images use gzip, zstd or no compression.',
    );
  }
  return 'none';
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return bytes.length >= magic.length && magic.every((byte, i) => byte < 0 || byte === bytes[i]);
}
