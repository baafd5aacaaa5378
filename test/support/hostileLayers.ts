// Layer tars as an attacker or a broken tool writes them, each with what must come of it. They stand between a layer
// of one byte and one of two, so that it shows that a bad layer leaves the others alone.
import type { IndexLimits } from '../../server/src/layers/indexLayer';
import type { DecompressLimits } from '../../server/src/primitives/decompress';
import { base256, rawEntry, rawHeader, rawPax, rawTar, tarEnd } from './rawTar';

export interface HostileLayer {
  name: string;
  tar: () => Uint8Array;
  /** Its unpacked bytes and paths added; or null and why it is unknown. */
  expect: { bytes: number; added: number; notes?: RegExp[] } | { unknown: RegExp };
  limits?: IndexLimits;
  decompressLimits?: DecompressLimits;
}

const entry = (name: string | Uint8Array, body = 'x', more = {}): Buffer => rawEntry({ name, ...more }, body);
const longName = (name: string | Uint8Array, type = 'L'): Buffer =>
  rawEntry(
    { name: '././@LongLink', type, magic: 'ustar  \0' },
    Buffer.concat([Buffer.from(name), Buffer.alloc(1)]),
  );
const rawPaxBody = (body: string | Uint8Array, type = 'x'): Buffer =>
  rawEntry({ name: 'PaxHeaders/a', type }, body);
const sizeField = (text: string): Buffer =>
  rawHeader({ name: 'a', patch: (block) => block.fill(0, 124, 136).write(text, 124, 'latin1') });
const sizeBinary = (value: bigint): Buffer =>
  rawHeader({ name: 'a', patch: (block) => base256(block, 124, 12, value) });
const small = (maxEntries: number): IndexLimits => ({ maxEntries, maxPathBytes: 4096 });

const cut = /Layer 1 .* could not be read\. The tar is cut/;
const noNumber = /Layer 1 .* could not be read\. .*number field that is no number/;
const malformed = /Layer 1 .* could not be read\. .*extended header at byte \d+ is not well-formed/;
const checksum = /Layer 1 .* could not be read\. .*wrong checksum/;
const inside = /Layer 1 .*: names that leave the image were taken as inside it \(\d+, first: /;
const twice = /Layer 1 .*: paths are in the layer more than once; the last one counts \(\d+, first: /;
const replaced = /Layer 1 .*: directories were replaced within the layer \(/;
const nameless = /Layer 1 .*: whiteouts without a name were ignored \(/;
const needless = /Layer 1 .* deletes paths that no lower layer has \(\d+\)\.$/;
const oddType = /Layer 1 .*: entries of an unknown type were taken for files \(1\)/;
const extended = /Layer 1 .* could not be read\. The tar has an extended header of -?\d+ bytes/;
const pathBytes = /Layer 1 .* could not be read\. The layer has a path of \d+ bytes; the limit is 4096/;

export const hostileLayers: HostileLayer[] = [
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
  // PAX records
  ...(
    [
      ['a record that says it is longer than the header', '99 path=a\n'],
      ['a record that says it is shorter than it is', '5 path=a\n'],
      ['a record of length 0', '0 path=a\n'],
      ['a record of length 1', '1 path=a\n'],
      ['a record without a newline', '9 path=ab'],
      ['a record without a length', 'path=a\n'],
      ['a record without a space', '8path=a\n'],
      ['a record without an equals sign', '9 pathab\n'],
      ['a record without a key', '6 =ab\n'],
      ['a record with a negative length', '-9 path=a\n'],
      ['a record with a length of 13 digits', '0000000000009 path=a\n'],
      ['a record with a length of 400 digits', `${'9'.repeat(400)} path=a\n`],
      ['a record with a length that is no number', '1x path=ab\n'],
      ['a good record and a bad one', '9 path=a\n garbage'],
      ['a path with a NUL', '11 path=a\0b\n'],
      ['a link path with a NUL', '15 linkpath=a\0b\n'],
      ['a sparse name with a NUL', '22 GNU.sparse.name=a\0b\n'],
    ] as const
  ).map(
    ([name, body]): HostileLayer => ({
      name: `PAX: ${name}`,
      tar: () => rawTar(rawPaxBody(body), rawHeader({ name: 'l', type: '2', link: 'x' })),
      expect: { unknown: malformed },
    }),
  ),
  {
    name: 'PAX: records filled up with NULs',
    tar: () => rawTar(rawPaxBody('9 path=p\n\0\0\0\0'), entry('a')),
    expect: { bytes: 1, added: 1 },
  },
  {
    name: 'PAX: an empty header',
    tar: () => rawTar(rawPaxBody(''), entry('a')),
    expect: { bytes: 1, added: 1 },
  },
  {
    name: 'PAX: keys that are names of every object',
    tar: () =>
      rawTar(
        rawPax([
          ['__proto__', 'x'],
          ['constructor', 'y'],
          ['SCHILY.xattr.__proto__', 'z'],
        ]),
        entry('a'),
      ),
    expect: { bytes: 1, added: 1 },
  },
  {
    name: 'PAX: a key of a megabyte',
    tar: () => rawTar(rawPax([['k'.repeat(2 ** 20 - 100), 'v']]), entry('a')),
    expect: { bytes: 1, added: 1 },
  },
  {
    name: 'PAX: a header of more than a megabyte',
    tar: () => rawTar(rawPax([['comment', 'v'.repeat(2 ** 20)]]), entry('a')),
    expect: { unknown: extended },
  },
  {
    name: 'PAX: a header that claims 2^53-1 bytes',
    tar: () => rawTar(rawHeader({ type: 'x', size: 2 ** 53 - 1 })),
    expect: { unknown: extended },
  },
  {
    name: 'PAX: a header of negative size',
    tar: () => rawTar(rawHeader({ type: 'x', patch: (b) => base256(b, 124, 12, -1n) })),
    expect: { unknown: extended },
  },
  {
    name: 'PAX: no entry behind a header',
    tar: () => rawTar(entry('a'), rawPax([['path', 'b']])),
    expect: { unknown: /Layer 1 .* no entry follows the extended header/ },
  },
  {
    name: 'PAX: the tar ends behind a header',
    tar: () => Buffer.concat([entry('a'), rawPax([['path', 'b']])]),
    expect: { unknown: cut },
  },
  {
    name: 'PAX: two headers for one entry, the last counts',
    tar: () => rawTar(rawPax([['path', 'b']]), rawPax([['path', 'c']]), entry('a')),
    expect: { bytes: 1, added: 1 },
  },
  {
    name: 'PAX: a thousand global headers',
    tar: () =>
      rawTar(...Array.from({ length: 1000 }, (_, i) => rawPax([['uid', String(i)]], 'g')), entry('a')),
    expect: { bytes: 1, added: 1 },
  },
  {
    name: 'PAX: a malformed global header',
    tar: () => rawTar(rawPaxBody('garbage', 'g'), entry('a')),
    expect: { unknown: malformed },
  },
  {
    name: 'PAX: a global header alone',
    tar: () => rawTar(rawPax([['comment', 'x']], 'g')),
    expect: { bytes: 0, added: 0 },
  },
  {
    name: 'PAX: a global path is not a name for all',
    tar: () => rawTar(rawPax([['path', 'same']], 'g'), entry('a'), entry('b')),
    expect: { bytes: 2, added: 2 },
  },
  {
    name: 'PAX: 20,000 global xattrs are not compared for each of 20,000 entries',
    tar: () =>
      rawTar(
        rawPax(
          Array.from({ length: 20_000 }, (_, i) => [`SCHILY.xattr.user.${i}`, 'v']),
          'g',
        ),
        ...Array.from({ length: 20_000 }, (_, i) => rawHeader({ name: `f${i}` })),
      ),
    expect: { bytes: 0, added: 20_000 },
  },
  {
    name: 'PAX: a Solaris header is read as one',
    tar: () => rawTar(rawPax([['path', 'solaris']], 'X'), entry('a')),
    expect: { bytes: 1, added: 1 },
  },
  // GNU long names
  {
    name: 'a GNU name of 2 MiB',
    tar: () => rawTar(longName('n'.repeat(2 ** 21)), entry('a')),
    expect: { unknown: extended },
  },
  {
    name: 'a GNU name of nearly 1 MiB',
    tar: () => rawTar(longName('n'.repeat(2 ** 20 - 1)), entry('a')),
    expect: { unknown: pathBytes },
  },
  {
    name: 'a GNU name of 4096 bytes is the longest',
    tar: () => rawTar(longName('n'.repeat(4096)), entry('a')),
    expect: { bytes: 1, added: 1 },
  },
  {
    name: 'a GNU name of 4097 bytes',
    tar: () => rawTar(longName('n'.repeat(4097)), entry('a')),
    expect: { unknown: pathBytes },
  },
  {
    name: 'an empty GNU name is the root itself',
    tar: () => rawTar(longName(''), entry('a', 'xyz')),
    expect: { bytes: 0, added: 0 },
  },
  {
    name: 'a GNU name ends at its NUL',
    tar: () => rawTar(longName('b\0c'), entry('a')),
    expect: { bytes: 1, added: 1 },
  },
  {
    name: 'a GNU name without an entry',
    tar: () => rawTar(longName('b')),
    expect: { unknown: /Layer 1 .* no entry follows/ },
  },
  {
    name: 'a GNU name of a name of a name',
    tar: () => rawTar(longName('b'), longName('c'), longName('d'), entry('a')),
    expect: { bytes: 1, added: 1 },
  },
  {
    name: 'a GNU link target of 1 MiB',
    tar: () => rawTar(longName('n'.repeat(2 ** 20 - 1), 'K'), rawHeader({ name: 'l', type: '2' })),
    expect: { unknown: /Layer 1 .* a link to a path of 1048575 bytes; the limit is 4096/ },
  },
  {
    name: 'a PAX link target of 1 MiB',
    tar: () => rawTar(rawPax([['linkpath', 'n'.repeat(2 ** 20 - 100)]]), rawHeader({ name: 'l', type: '2' })),
    expect: { unknown: /Layer 1 .* a link to a path of \d+ bytes/ },
  },
  // Names
  { name: 'a name with ..', tar: () => rawTar(entry('a/../b')), expect: { bytes: 1, added: 1 } },
  {
    name: 'a name that climbs out',
    tar: () => rawTar(entry('../../etc/passwd')),
    expect: { bytes: 1, added: 2, notes: [inside] },
  },
  {
    name: 'a name that climbs out by PAX',
    tar: () => rawTar(rawPax([['path', 'x/../../../etc/passwd']]), entry('a')),
    expect: { bytes: 1, added: 2, notes: [inside] },
  },
  {
    name: 'a name that is .. alone',
    tar: () => rawTar(entry('..', 'xyz')),
    expect: { bytes: 0, added: 0, notes: [inside] },
  },
  { name: 'an absolute name', tar: () => rawTar(entry('/etc/shadow')), expect: { bytes: 1, added: 2 } },
  {
    name: 'an absolute name with many slashes',
    tar: () => rawTar(entry('////etc//shadow')),
    expect: { bytes: 1, added: 2 },
  },
  {
    name: 'a name with a drive',
    tar: () => rawTar(entry('C:\\Windows\\system32')),
    expect: { bytes: 1, added: 1 },
  },
  {
    name: 'a UNC name',
    tar: () => rawTar(entry('\\\\server\\share\\file'), entry('//server/share/file')),
    expect: { bytes: 2, added: 4 },
  },
  {
    name: 'a name of a reserved device of Windows',
    tar: () => rawTar(entry('CON'), entry('nul.txt'), entry('a:stream')),
    expect: { bytes: 3, added: 3 },
  },
  {
    name: 'names with newlines, tabs and carriage returns',
    tar: () => rawTar(entry('a\nb'), entry('a\tb'), entry('a\rb')),
    expect: { bytes: 3, added: 3 },
  },
  {
    name: 'names with terminal escapes',
    tar: () => rawTar(entry('\u001b[31mred\u001b[0m'), entry('\u001b]0;title\u0007')),
    expect: { bytes: 2, added: 2 },
  },
  {
    name: 'names with HTML',
    tar: () => rawTar(entry('<img src=x onerror=alert(1)>'), entry('&lt;')),
    expect: { bytes: 2, added: 2 },
  },
  {
    name: 'names with right-to-left marks',
    tar: () => rawTar(entry('gpj.\u202eexe'), entry('\u2066x\u2069')),
    expect: { bytes: 2, added: 2 },
  },
  {
    name: 'names with markdown and command links',
    tar: () => rawTar(entry('[x](command:evil)'), entry('`$(id)`')),
    expect: { bytes: 2, added: 2 },
  },
  {
    name: 'a NUL ends a name of the header',
    tar: () => rawTar(entry('a\0b'), entry('a\0c')),
    expect: { bytes: 1, added: 1, notes: [twice] },
  },
  { name: 'a name of blanks', tar: () => rawTar(entry(' '), entry('  ')), expect: { bytes: 2, added: 2 } },
  {
    name: 'an empty name is the root itself',
    tar: () => rawTar(entry('', 'xyz')),
    expect: { bytes: 0, added: 0 },
  },
  {
    name: 'names of dots',
    tar: () => rawTar(entry('...'), entry('.. '), entry('./././.', '')),
    expect: { bytes: 2, added: 2 },
  },
  {
    name: 'names that differ in normal form only',
    tar: () => rawTar(entry('\u00e9'), entry('e\u0301')),
    expect: { bytes: 2, added: 2 },
  },
  {
    name: 'names that differ in case only',
    tar: () => rawTar(entry('A'), entry('a')),
    expect: { bytes: 2, added: 2 },
  },
  {
    name: 'names that are not UTF-8',
    tar: () => rawTar(entry(Uint8Array.of(0xff, 0xfe)), entry(Uint8Array.of(0xc3)), entry('\\xff\\xfe')),
    expect: { bytes: 3, added: 3 },
  },
  {
    name: 'names with surrogates and overlong bytes',
    tar: () => rawTar(entry(Uint8Array.of(0xed, 0xa0, 0x80)), entry(Uint8Array.of(0xc0, 0xaf))),
    expect: { bytes: 2, added: 2 },
  },
  {
    name: 'parts of 255 bytes',
    tar: () => rawTar(longName(Array.from({ length: 15 }, () => 'p'.repeat(255)).join('/')), entry('a')),
    expect: { bytes: 1, added: 15 },
  },
  {
    name: 'parts of 256 bytes, which no disk holds, are names like others',
    tar: () => rawTar(longName('p'.repeat(256)), entry('a')),
    expect: { bytes: 1, added: 1 },
  },
  {
    name: 'a path of 2048 folders',
    tar: () => rawTar(longName(Array.from({ length: 2048 }, () => 'd').join('/')), entry('a')),
    expect: { bytes: 1, added: 2048 },
  },
  {
    name: 'a path of 2049 folders',
    tar: () => rawTar(longName(Array.from({ length: 2049 }, () => 'd').join('/')), entry('a')),
    expect: { unknown: pathBytes },
  },
  {
    name: 'names that are names of every object',
    tar: () => rawTar(entry('__proto__'), entry('constructor/prototype'), entry('toString')),
    expect: { bytes: 3, added: 4 },
  },
  // Links
  {
    name: 'a symbolic link to itself',
    tar: () => rawTar(rawHeader({ name: 'l', type: '2', link: 'l' })),
    expect: { bytes: 0, added: 1 },
  },
  {
    name: 'symbolic links in a circle, and a file below',
    tar: () =>
      rawTar(
        rawHeader({ name: 'a', type: '2', link: 'b' }),
        rawHeader({ name: 'b', type: '2', link: 'a' }),
        entry('a/f'),
      ),
    expect: { bytes: 1, added: 3 },
  },
  {
    name: 'a symbolic link out of the image',
    tar: () =>
      rawTar(
        rawHeader({ name: 'l', type: '2', link: '../../../etc/passwd' }),
        rawHeader({ name: 'm', type: '2', link: '/etc/passwd' }),
      ),
    expect: { bytes: 0, added: 2 },
  },
  {
    name: 'a file through a symbolic link out of the image stays inside',
    tar: () => rawTar(rawHeader({ name: 'l', type: '2', link: '/' }), entry('l/etc/passwd', 'root')),
    expect: { bytes: 4, added: 3 },
  },
  {
    name: 'a hard link to itself',
    tar: () => rawTar(rawHeader({ name: 'h', type: '1', link: 'h' })),
    expect: { bytes: 0, added: 1 },
  },
  {
    name: 'hard links in a circle',
    tar: () =>
      rawTar(rawHeader({ name: 'a', type: '1', link: 'b' }), rawHeader({ name: 'b', type: '1', link: 'a' })),
    expect: { bytes: 0, added: 2 },
  },
  {
    name: 'a hard link to nothing, out of the image, to a folder',
    tar: () =>
      rawTar(
        rawHeader({ name: 'a', type: '1', link: 'no' }),
        rawHeader({ name: 'b', type: '1', link: '../../x' }),
        rawHeader({ name: 'd/', type: '5' }),
        rawHeader({ name: 'c', type: '1', link: 'd' }),
      ),
    expect: { bytes: 0, added: 4 },
  },
  {
    name: 'links without a target',
    tar: () => rawTar(rawHeader({ name: 'a', type: '1' }), rawHeader({ name: 'b', type: '2' })),
    expect: { bytes: 0, added: 2 },
  },
  // The same path more than once
  {
    name: 'one path a thousand times',
    tar: () => rawTar(...Array.from({ length: 1000 }, (_, i) => entry('a', 'x'.repeat(i % 10)))),
    expect: { bytes: 9, added: 1, notes: [twice] },
  },
  {
    name: 'a folder that becomes a file and back',
    tar: () => rawTar(entry('d/a', '11'), entry('d', '333'), entry('d/b', '4')),
    expect: { bytes: 1, added: 2, notes: [replaced] },
  },
  {
    name: 'a file that becomes a folder',
    tar: () => rawTar(entry('d', '333'), entry('d/b', '4')),
    expect: { bytes: 1, added: 2 },
  },
  {
    name: 'a folder of a folder that was a file',
    tar: () => rawTar(entry('d', '1'), entry('d/e', '22'), entry('d/e/f', '333'), entry('d', '4444')),
    expect: { bytes: 4, added: 1, notes: [replaced] },
  },
  // Whiteouts
  {
    name: 'whiteouts of nothing',
    tar: () => rawTar(entry('.wh.nothing', ''), entry('no/such/.wh.path', '')),
    expect: { bytes: 0, added: 2, notes: [needless] },
  },
  {
    name: 'a whiteout of the root',
    tar: () => rawTar(entry('.wh.', ''), entry('.wh..', ''), entry('.wh...', '')),
    expect: { bytes: 0, added: 0, notes: [nameless] },
  },
  {
    name: 'a whiteout with a body holds no bytes',
    tar: () => rawTar(entry('.wh.nothing', 'payload')),
    expect: { bytes: 0, added: 0, notes: [needless] },
  },
  {
    name: 'a whiteout that is a folder',
    tar: () => rawTar(rawHeader({ name: '.wh.x/', type: '5' })),
    expect: { bytes: 0, added: 0, notes: [needless] },
  },
  {
    name: 'a whiteout that is a link',
    tar: () => rawTar(rawHeader({ name: '.wh.x', type: '2', link: '/etc/passwd' })),
    expect: { bytes: 0, added: 0, notes: [needless] },
  },
  {
    name: 'leftovers of AUFS',
    tar: () => rawTar(entry('.wh..wh.aufs'), entry('.wh..wh.plnk/1.2', 'long'), entry('.wh..wh.orph/x/y')),
    expect: { bytes: 0, added: 0 },
  },
  {
    name: 'a whiteout and its file in one layer',
    tar: () => rawTar(entry('.wh.f', ''), entry('f', 'xy')),
    expect: { bytes: 2, added: 1 },
  },
  {
    name: 'an opaque marker of a folder that no layer has',
    tar: () => rawTar(entry('no/.wh..wh..opq', '')),
    expect: { bytes: 0, added: 1 },
  },
  // Limits
  {
    name: 'more entries than the limit',
    limits: small(10),
    tar: () => rawTar(...Array.from({ length: 11 }, (_, i) => rawHeader({ name: `f${i}` }))),
    expect: { unknown: /Layer 1 .* more than 10 entries/ },
  },
  {
    name: 'as many entries as the limit',
    limits: small(10),
    tar: () => rawTar(...Array.from({ length: 10 }, (_, i) => rawHeader({ name: `f${i}` }))),
    expect: { bytes: 0, added: 10 },
  },
  {
    name: 'folders that no entry lists count, too',
    limits: small(10),
    tar: () => rawTar(longName(Array.from({ length: 11 }, () => 'd').join('/')), entry('a')),
    expect: { unknown: /Layer 1 .* more than 10 entries/ },
  },
  {
    name: 'more bytes of names than the limit',
    limits: { maxEntries: 1e6, maxPathBytes: 4096, maxNameBytes: 100_000 },
    tar: () =>
      rawTar(...Array.from({ length: 8192 }, (_, i) => rawHeader({ name: `${'n'.repeat(90)}${i}` }))),
    expect: { unknown: /Layer 1 .* more than 100000 bytes of file names/ },
  },
  {
    name: 'a layer larger than the limit',
    decompressLimits: { maxBytes: 100_000, maxRatio: 1e9, ratioAfter: 1e9 },
    tar: () => rawTar(entry('a', 'x'.repeat(200_000))),
    expect: { unknown: /Layer 1 .* unpacks to more than 100000 bytes/ },
  },
];
