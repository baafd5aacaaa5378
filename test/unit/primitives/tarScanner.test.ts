import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StrataError } from '../../../server/src/primitives/errors';
import { textOfName } from '../../../server/src/primitives/nameText';
import { packTar, readTar, type TarMemberToWrite } from '../../../server/src/primitives/tar';
import { scanChunks, scanRandom, scanSync } from '../../../server/src/primitives/tarDrivers';
import type { TarEntry } from '../../../server/src/primitives/tarEntry';
import { TarScanner } from '../../../server/src/primitives/tarScanner';
import { readerOf } from '../../support/layerIndexes';
import { seededRandom } from '../../support/random';
import { base256, filled, rawEntry, rawHeader, rawPax, rawTar, tarEnd } from '../../support/rawTar';

const kindNames = ['file', 'directory', 'symlink', 'hardlink', 'char', 'block', 'fifo'] as const;

interface Seen {
  name: string;
  type: string;
  size: number;
  mode: number;
  uid: number;
  gid: number;
  mtime: number;
  link: string | null;
  offset: number;
  bodyBytes: number;
  xattrs: Record<string, string>;
}

function seenOf(entry: TarEntry): Seen {
  const link = textOfName(entry.linkBytes, entry.linkStart, entry.linkEnd);
  return {
    name: textOfName(entry.nameBytes, entry.nameStart, entry.nameEnd),
    type: kindNames[entry.kind],
    size: entry.size,
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    mtime: entry.mtime,
    link: link === '' ? null : link,
    offset: entry.bodyOffset,
    bodyBytes: entry.bodyBytes,
    xattrs: Object.fromEntries(
      [...(entry.xattrs ?? [])].map(([key, value]) => [key, Buffer.from(value).toString()]),
    ),
  };
}

function scan(tar: Uint8Array): { entries: Seen[]; problems: string[]; hasEndMarker: boolean } {
  const entries: Seen[] = [];
  const scanner = new TarScanner((entry) => entries.push(seenOf(entry)));
  scanSync(readerOf(tar), scanner);
  return { entries, problems: scanner.problems, hasEndMarker: scanner.hasEndMarker };
}

async function scanCut(tar: Uint8Array, size: number): Promise<Seen[]> {
  const entries: Seen[] = [];
  const scanner = new TarScanner((entry) => entries.push(seenOf(entry)));
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    // Copies, and at odd offsets: nothing may lean on the alignment or the life of a chunk.
    for (let at = 0; at < tar.length; at += size) {
      const part = tar.subarray(at, at + size);
      const odd = new Uint8Array(part.length + 1).subarray(1);
      odd.set(part);
      yield odd;
      odd.fill(0xee);
    }
  };
  await scanChunks(chunks(), scanner);
  return entries;
}

async function scanOpened(tar: Uint8Array): Promise<Seen[]> {
  const entries: Seen[] = [];
  const scanner = new TarScanner((entry) => entries.push(seenOf(entry)));
  const file = {
    size: tar.length,
    read: async (at: number, length: number) => tar.slice(at, at + length),
    close: async () => {},
  };
  await scanRandom(file, scanner, { offset: 0, length: tar.length });
  return entries;
}

function refused(tar: Uint8Array, code: string, words: RegExp): void {
  assert.throws(
    () => scan(tar),
    (error) => error instanceof StrataError && error.code === code && words.test(error.message),
    String(words),
  );
}

const names = (tar: Uint8Array): string[] => scan(tar).entries.map(({ name }) => name);

test('v7, ustar with a prefix, and GNU headers whose prefix field holds times', () => {
  const v7 = rawHeader({ name: 'old', magic: '\0\0\0\0\0\0\0\0' });
  const ustar = rawHeader({ name: 'file', prefix: 'some/folder' });
  const gnu = rawHeader({ name: 'gnu', magic: 'ustar  \0', prefix: '14562034' });
  const star = rawHeader({
    name: 'star',
    prefix: 'p',
    patch: (block) => block.write('12345670123\0 12345670\0', 476) && block.write('tar\0', 508),
  });
  assert.deepEqual(names(rawTar(v7, ustar, gnu, star)), ['old', 'some/folder/file', 'gnu', 'p/star']);
});

test('names and targets of exactly 100 bytes have no NUL behind them', () => {
  const name = 'n'.repeat(100);
  const [entry] = scan(rawTar(rawHeader({ name, type: '2', link: 'l'.repeat(100) }))).entries;
  assert.equal(entry?.name, name);
  assert.equal(entry?.link, 'l'.repeat(100));
});

test('GNU long names and long links, also longer than a block', () => {
  const long = `${'d/'.repeat(400)}file`;
  const tar = rawTar(
    rawEntry({ name: '././@LongLink', type: 'K' }, `${long}/target\0`),
    rawEntry({ name: '././@LongLink', type: 'L' }, `${long}\0`),
    rawHeader({ name: long, type: '2', link: 'x' }),
    rawHeader({ name: 'next', type: '2', link: 'y' }),
  );
  const { entries } = scan(tar);
  assert.deepEqual(
    entries.map(({ name, link }) => [name, link]),
    [
      [long, `${long}/target`],
      ['next', 'y'],
    ],
  );
});

test('PAX records win over the header, for one entry only', () => {
  const pax = rawPax([
    ['path', 'größe/€'],
    ['uid', '3000000'],
    ['gid', '3000001'],
    ['mtime', '1700000000.5'],
    ['SCHILY.xattr.security.capability', 'cap'],
    ['comment', 'of no interest'],
  ]);
  const { entries } = scan(
    rawTar(pax, rawEntry({ name: 'x', uid: 1 }, 'abc'), rawHeader({ name: 'y', uid: 1 })),
  );
  const [first, second] = entries;
  assert.equal(first?.name, 'größe/€');
  assert.deepEqual([first?.uid, first?.gid, first?.mtime], [3_000_000, 3_000_001, 1_700_000_000.5]);
  assert.deepEqual(first?.xattrs, { 'security.capability': 'cap' });
  assert.deepEqual([second?.name, second?.uid, second?.xattrs], ['y', 1, {}]);
});

test('PAX records of more than 1 KiB, and a value with = and newlines', () => {
  const value = `${'v=\n'.repeat(2000)}`;
  const [entry] = scan(rawTar(rawPax([['SCHILY.xattr.user.big', value]]), rawHeader())).entries;
  assert.equal(entry?.xattrs['user.big'], value);
});

test('a global PAX header does not end the layer; it counts for all that follow, and an empty record takes it back', () => {
  const tar = rawTar(
    rawPax([['comment', 'a git commit']], 'g'),
    rawHeader({ name: 'a', uid: 1 }),
    rawPax([['uid', '77']], 'g'),
    rawHeader({ name: 'b', uid: 1 }),
    rawPax([['gid', '88']]),
    rawHeader({ name: 'c', uid: 1 }),
    rawPax([['uid', '']]),
    rawHeader({ name: 'd', uid: 1 }),
  );
  assert.deepEqual(
    scan(tar).entries.map(({ name, uid, gid }) => `${name} ${uid} ${gid}`),
    ['a 1 0', 'b 77 0', 'c 77 88', 'd 1 0'],
  );
});

test('sizes over 8 GiB: base 256, and PAX', () => {
  const size = 10 * 2 ** 30;
  const header = rawHeader({ name: 'big', patch: (block) => base256(block, 124, 12, BigInt(size)) });
  const entries: Seen[] = [];
  const scanner = new TarScanner((entry) => entries.push(seenOf(entry)));
  scanner.scan(header, 0, 512);
  assert.equal(scanner.position, 512 + size);
  assert.equal(entries[0]?.size, size);
  const pax = rawPax([['size', String(size)]]);
  const second = new TarScanner((entry) => entries.push(seenOf(entry)));
  second.scan(Buffer.concat([pax, rawHeader({ name: 'big' })]), 0, pax.length + 512);
  assert.equal(entries[1]?.size, size);
  assert.equal(second.position, pax.length + 512 + size);
});

test('negative ids and times in base 256', () => {
  const header = rawHeader({ uid: -2, gid: -2, mtime: -86_400 });
  const [entry] = scan(rawTar(header)).entries;
  assert.deepEqual([entry?.uid, entry?.gid, entry?.mtime], [0xfffffffe, 0xfffffffe, -86_400]);
});

test('numbers with blanks before and behind, and none at all', () => {
  const header = rawHeader({
    patch: (block) => {
      block.write('   755 \0', 100, 'latin1');
      block.fill(0, 108, 116);
      block.write('      1750 \0', 136, 'latin1');
    },
  });
  const [entry] = scan(rawTar(header)).entries;
  assert.deepEqual([entry?.mode, entry?.uid, entry?.mtime], [0o755, 0, 0o1750]);
});

test('sparse files count their apparent size, in every form', () => {
  const old = rawEntry(
    {
      name: 'old-gnu',
      type: 'S',
      magic: 'ustar  \0',
      patch: (block) => {
        block.write('00000000000\0', 386);
        block.write('00000000003\0', 398);
        block.write('00004000000\0', 483); // 1 MiB
      },
    },
    'abc',
  );
  const extended = Buffer.concat([
    rawHeader({
      name: 'old-gnu-more',
      type: 'S',
      size: 3,
      magic: 'ustar  \0',
      patch: (block) => {
        block[482] = 1;
        block.write('00004000000\0', 483);
      },
    }),
    Buffer.alloc(504),
    Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.alloc(512),
    filled(Buffer.from('abc')),
  ]);
  const pax00 = Buffer.concat([
    rawPax([
      ['GNU.sparse.size', '1048576'],
      ['GNU.sparse.numblocks', '1'],
      ['GNU.sparse.offset', '0'],
      ['GNU.sparse.numbytes', '3'],
    ]),
    rawEntry({ name: 'pax-0.0' }, 'abc'),
  ]);
  const pax01 = Buffer.concat([
    rawPax([
      ['GNU.sparse.size', '1048576'],
      ['GNU.sparse.name', 'pax-0.1'],
      ['GNU.sparse.map', '0,3'],
    ]),
    rawEntry({ name: 'GNUSparseFile.1/pax-0.1' }, 'abc'),
  ]);
  const pax10 = Buffer.concat([
    rawPax([
      ['GNU.sparse.major', '1'],
      ['GNU.sparse.minor', '0'],
      ['GNU.sparse.name', 'pax-1.0'],
      ['GNU.sparse.realsize', '1048576'],
    ]),
    rawEntry({ name: 'GNUSparseFile.1/pax-1.0' }, `1\n0\n3\n${'\0'.repeat(505)}abc`),
  ]);
  const { entries } = scan(rawTar(old, extended, pax00, pax01, pax10, rawEntry({ name: 'behind' }, 'x')));
  assert.deepEqual(
    entries.map(({ name, size }) => `${name} ${size}`),
    [
      'old-gnu 1048576',
      'old-gnu-more 1048576',
      'pax-0.0 1048576',
      'pax-0.1 1048576',
      'pax-1.0 1048576',
      'behind 1',
    ],
  );
});

test('what docker 20.10 leaves in a whiteout is no link target; links and devices have no body', () => {
  const tar = rawTar(
    rawHeader({ name: '.wh.a', link: 'app/stale' }),
    rawHeader({ name: 'hard', type: '1', link: 'a', size: 5 }),
    rawHeader({ name: 'null', type: '3', patch: (block) => block.write('0000001\x000000003\0', 329) }),
  );
  const { entries } = scan(tar);
  assert.deepEqual(
    entries.map(({ name, type, link, size }) => [name, type, link, size]),
    [
      ['.wh.a', 'file', null, 0],
      ['hard', 'hardlink', 'a', 0],
      ['null', 'char', null, 0],
    ],
  );
});

test('old directories are files with a slash; volume labels are none; unknown types are files, and said', () => {
  const tar = rawTar(
    rawHeader({ name: 'label', type: 'V' }),
    rawHeader({ name: 'old/', type: '\0', magic: '\0\0\0\0\0\0\0\0' }),
    rawEntry({ name: 'dump/', type: 'D' }, 'Yfile\0\0'),
    rawEntry({ name: 'what', type: 'Q' }, 'abc'),
    rawHeader({ name: 'contiguous', type: '7' }),
  );
  const { entries, problems } = scan(tar);
  assert.deepEqual(
    entries.map(({ name, type }) => `${name} ${type}`),
    ['old/ directory', 'dump/ directory', 'what file', 'contiguous file'],
  );
  assert.deepEqual(problems, ['entries of an unknown type were taken for files (1)']);
});

test('names that are not UTF-8 are written \\xNN', () => {
  assert.deepEqual(names(rawTar(rawHeader({ name: Buffer.from([0x61, 0xff]) }))), ['a\\xff']);
  assert.deepEqual(names(rawTar(rawPax([['path', Buffer.from([0xe9, 0x2f, 0x62])]]), rawHeader())), [
    '\\xe9/b',
  ]);
});

test('a tar may end without padding or marker, which is told; an empty one too', () => {
  const entry = rawEntry({ name: 'a' }, 'abc');
  for (const [tar, expected] of [
    [Buffer.alloc(0), false],
    [entry, false],
    [entry.subarray(0, 515), false],
    [Buffer.concat([entry, Buffer.alloc(512)]), true],
    [Buffer.concat([entry, Buffer.alloc(511 + 512)]), true],
    [Buffer.concat([entry, tarEnd, Buffer.from('what follows is not looked at')]), true],
  ] as [Buffer, boolean][]) {
    assert.equal(scan(tar).hasEndMarker, expected, `${tar.length} bytes`);
  }
});

test('damage is refused and placed: checksum, numbers, sizes, records, what follows the end', () => {
  const a = rawEntry({ name: 'a' }, 'abc');
  refused(rawTar(a, rawHeader({ checksumError: 1 })), 'unreadable', /block at byte 1024 is no header/);
  refused(rawTar(rawHeader({ patch: (block) => block.write('7x7', 100) })), 'unreadable', /no number/);
  refused(rawTar(rawHeader({ patch: (block) => block.fill(0xff, 124, 136) })), 'unreadable', /negative size/);
  refused(
    rawTar(rawHeader({ patch: (block) => block.fill(0x7f, 125, 136).fill(0x80, 124, 125) })),
    'unreadable',
    /no number/,
  );
  refused(rawTar(rawEntry({ type: 'x' }, '5 a=b\n'), a), 'unreadable', /extended header/);
  refused(rawTar(rawEntry({ type: 'x' }, '99 a=b\n'), a), 'unreadable', /extended header/);
  refused(rawTar(rawEntry({ type: 'x' }, 'a=b\n'), a), 'unreadable', /extended header/);
  refused(rawTar(rawPax([['size', '-1']]), a), 'unreadable', /extended header/);
  refused(rawTar(rawPax([['size', '99999999999999999999']]), a), 'unreadable', /extended header/);
  refused(rawTar(rawPax([['path', 'a\0b']]), a), 'unreadable', /extended header/);
  refused(Buffer.concat([a, Buffer.alloc(512), a, tarEnd]), 'unreadable', /follows its end marker/);
  refused(rawTar(rawPax([['path', 'a']])), 'unreadable', /no entry follows/);
  refused(rawTar(rawHeader({ type: 'x', size: 2 ** 21 })), 'hostile', /extended header of 2097152 bytes/);
  refused(Buffer.from('this is no tar'), 'unreadable', /cut/);
  refused(Buffer.alloc(600, 0x61), 'unreadable', /no header/);
});

test('cut at any byte, a tar is refused or says that it has no end marker, however it is read', async () => {
  const parts = [
    rawEntry({ name: 'a' }, 'abc'),
    rawPax([['path', 'p'.repeat(600)]]),
    rawEntry({ name: 'b' }, 'x'.repeat(600)),
    rawEntry({ name: '././@LongLink', type: 'L' }, `${'q'.repeat(600)}\0`),
    rawHeader({ name: 'c', type: '5' }),
    Buffer.concat([
      rawHeader({ name: 's', type: 'S', size: 3, magic: 'ustar  \0', patch: (block) => (block[482] = 1) }),
      Buffer.alloc(512),
      filled(Buffer.from('abc')),
    ]),
  ];
  const whole = rawTar(...parts);
  const all = scan(whole).entries;
  // Behind these lengths the last entry begun is complete, padding aside.
  const complete = new Set<number>([0]);
  for (const entry of all) for (let i = 0; i < 512; i++) complete.add(entry.offset + entry.bodyBytes + i);
  for (let length = 0; length < whole.length - 1024; length++) {
    const cut = whole.subarray(0, length);
    let outcome: string;
    try {
      const { entries, hasEndMarker } = scan(cut);
      assert.deepEqual(entries, all.slice(0, entries.length), `${length}`);
      outcome = String(hasEndMarker);
    } catch (error) {
      assert.ok(error instanceof StrataError && error.code === 'unreadable', `${length}: ${error}`);
      outcome = 'refused';
    }
    if (outcome !== 'refused') assert.equal(outcome, 'false', `${length}`);
    if (!complete.has(length)) assert.equal(outcome, 'refused', `${length}`);
    if (length % 97 === 0) {
      const streamed = await scanCut(cut, 100).then(
        () => 'read',
        () => 'refused',
      );
      assert.equal(streamed, outcome === 'refused' ? 'refused' : 'read', `${length} streamed`);
    }
  }
});

function sameAs(damaged: Uint8Array, tar: Uint8Array): boolean {
  try {
    assert.deepEqual(scan(damaged), scan(tar));
    return true;
  } catch {
    return false;
  }
}

test('one flipped bit in a header is never read as something else', () => {
  const tar = rawTar(rawEntry({ name: 'a', uid: 5, mtime: 77 }, 'abc'), rawEntry({ name: 'b' }, 'def'));
  for (let bit = 0; bit < 512 * 8; bit++) {
    const damaged = Buffer.from(tar);
    damaged[bit >> 3] = damaged[bit >> 3]! ^ (1 << (bit & 7));
    // The checksum's own field may be filled with blanks, zeros or NULs.
    if (bit >> 3 >= 148 && bit >> 3 < 156 && sameAs(damaged, tar)) continue;
    assert.throws(() => scan(damaged), { name: 'StrataError' }, `bit ${bit}`);
  }
});

test('noise is refused, not crashed on', () => {
  const random = seededRandom(99);
  for (let i = 0; i < 300; i++) {
    const noise = Buffer.from(
      Array.from({ length: 512 + Math.floor(random() * 2048) }, () => Math.floor(random() * 256)),
    );
    assert.throws(() => scan(noise), { name: 'StrataError' });
  }
});

/** Archives as tools write them: names of any length, every type, bodies around the block and window sizes. */
function randomMembers(random: () => number): TarMemberToWrite[] {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const name = (): string =>
    pick(['a', 'usr/lib/x', 'größe/ß', 'l'.repeat(99), 'd/'.repeat(60), 'n'.repeat(255)]) +
    Math.floor(random() * 1e6);
  return Array.from({ length: 1 + Math.floor(random() * 40) }, (): TarMemberToWrite => {
    const type = pick([
      'file',
      'file',
      'file',
      'directory',
      'symlink',
      'hardlink',
      'char',
      'block',
      'fifo',
    ] as const);
    const member: TarMemberToWrite = {
      name: type === 'directory' ? `${name()}/` : name(),
      type,
      mode: pick([0o644, 0o755, 0o4755, 0o1777, 0]),
      uid: pick([0, 1000, 2_000_000]),
      gid: pick([0, 33]),
      mtime: pick([0, 1_700_000_000]),
    };
    if (type === 'file') member.content = 'b'.repeat(pick([0, 1, 511, 512, 513, 16_383, 16_384, 40_000]));
    if (type === 'symlink' || type === 'hardlink') member.link = name();
    if (random() < 0.2) member.xattrs = { 'user.note': 'x'.repeat(pick([1, 600])) };
    return member;
  });
}

test('generated archives are read as tar-stream reads them, entry by entry, in every way of reading', async () => {
  for (let seed = 1; seed <= 30; seed++) {
    const tar = await packTar(randomMembers(seededRandom(seed)));
    const oracle: Omit<Seen, 'bodyBytes' | 'xattrs'>[] = [];
    for await (const member of readTar(
      (async function* () {
        yield tar;
      })(),
    )) {
      const { name, type, size, mode, uid, gid, mtime, link, offset } = member;
      oracle.push({ name, type: type!, size, mode, uid, gid, mtime, link, offset });
    }
    const { entries } = scan(tar);
    assert.deepEqual(
      entries.map(({ bodyBytes, xattrs, ...rest }) => rest),
      oracle,
      `seed ${seed}`,
    );
    assert.deepEqual(await scanOpened(tar), entries, `seed ${seed}`);
    for (const size of [100, 511, 512, 700, 4096, 65_536]) {
      assert.deepEqual(await scanCut(tar, size), entries, `seed ${seed} by ${size}`);
    }
  }
});

test('a stream is read to its end, and a scan stops when it is told to', async () => {
  const tar = rawTar(rawEntry({ name: 'a' }, 'abc'), rawEntry({ name: 'b' }, 'def'));
  let given = 0;
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for (const part of [tar, Buffer.alloc(1000), Buffer.alloc(1000)]) {
      given++;
      yield part;
    }
  };
  const seen: string[] = [];
  const scanner = new TarScanner((entry) => {
    seen.push(seenOf(entry).name);
    scanner.stop();
  });
  await scanChunks(chunks(), scanner);
  assert.deepEqual(seen, ['a']);
  assert.equal(given, 3);
});
