// Layer tars with extended headers that lie: PAX records and GNU long names.
import {
  cut,
  entry,
  extended,
  type HostileLayer,
  longName,
  malformed,
  pathBytes,
  rawPaxBody,
} from './hostileLayer';
import { base256, rawHeader, rawPax, rawTar } from './rawTar';

export const hostileExtended: HostileLayer[] = [
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
];
