import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entryReader, findRow, rowPath } from '../../../server/src/layers/entry';
import { LayerIndexBuilder } from '../../../server/src/layers/indexLayer';
import { type LayerIndex, rowTypes } from '../../../server/src/layers/model';
import { nameReader } from '../../../server/src/layers/nameTable';
import { StrataError } from '../../../server/src/primitives/errors';
import { packTar, readTar } from '../../../server/src/primitives/tar';
import { scanSync } from '../../../server/src/primitives/tarDrivers';
import { TarScanner } from '../../../server/src/primitives/tarScanner';
import { type LayerLiteral, layerTar } from '../../support/imageFixture';
import { indexOfTar, lines, readerOf } from '../../support/layerIndexes';
import { seededRandom } from '../../support/random';
import { rawEntry, rawHeader, rawPax, rawTar } from '../../support/rawTar';

const typeNames = Object.keys(rowTypes);

/** The rows in order: `etc/passwd file 12`. */
function drawRows(index: LayerIndex): string {
  const name = nameReader(index.names);
  return Array.from({ length: index.count }, (_, row) => {
    const link = index.link[row] === 0 ? '' : ` -> ${name(index.link[row]!)}`;
    const size = index.type[row] === rowTypes.file ? ` ${index.size[row]}` : '';
    return `${rowPath(index, row) || '(root)'} ${typeNames[index.type[row]!]}${size}${link}`;
  }).join('\n');
}

async function rowsOf(layer: LayerLiteral): Promise<string> {
  return drawRows(indexOfTar(await layerTar(layer)));
}

function checkSound(index: LayerIndex): void {
  for (let row = 0; row < index.count; row++) {
    assert.ok(index.parent[row]! >= -1 && index.parent[row]! < row, `parent of row ${row}`);
    assert.ok(index.name[row]! < index.names.ends.length);
  }
}

test('parents that the tar does not list are implied, and listed later they are themselves', async () => {
  assert.equal(
    await rowsOf({ 'usr/bin/tool': 'x', 'usr/': '', 'usr/lib/': '' }),
    lines(`
      usr directory
      usr/bin implied
      usr/bin/tool file 1
      usr/lib directory
    `),
  );
});

test('./ and leading slashes, doubled slashes and dots are cleaned', () => {
  const tar = rawTar(
    ...['./', './a', '/b', 'c//d', 'e/./f', '././g', './/h', 'i/'].map((name) =>
      rawHeader({ name, type: name.endsWith('/') ? '5' : '0' }),
    ),
  );
  const index = indexOfTar(tar);
  assert.equal(
    drawRows(index),
    'a file 0\nb file 0\nc implied\nc/d file 0\ne implied\ne/f file 0\ng file 0\nh file 0\ni directory',
  );
  assert.deepEqual(index.problems, []);
});

test('names that climb out are held inside, and said', () => {
  const index = indexOfTar(
    rawTar(...['../../etc/passwd', 'a/../../b', 'a/..', 'x/..//y'].map((name) => rawHeader({ name }))),
  );
  assert.equal(drawRows(index), 'etc implied\netc/passwd file 0\nb file 0\ny file 0');
  assert.deepEqual(index.problems, [
    'names that leave the image were taken as inside it (2, first: ../../etc/passwd)',
  ]);
});

test('whiteouts bear the name of what they delete; an opaque marker is its directory', async () => {
  assert.equal(
    await rowsOf({
      'a/.wh.gone': '',
      'b/': '',
      'b/.wh..wh..opq': '',
      'b/new': 'x',
      'c/.wh..wh..opq': '',
      '.wh..wh..opq': '',
    }),
    lines(`
      a implied
      a/gone whiteout
      b opaqueDirectory
      b/new file 1
      c opaqueDirectory
      (root) opaqueDirectory
    `),
  );
});

test('what is deleted and made anew in one layer is what was made, in either order', async () => {
  const expected = 'a file 1\nd opaqueDirectory\nd/x file 1';
  assert.equal(await rowsOf({ '.wh.a': '', a: 'x', '.wh.d': '', 'd/': '', 'd/x': 'y' }), expected);
  assert.equal(await rowsOf({ a: 'x', '.wh.a': '', 'd/': '', 'd/x': 'y', '.wh.d': '' }), expected);
  assert.equal(await rowsOf({ '.wh.d': '', 'd/x': 'y' }), 'd opaqueDirectory\nd/x file 1');
});

test('leftovers of AUFS are nothing, with all in them; so are the files of eStargz at the root', async () => {
  assert.equal(
    await rowsOf({
      '.wh..wh.aufs': '',
      '.wh..wh.plnk/': '',
      '.wh..wh.plnk/12.34': 'x',
      '.wh..wh.orph/a/b': 'x',
      'stargz.index.json': '{}',
      '.prefetch.landmark': 'x',
      'sub/stargz.index.json': '{}',
      real: 'x',
    }),
    'sub implied\nsub/stargz.index.json file 2\nreal file 1',
  );
});

test('peers 16: files that only look like whiteouts, case, 255-byte and odd names', async () => {
  const long = 'n'.repeat(255);
  assert.equal(
    await rowsOf({
      '.wh': 'x',
      '.whx': 'x',
      'a.wh.b': 'x',
      README: 'x',
      readme: 'x',
      'new\nline': 'x',
      '<b>': 'x',
      '\u202Ertl': 'x',
      [long]: 'x',
    }),
    `.wh file 1\n.whx file 1\na.wh.b file 1\nREADME file 1\nreadme file 1\nnew\nline file 1\n<b> file 1\n\u202Ertl file 1\n${long} file 1`,
  );
  const index = indexOfTar(await layerTar({ '.wh.': '', '.wh..': '', '.wh...': '', 'a/.wh..': '' }));
  assert.equal(drawRows(index), 'a implied');
  assert.match(index.problems.join(), /whiteouts without a name were ignored \(4, /);
});

test('of a path that comes twice the last counts, and it is said', async () => {
  const index = indexOfTar(
    rawTar(
      rawEntry({ name: 'a', mode: 0o600 }, 'one'),
      rawEntry({ name: 'b' }, 'x'),
      rawEntry({ name: 'a', mode: 0o644 }, 'three'),
    ),
  );
  assert.equal(drawRows(index), 'a file 5\nb file 1');
  assert.equal(index.unpackedBytes, 6);
  assert.equal(index.mode[0], 0o644);
  assert.match(
    index.problems[0]!,
    /paths are in the layer more than once; the last one counts \(1, first: a\)/,
  );
});

test('what follows below a directory that became a file and a directory again is in the new one', () => {
  const names = ['a/b/one', 'a', 'a/b/two', 'a/b/two', 'a/b/./three', 'a/b/c/../four'];
  const index = indexOfTar(rawTar(...names.map((name) => rawHeader({ name }))));
  checkSound(index);
  assert.equal(
    drawRows(index),
    lines(`
      a implied
      a/b implied
      a/b/two file 0
      a/b/three file 0
      a/b/four file 0
    `),
  );
});

test('a directory that becomes a file within a layer loses what it held; the reverse makes a new one', () => {
  const file = (name: string, body = 'x'): Buffer => rawEntry({ name }, body);
  const folder = (name: string): Buffer => rawHeader({ name, type: '5' });
  const rows = (...parts: Buffer[]): string => {
    const index = indexOfTar(rawTar(...parts));
    checkSound(index);
    return drawRows(index);
  };
  assert.equal(rows(folder('d'), file('d/a'), file('d/b/c'), file('d', 'yy')), 'd file 2');
  assert.equal(
    rows(folder('d'), file('d/a'), file('d'), folder('d'), file('d/z')),
    'd opaqueDirectory\nd/z file 1',
  );
  assert.equal(rows(file('d'), file('d/a')), 'd implied\nd/a file 1');
  assert.equal(rows(file('d/a'), file('d'), file('d/b'), file('e')), 'd implied\nd/b file 1\ne file 1');
});

test('links keep their targets, hard links as paths of the image; devices their numbers', () => {
  const index = indexOfTar(
    rawTar(
      rawHeader({ name: 's', type: '2', link: '../x/./y' }),
      rawHeader({ name: 'h', type: '1', link: './a//b' }),
      rawHeader({ name: 'h2', type: '1', link: '/a/b' }),
      rawHeader({ name: 'null', type: '3', patch: (block) => block.write('0000001\x000000003\0', 329) }),
      rawHeader({ name: 'pipe', type: '6' }),
    ),
  );
  assert.equal(
    drawRows(index),
    's symlink -> ../x/./y\nh hardlink -> a/b\nh2 hardlink -> a/b\nnull char -> 1:3\npipe fifo',
  );
  assert.equal(entryReader(index, 0)(3, 'null').link, null);
  assert.equal(index.unpackedBytes, 0);
});

test('names that are not UTF-8 are rows of their own', () => {
  const index = indexOfTar(
    rawTar(
      ...[Buffer.from([0xff]), Buffer.from('\\xff'), Buffer.from([0xfe])].map((name) =>
        rawEntry({ name }, 'x'),
      ),
    ),
  );
  assert.equal(drawRows(index), '\\xff file 1\n\\x5cxff file 1\n\\xfe file 1');
});

test('xattrs are told apart, in whatever order they are written', () => {
  const pax = (...records: [string, string][]): Buffer =>
    rawPax(records.map(([name, value]) => [`SCHILY.xattr.${name}`, value]));
  const index = indexOfTar(
    rawTar(
      Buffer.concat([pax(['user.a', '1'], ['user.b', '2']), rawHeader({ name: 'a' })]),
      Buffer.concat([pax(['user.b', '2'], ['user.a', '1']), rawHeader({ name: 'b' })]),
      Buffer.concat([pax(['user.a', '1'], ['user.b', '3']), rawHeader({ name: 'c' })]),
      rawHeader({ name: 'd' }),
    ),
  );
  assert.equal(index.xattrs[0], index.xattrs[1]);
  assert.notEqual(index.xattrs[0], index.xattrs[2]);
  assert.equal(index.xattrs[3], 0);
});

test('columns are as narrow as their values, and exact whatever they are', () => {
  const small = indexOfTar(rawTar(rawHeader({ name: 'a', uid: 5, mtime: 7 })));
  assert.ok(small.uid instanceof Uint8Array && small.mtime instanceof Uint8Array);
  const odd = indexOfTar(
    rawTar(
      rawPax([['mtime', '1700000000.25']]),
      rawHeader({ name: 'a' }),
      rawHeader({ name: 'b', uid: -2, mtime: -5 }),
    ),
  );
  assert.ok(odd.mtime instanceof Float64Array && odd.uid instanceof Uint32Array);
  assert.deepEqual([...odd.mtime], [1_700_000_000.25, -5]);
  const scanner = new TarScanner((entry) => builder.add(entry));
  const builder = new LayerIndexBuilder();
  const huge = Buffer.concat([rawPax([['size', String(10 * 2 ** 30)]]), rawHeader({ name: 'big' })]);
  scanner.scan(huge, 0, huge.length);
  const index = builder.finish(`sha256:${'0'.repeat(64)}`);
  assert.equal(index.unpackedBytes, 10 * 2 ** 30);
  assert.equal(entryReader(index, 3)(0, 'big').bytes, 10 * 2 ** 30);
});

test('sparse rows are remembered', () => {
  const sparse = (name: string): Buffer =>
    Buffer.concat([
      rawPax([
        ['GNU.sparse.size', '1000'],
        ['GNU.sparse.name', name],
      ]),
      rawEntry({ name: 'x' }, 'abc'),
    ]);
  const index = indexOfTar(
    rawTar(rawEntry({ name: 'a' }, 'x'), sparse('b'), sparse('c'), rawEntry({ name: 'b' }, 'plain')),
  );
  assert.deepEqual([...index.sparse], [2]);
  assert.equal(index.unpackedBytes, 1 + 5 + 1000);
});

test('too many entries, and paths that no engine could unpack, are taken for an attack', () => {
  const refused = (
    tar: Uint8Array,
    limits: { maxEntries: number; maxPathBytes: number },
    words: RegExp,
  ): void => {
    const builder = new LayerIndexBuilder(limits);
    const scanner = new TarScanner((entry) => builder.add(entry));
    assert.throws(
      () => scanSync(readerOf(tar), scanner),
      (error) => error instanceof StrataError && error.code === 'hostile' && words.test(error.message),
    );
  };
  const many = rawTar(...Array.from({ length: 20 }, (_, i) => rawHeader({ name: `f${i}` })));
  refused(many, { maxEntries: 19, maxPathBytes: 4096 }, /more than 19 entries/);
  refused(
    rawTar(rawHeader({ name: 'a/b/c/d/e' })),
    { maxEntries: 3, maxPathBytes: 4096 },
    /more than 3 entries/,
  );
  refused(
    rawTar(rawPax([['path', 'd/'.repeat(3000)]]), rawHeader()),
    { maxEntries: 9e9, maxPathBytes: 4096 },
    /path of 5999 bytes/,
  );
});

test('a path is found by its row and a row by its path', async () => {
  const index = indexOfTar(await layerTar({ 'a/b/c': 'x', 'a/d': 'y', 'größe/ß': 'z' }));
  for (let row = 0; row < index.count; row++) assert.equal(findRow(index, rowPath(index, row)), row);
  for (const path of ['', 'a/x', 'b', 'a/b/c/d', 'größe/s']) assert.equal(findRow(index, path), -1, path);
});

test('generated layers have the rows that tar-stream gives, whatever the order of their entries', async () => {
  for (let seed = 1; seed <= 80; seed++) {
    const random = seededRandom(seed);
    const depth = (): string =>
      Array.from({ length: 1 + Math.floor(random() * 4) }, () => 'abc'[Math.floor(random() * 3)]).join('/');
    const members = Array.from({ length: 60 }, (_, i) => {
      const isFolder = random() < 0.3;
      return isFolder
        ? { name: `${depth()}/`, mode: i }
        : { name: `${depth()}/file${Math.floor(random() * 20)}`, content: 'x'.repeat(i) };
    });
    const tar = await packTar(members);
    const index = indexOfTar(tar);
    checkSound(index);
    const expected = new Map<string, string>();
    for await (const { name, type, size, mode } of readTar(
      (async function* () {
        yield tar;
      })(),
    )) {
      expected.set(name.replace(/\/$/, ''), `${type} ${size} ${mode}`);
    }
    const reader = entryReader(index, 0);
    const found = new Map<string, string>();
    for (let row = 0; row < index.count; row++) {
      if (index.type[row] === rowTypes.implied) continue;
      const { path, type, bytes, mode } = reader(row, rowPath(index, row));
      assert.ok(!found.has(path), path);
      found.set(path, `${type} ${bytes} ${mode}`);
    }
    assert.deepEqual([...found].sort(), [...expected].sort(), `seed ${seed}`);
  }
});
