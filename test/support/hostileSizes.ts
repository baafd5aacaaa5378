// Layer tars whose sizes lie: negative, huge, malformed, in every form of a number.
import { cut, entry, type HostileLayer, malformed, noNumber, sizeBinary, sizeField } from './hostileLayer';
import { base256, rawHeader, rawPax, rawTar, tarEnd } from './rawTar';

export const hostileSizes: HostileLayer[] = [
  // Sizes
  {
    name: 'a size of -1 in base 256',
    tar: () => rawTar(sizeBinary(-1n)),
    expect: { unknown: /Layer 1 .* negative size/ },
  },
  {
    name: 'the most negative size of base 256',
    tar: () => rawTar(sizeBinary(-(2n ** 94n))),
    expect: { unknown: noNumber },
  },
  {
    name: 'a size of 2^53 in base 256',
    tar: () => rawTar(sizeBinary(2n ** 53n)),
    expect: { unknown: noNumber },
  },
  {
    name: 'a size of 2^53-1 in base 256',
    tar: () => rawTar(sizeBinary(2n ** 53n - 1n)),
    expect: { unknown: cut },
  },
  {
    name: 'a size of 2^63-1 in base 256',
    tar: () => rawTar(sizeBinary(2n ** 63n - 1n)),
    expect: { unknown: noNumber },
  },
  {
    name: 'a size of 2^95-1 in base 256',
    tar: () => rawTar(sizeBinary(2n ** 94n - 1n)),
    expect: { unknown: noNumber },
  },
  { name: 'the largest octal size', tar: () => rawTar(sizeField('777777777777')), expect: { unknown: cut } },
  {
    name: 'an octal size with an 8 in it',
    tar: () => rawTar(sizeField('00000000008\0')),
    expect: { unknown: noNumber },
  },
  {
    name: 'an octal size with a minus',
    tar: () => rawTar(sizeField('-0000000001\0')),
    expect: { unknown: noNumber },
  },
  { name: 'a size in words', tar: () => rawTar(sizeField('many\0')), expect: { unknown: noNumber } },
  { name: 'a hexadecimal size', tar: () => rawTar(sizeField('0x10\0')), expect: { unknown: noNumber } },
  { name: 'an empty size', tar: () => rawTar(sizeField('')), expect: { bytes: 0, added: 1 } },
  {
    name: 'a size with a second number behind it',
    tar: () => rawTar(sizeField('0000001 0007')),
    expect: { unknown: noNumber },
  },
  {
    name: 'a size one byte beyond the end',
    tar: () => Buffer.concat([rawHeader({ name: 'a', size: 1025 }), tarEnd]),
    expect: { unknown: cut },
  },
  {
    name: 'a body that swallows the end marker',
    tar: () => Buffer.concat([rawHeader({ name: 'a', size: 1024 }), tarEnd]),
    expect: { bytes: 1024, added: 1 },
  },
  {
    name: 'a PAX size of 2^53',
    tar: () => rawTar(rawPax([['size', '9007199254740992']]), entry('a')),
    expect: { unknown: malformed },
  },
  {
    name: 'a PAX size of 30 digits',
    tar: () => rawTar(rawPax([['size', '9'.repeat(30)]]), entry('a')),
    expect: { unknown: malformed },
  },
  {
    name: 'a negative PAX size',
    tar: () => rawTar(rawPax([['size', '-1']]), entry('a')),
    expect: { unknown: malformed },
  },
  {
    name: 'a PAX size with an exponent',
    tar: () => rawTar(rawPax([['size', '1e3']]), entry('a')),
    expect: { unknown: malformed },
  },
  {
    name: 'a PAX size in hexadecimal',
    tar: () => rawTar(rawPax([['size', '0x1']]), entry('a')),
    expect: { unknown: malformed },
  },
  {
    name: 'a PAX size with a NUL',
    tar: () => rawTar(rawPax([['size', '1\0']]), entry('a')),
    expect: { unknown: malformed },
  },
  {
    name: 'an empty PAX size leaves the one of the header',
    tar: () => rawTar(rawPax([['size', '']]), entry('a', 'xyz')),
    expect: { bytes: 3, added: 1 },
  },
  {
    name: 'a PAX size beyond the end',
    tar: () => rawTar(rawPax([['size', '100000']]), entry('a')),
    expect: { unknown: cut },
  },
  {
    name: 'a PAX size that hides the entry behind it',
    tar: () => rawTar(rawPax([['size', '1536']]), entry('a', 'x'), entry('b', 'y')),
    expect: { bytes: 1536, added: 1 },
  },
  {
    name: 'a global PAX size is not a size for all',
    tar: () => rawTar(rawPax([['size', '512']], 'g'), entry('a', 'x'), entry('b', 'y')),
    expect: { bytes: 2, added: 2 },
  },
  {
    name: 'a sparse file that claims 2^53-1 bytes',
    tar: () => rawTar(rawPax([['GNU.sparse.realsize', '9007199254740991']]), entry('a')),
    expect: {
      unknown: /Layer 1 .* claim to hold 9007199254740991 bytes together; the limit is 70368744177664/,
    },
  },
  {
    name: 'sparse files whose sizes do not add up to a number',
    tar: () =>
      rawTar(
        ...Array.from({ length: 4 }, (_, i) =>
          Buffer.concat([rawPax([['GNU.sparse.realsize', '4503599627370496']]), entry(`a${i}`)]),
        ),
      ),
    expect: { unknown: /Layer 1 .* claim to hold 18014398509481984 bytes/ },
  },
  {
    name: 'a sparse file of 64 TiB is believed',
    tar: () => rawTar(rawPax([['GNU.sparse.realsize', '70368744177664']]), entry('a')),
    expect: { bytes: 70368744177664, added: 1 },
  },
  {
    name: 'a sparse size that is no number',
    tar: () => rawTar(rawPax([['GNU.sparse.size', 'x']]), entry('a')),
    expect: { unknown: malformed },
  },
  {
    name: 'a global sparse size is not one for all',
    tar: () => rawTar(rawPax([['GNU.sparse.realsize', '999']], 'g'), entry('a', 'xx')),
    expect: { bytes: 2, added: 1 },
  },
  {
    name: 'an old GNU sparse file of negative size',
    tar: () =>
      rawTar(rawHeader({ name: 'a', type: 'S', magic: 'ustar  \0', patch: (b) => base256(b, 483, 12, -5n) })),
    expect: { unknown: /Layer 1 .* negative size/ },
  },
  {
    name: 'an old GNU sparse map ends at its first block that says so',
    tar: () =>
      rawTar(
        rawHeader({
          name: 'a',
          type: 'S',
          magic: 'ustar  \0',
          patch: (b) => {
            b[482] = 1;
            b.write('00000000001\0', 483);
          },
        }),
        ...Array.from({ length: 5 }, () => Buffer.alloc(512, 1)),
      ),
    expect: { bytes: 1, added: 1 },
  },
  {
    name: 'an old GNU sparse map that the tar ends in',
    tar: () =>
      Buffer.concat([
        rawHeader({
          name: 'a',
          type: 'S',
          magic: 'ustar  \0',
          patch: (b) => {
            b[482] = 1;
          },
        }),
        Buffer.alloc(512, 1),
      ]),
    expect: { unknown: cut },
  },
  {
    name: 'a directory with a size has a body only where it is an old one',
    tar: () => rawTar(rawHeader({ name: 'd/', type: '5', size: 99_999 }), entry('a')),
    expect: { bytes: 1, added: 2 },
  },
  {
    name: 'links with a size have no body',
    tar: () =>
      rawTar(
        rawHeader({ name: 'l', type: '2', link: 'x', size: 99_999 }),
        rawHeader({ name: 'h', type: '1', link: 'l', size: 5_000 }),
        entry('a'),
      ),
    expect: { bytes: 1, added: 3 },
  },
];
