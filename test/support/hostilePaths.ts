// Layer tars whose links, repeated paths and whiteouts are out of the ordinary, and tars beyond the limits.
import {
  entry,
  type HostileLayer,
  longName,
  nameless,
  needless,
  replaced,
  small,
  twice,
} from './hostileLayer';
import { rawHeader, rawTar } from './rawTar';

export const hostilePaths: HostileLayer[] = [
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
