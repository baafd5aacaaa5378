import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openImage } from '../../../server/src/image/open';
import { findRow } from '../../../server/src/layers/entry';
import { LayerReader } from '../../../server/src/layers/layerReader';
import { measureImage } from '../../../server/src/layers/measureImage';
import type { LayerIndex } from '../../../server/src/layers/model';
import { findStateFile, readLayerFile, readStateFile } from '../../../server/src/layers/readFile';
import { formCompressions, type ImageLiteral, imageForms, imageHost } from '../../support/imageFixture';
import { filled, rawEntry, rawHeader, rawPax, rawTar } from '../../support/rawTar';

const big = Array.from({ length: 30_000 }, (_, i) => String.fromCharCode(97 + (i % 26))).join('');
const literal: ImageLiteral = {
  layers: [
    {
      first: 'one',
      empty: '',
      big,
      link: { type: 'hardlink', link: 'first' },
      chain: { type: 'hardlink', link: 'link' },
      loop: { type: 'hardlink', link: 'loop' },
      soft: { type: 'symlink', link: 'first' },
      'd/': '',
    },
    { first: 'two', across: { type: 'hardlink', link: 'big' } },
    { '.wh.big': '' },
  ],
};

async function prepare(form: (typeof imageForms)[number], compression: 'none' | 'gzip' | 'zstd') {
  const { host, reference } = await imageHost(literal, form, compression);
  const opened = await openImage(host, reference);
  const { indexes } = await measureImage(host, opened);
  return { host, opened, indexes: indexes as LayerIndex[] };
}

for (const form of imageForms) {
  for (const compression of formCompressions[form]) {
    test(`files of ${form} with layers stored as ${compression}`, async () => {
      const { host, opened, indexes } = await prepare(form, compression);
      const read = async (layer: number, path: string): Promise<string> =>
        Buffer.from(
          await readLayerFile(host, opened.layers[layer]!, indexes[layer]!, findRow(indexes[layer]!, path)),
        ).toString();
      assert.equal(await read(0, 'first'), 'one');
      assert.equal(await read(1, 'first'), 'two');
      assert.equal(await read(0, 'big'), big);
      assert.equal(await read(0, 'empty'), '');
      assert.equal(await read(0, 'link'), 'one');
      assert.equal(await read(0, 'chain'), 'one');
      const state = async (upTo: number, path: string): Promise<string | null> => {
        const bytes = await readStateFile(host, opened.layers, indexes, upTo, path);
        return bytes && Buffer.from(bytes).toString();
      };
      assert.deepEqual(
        [await state(0, 'first'), await state(1, 'first'), await state(2, 'first')],
        ['one', 'two', 'two'],
      );
      assert.equal(await state(2, 'link'), 'one');
      assert.equal(await state(2, 'across'), big);
      assert.deepEqual([await state(1, 'big'), await state(2, 'big')], [big, null]);
      for (const path of ['nowhere', 'd', 'soft', 'loop', '']) assert.equal(await state(2, path), null, path);
      await opened.close();
      assert.equal(host.openFiles, 0);
    });
  }
}

test('a plain layer is read at the place, a compressed one no further than the file', async () => {
  const { host, opened, indexes } = await prepare('oci', 'none');
  host.bytesRead = 0;
  await readStateFile(host, opened.layers, indexes, 1, 'first');
  assert.ok(host.bytesRead < 50, `${host.bytesRead}`);
});

test('what has no content, is too large or not at hand is refused with words', async () => {
  const { host, opened, indexes } = await prepare('oci', 'gzip');
  const read = (path: string, options = {}): Promise<Uint8Array> =>
    readLayerFile(host, opened.layers[0]!, indexes[0]!, findRow(indexes[0]!, path), options);
  for (const path of ['d', 'soft', 'loop']) await assert.rejects(read(path), { code: 'not-found' }, path);
  await assert.rejects(read('big', { maxBytes: 29_999 }), {
    code: 'unsupported',
    message: /big is 30000 bytes/,
  });
  assert.equal((await read('big', { maxBytes: 30_000 })).length, 30_000);
  await assert.rejects(read('big', { signal: AbortSignal.abort() }), /abort|cancel/i);
  opened.layers[0]!.blob = null;
  await assert.rejects(read('big'), { code: 'unsupported', message: /not at hand/ });
});

const parts = 'ab';
const whole = '\0\0a\0\0\0b\0\0\0';
const oldGnu = (block: Buffer): void => {
  block.write('ustar  \0', 257, 'latin1');
  number(block, 386, 2);
  number(block, 398, 1);
  number(block, 410, 6);
  number(block, 422, 1);
  number(block, 483, 10);
};
const number = (block: Buffer, at: number, value: number): void => {
  block.write(value.toString(8).padStart(11, '0'), at, 'latin1');
};

/** 30 parts of one byte each at 10, 20, …: four in the header, the rest in two blocks behind it. */
const manyParts = (): Buffer => {
  const header = rawHeader({
    name: 's',
    type: 'S',
    size: 30,
    patch: (block) => {
      block.write('ustar  \0', 257, 'latin1');
      for (let i = 0; i < 4; i++) part(block, 386 + 24 * i, i);
      block[482] = 1;
      number(block, 483, 301);
    },
  });
  const more = [Buffer.alloc(512), Buffer.alloc(512)];
  more[0]![504] = 1;
  for (let i = 4; i < 30; i++) part(more[i < 25 ? 0 : 1]!, 24 * (i < 25 ? i - 4 : i - 25), i);
  return Buffer.concat([header, ...more, filled(Buffer.alloc(30, 'x'))]);
};
const part = (block: Buffer, at: number, i: number): void => {
  number(block, at, 10 * (i + 1));
  number(block, at + 12, 1);
};
const pax = (records: [string, string][], body: string | Uint8Array): Buffer =>
  Buffer.concat([
    rawPax(records.map(([key, value]) => [`GNU.sparse.${key}`, value])),
    rawEntry({ name: 'GNUSparseFile.0/s' }, body),
  ]);
const modern: [string, string][] = [
  ['major', '1'],
  ['minor', '0'],
  ['name', 's'],
  ['realsize', '10'],
];
const sparseForms: Record<string, [tar: Buffer, content: string]> = {
  'old GNU': [rawEntry({ name: 's', type: 'S', patch: oldGnu }, parts), whole],
  'old GNU behind a long name': [
    Buffer.concat([
      rawEntry({ name: '././@LongLink', type: 'L' }, 's\0'),
      rawEntry({ name: 'other', type: 'S', patch: oldGnu }, parts),
    ]),
    whole,
  ],
  'old GNU with blocks of its map behind the header': [
    manyParts(),
    Array.from({ length: 301 }, (_, i) => (i > 0 && i % 10 === 0 ? 'x' : '\0')).join(''),
  ],
  'PAX 0.0': [
    pax(
      [
        ['name', 's'],
        ['size', '10'],
        ['numblocks', '2'],
        ['offset', '2'],
        ['numbytes', '1'],
        ['offset', '6'],
        ['numbytes', '1'],
      ],
      parts,
    ),
    whole,
  ],
  'PAX 0.1': [
    pax(
      [
        ['name', 's'],
        ['size', '10'],
        ['numblocks', '2'],
        ['map', '2,1,6,1'],
      ],
      parts,
    ),
    whole,
  ],
  'PAX 1.0': [
    pax(modern, Buffer.concat([filled(Buffer.from('2\n2\n1\n6\n1\n')), Buffer.from(parts)])),
    whole,
  ],
  'PAX 1.0 without any part': [pax(modern, filled(Buffer.from('1\n10\n0\n'))), '\0'.repeat(10)],
};

for (const [form, [entry, content]] of Object.entries(sparseForms)) {
  test(`a sparse file of ${form} is made whole`, async () => {
    const tar = rawTar(rawEntry({ name: 'before' }, 'x'.repeat(700)), entry, rawEntry({ name: 'z' }, 'y'));
    for (const compression of ['none', 'gzip'] as const) {
      const { host, reference } = await imageHost({ layers: [tar] }, 'oci', compression);
      const opened = await openImage(host, reference);
      const indexes = (await measureImage(host, opened)).indexes as LayerIndex[];
      const bytes = await readStateFile(host, opened.layers, indexes, 0, 's');
      assert.equal(Buffer.from(bytes!).toString('latin1'), content);
      assert.equal(host.openFiles, 0);
    }
  });
}

test('a sparse file whose map does not fit it is refused, not guessed', async () => {
  const wrong: [string, Buffer][] = [
    [
      'no map',
      pax(
        [
          ['size', '10'],
          ['name', 's'],
        ],
        parts,
      ),
    ],
    [
      'beyond the end',
      pax(
        [
          ['size', '10'],
          ['name', 's'],
          ['map', '2,1,10,1'],
        ],
        parts,
      ),
    ],
    [
      'overlapping',
      pax(
        [
          ['size', '10'],
          ['name', 's'],
          ['map', '2,1,2,1'],
        ],
        parts,
      ),
    ],
    [
      'more than is stored',
      pax(
        [
          ['size', '10'],
          ['name', 's'],
          ['map', '2,1,6,2'],
        ],
        parts,
      ),
    ],
    [
      'less than is stored',
      pax(
        [
          ['size', '10'],
          ['name', 's'],
          ['map', '2,1'],
        ],
        parts,
      ),
    ],
    [
      'no numbers',
      pax(
        [
          ['size', '10'],
          ['name', 's'],
          ['map', '2,1,x,1'],
        ],
        parts,
      ),
    ],
    ['a count without parts', pax(modern, filled(Buffer.from('999999999\n1\n')))],
  ];
  for (const [what, entry] of wrong) {
    const { host, reference } = await imageHost({ layers: [rawTar(entry)] }, 'oci');
    const opened = await openImage(host, reference);
    const indexes = (await measureImage(host, opened)).indexes as LayerIndex[];
    const reading = readStateFile(host, opened.layers, indexes, 0, 's');
    await assert.rejects(reading, { code: 'unreadable', message: /sparse/ }, what);
    assert.equal(host.openFiles, 0);
  }
});

describe('a reader of several files', () => {
  const row = (index: LayerIndex, path: string): number => findRow(index, path);
  const names = Array.from({ length: 40 }, (_, i) => `f${String(i).padStart(2, '0')}`);
  const many = { layers: [Object.fromEntries(names.map((name) => [name, name.repeat(1000)]))] };

  async function readerOf(compression: 'none' | 'gzip' | 'zstd', maxKeptBytes?: number) {
    const { host, reference } = await imageHost(many, 'oci', compression);
    const opened = await openImage(host, reference);
    const index = (await measureImage(host, opened)).indexes[0]!;
    host.bytesRead = 0;
    const reader = new LayerReader(host, { maxKeptBytes });
    const text = async (name: string): Promise<string> =>
      Buffer.from(await reader.read(opened.layers[0]!, index, row(index, name))).toString();
    return { host, opened, index, reader, text };
  }

  test('unpacks a compressed layer once for all its small files', async () => {
    const { host, reader, index, text } = await readerOf('zstd');
    assert.equal(reader.kept(index, row(index, 'f20')), null);
    assert.equal(await text('f20'), 'f20'.repeat(1000));
    const once = host.bytesRead;
    for (const name of names) assert.equal(await text(name), name.repeat(1000));
    assert.equal(host.bytesRead, once);
    assert.ok(reader.kept(index, row(index, 'f39')));
    assert.equal(host.openFiles, 0);
  });

  test('lets those who ask at the same time wait for one unpacking', async () => {
    const { host, text } = await readerOf('zstd');
    await text('f00');
    const once = host.bytesRead;
    const other = await readerOf('zstd');
    const read = await Promise.all(names.map(other.text));
    assert.deepEqual(
      read.map((content) => content.slice(0, 3)),
      names,
    );
    assert.equal(other.host.bytesRead, once);
  });

  test('keeps no more than its bound, the last used longest', async () => {
    // Files up to 1/32 of the bound are kept: each is 3000 bytes, so 32 of them stay.
    const { reader, index, text } = await readerOf('gzip', 96_000);
    await text('f39');
    const kept = () => names.filter((name) => reader.kept(index, row(index, name)) !== null);
    assert.deepEqual(kept(), names.slice(-32));
    assert.equal(await text('f00'), 'f00'.repeat(1000));
  });

  test('reads plain layers at the place, and refuses as readLayerFile does', async () => {
    const { host, opened, reader, index, text } = await readerOf('none');
    assert.equal(await text('f07'), 'f07'.repeat(1000));
    assert.ok(host.bytesRead < 3100, `${host.bytesRead}`);
    const refused = reader.read(opened.layers[0]!, index, row(index, 'f07'), { maxBytes: 2999 });
    await assert.rejects(refused, { code: 'unsupported' });
  });

  test('damage behind a file is no matter of that file', async () => {
    const { host, opened, index, reader, text } = await readerOf('gzip');
    const { path } = opened.layers[0]!.blob!.region!;
    const cut = host.disk.get(path)!.slice(0, -20);
    host.disk.set(path, cut);
    assert.equal(await text('f00'), 'f00'.repeat(1000));
    host.disk.set(path, cut.slice(0, 100));
    const other = new LayerReader(host);
    await assert.rejects(other.read(opened.layers[0]!, index, row(index, 'f39')), { code: 'unreadable' });
    assert.ok(reader.kept(index, row(index, 'f00')));
    assert.equal(host.openFiles, 0);
  });
});

test('a layer that changed since it was indexed is refused, not misread', async () => {
  const { host, opened, indexes } = await prepare('oci', 'none');
  const { path, length } = opened.layers[0]!.blob!.region!;
  host.disk.set(path, host.disk.get(path)!.slice(0, 20_000));
  assert.ok(length > 20_000);
  await assert.rejects(readStateFile(host, opened.layers, indexes, 0, 'big'), { code: 'unreadable' });
});

test('where a file of the merged view lies is told without reading it', async () => {
  const { indexes } = await prepare('oci', 'none');
  assert.equal(findStateFile(indexes, 2, 'across')?.layer, 0);
  assert.equal(findStateFile(indexes, 0, 'across'), null);
});
