// Layer tars whose headers are no headers: numbers that are none, checksums, ends, types that nobody knows.
import { checksum, cut, entry, type HostileLayer, malformed, noNumber, oddType } from './hostileLayer';
import { base256, rawHeader, rawPax, rawTar } from './rawTar';

export const hostileHeaders: HostileLayer[] = [
  // Numbers that are not sizes
  {
    name: 'a mode that is no number',
    tar: () => rawTar(rawHeader({ patch: (b) => b.write('rwxr-xr', 100) })),
    expect: { unknown: noNumber },
  },
  {
    name: 'an owner of 2^63 in base 256',
    tar: () =>
      rawTar(
        rawHeader({
          patch: (b) => {
            b.fill(0, 108, 116);
            b[108] = 0x80;
            b[109] = 0xff;
          },
        }),
      ),
    expect: { unknown: noNumber },
  },
  {
    name: 'a time before 1970, and one beyond all calendars',
    tar: () =>
      rawTar(
        rawHeader({ name: 'a', patch: (b) => base256(b, 136, 12, -62135596800n) }),
        rawHeader({ name: 'b', patch: (b) => base256(b, 136, 12, 2n ** 52n) }),
      ),
    expect: { bytes: 0, added: 2 },
  },
  {
    name: 'a PAX time that is no number',
    tar: () => rawTar(rawPax([['mtime', 'yesterday']]), entry('a')),
    expect: { unknown: malformed },
  },
  {
    name: 'a PAX time with a thousand digits',
    tar: () => rawTar(rawPax([['mtime', `1.${'0'.repeat(1000)}`]]), entry('a')),
    expect: { bytes: 1, added: 1 },
  },
  {
    name: 'a PAX owner that is negative',
    tar: () => rawTar(rawPax([['uid', '-2']]), entry('a')),
    expect: { unknown: malformed },
  },
  {
    name: 'device numbers that are none',
    tar: () => rawTar(rawHeader({ name: 'dev', type: '3', patch: (b) => b.write('99999999', 329) })),
    expect: { unknown: noNumber },
  },
  // Checksums and what is no header
  {
    name: 'a wrong checksum',
    tar: () => rawTar(rawHeader({ checksumError: 1 })),
    expect: { unknown: checksum },
  },
  {
    name: 'a wrong checksum behind a good entry',
    tar: () => rawTar(entry('a'), rawHeader({ name: 'b', checksumError: 1 })),
    expect: { unknown: checksum },
  },
  {
    name: 'a checksum that is no number',
    tar: () => {
      const block = rawHeader();
      block.fill('z', 148, 156);
      return rawTar(block);
    },
    expect: { unknown: checksum },
  },
  {
    name: 'noise where a header should be',
    tar: () => rawTar(entry('a'), Buffer.alloc(512, 0xa5)),
    expect: { unknown: checksum },
  },
  {
    name: 'text and no tar',
    tar: () => Buffer.from('<html>404 Not Found</html>\n'.repeat(60)),
    expect: { unknown: checksum },
  },
  { name: 'one byte', tar: () => Buffer.from('x'), expect: { unknown: cut } },
  { name: 'nothing at all', tar: () => Buffer.alloc(0), expect: { bytes: 0, added: 0 } },
  { name: 'one block of zeros', tar: () => Buffer.alloc(512), expect: { bytes: 0, added: 0 } },
  { name: 'a megabyte of zeros', tar: () => Buffer.alloc(2 ** 20), expect: { bytes: 0, added: 0 } },
  {
    name: 'an entry behind one block of zeros',
    tar: () => rawTar(entry('a'), Buffer.alloc(512), entry('b')),
    expect: { unknown: /Layer 1 .* data follows its end marker/ },
  },
  {
    name: 'a second tar behind the end marker is not part of the layer',
    tar: () => Buffer.concat([rawTar(entry('a')), rawTar(entry('b', 'yy'))]),
    expect: { bytes: 1, added: 1 },
  },
  {
    name: 'noise behind the end marker',
    tar: () => Buffer.concat([rawTar(entry('a')), Buffer.alloc(777, 7)]),
    expect: { bytes: 1, added: 1 },
  },
  {
    name: 'an unknown type of entry',
    tar: () => rawTar(entry('a', 'xyz', { type: '~' })),
    expect: { bytes: 3, added: 1, notes: [oddType] },
  },
  {
    name: 'a type that is no character',
    tar: () =>
      rawTar(
        entry('a', 'xyz', {
          patch: (b: Buffer) => {
            b[156] = 0xff;
          },
        }),
      ),
    expect: { bytes: 3, added: 1, notes: [oddType] },
  },
];
