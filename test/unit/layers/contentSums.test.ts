// Contents of equal size told apart by sums: what is read, what is not, and what stays unknown.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Image } from '../../../server/src/image/model';
import { openImage } from '../../../server/src/image/open';
import {
  ContentSums,
  contentPairs,
  layersByIndex,
  notComparedText,
  type SumOptions,
} from '../../../server/src/layers/contentSums';
import { type DiffOptions, diffLayer, diffStates } from '../../../server/src/layers/diff';
import { rowPath } from '../../../server/src/layers/entry';
import { measureImage } from '../../../server/src/layers/measureImage';
import type { LayerDiff, LayerIndex } from '../../../server/src/layers/model';
import {
  formCompressions,
  type ImageFixture,
  type ImageForm,
  type ImageLiteral,
  imageFixture,
  imageForms,
  imageHost,
  type LayerCompression,
  writeImages,
} from '../../support/imageFixture';
import { drawDiff } from '../../support/layerIndexes';
import { type MemoryHost, memoryHost } from '../../support/memoryHost';
import { rawEntry, rawPax, rawTar } from '../../support/rawTar';

const mtime = 1_700_000_000;
const file = (content: string | Uint8Array, more: object = {}) => ({
  content: typeof content === 'string' ? Buffer.from(content) : content,
  mtime,
  ...more,
});

interface Opened {
  host: MemoryHost;
  image: Image;
  indexes: LayerIndex[];
}

async function opened(
  literal: ImageLiteral,
  form: ImageForm = 'oci',
  compression: LayerCompression = 'none',
): Promise<Opened> {
  const { host, reference } = await imageHost(literal, form, compression);
  const image = await openImage(host, reference);
  const { indexes } = await measureImage(host, image);
  return { host, image, indexes: indexes as LayerIndex[] };
}

/** The diff of the newest layer with contents compared, drawn, and what could not be. */
async function compared({ host, image, indexes }: Opened, options: SumOptions = {}) {
  const sums = new ContentSums(host);
  const run = (how: DiffOptions): LayerDiff => diffLayer(indexes, indexes.length - 1, how);
  const { pairs } = contentPairs(run);
  const reasons = await sums.read(pairs, layersByIndex(image.layers, indexes), options);
  const diff = run({ sameContent: sums.sameContent });
  return { drawn: drawDiff(diff), diff, reasons, unknown: sums.countUnknown(pairs), sums, pairs };
}

const changes: ImageLiteral = {
  layers: [
    {
      rewritten: file('aaaa'),
      touched: file('same'),
      chmod: file('same'),
      both: file('aaaa'),
      longer: file('a'),
      empty: file(''),
      linked: file('link'),
      relinked: file('link'),
      gone: file('gone'),
    },
    {
      rewritten: file('bbbb'),
      touched: file('same', { mtime: mtime + 1 }),
      chmod: file('same', { mode: 0o600 }),
      both: file('bbbb', { mtime: mtime + 1 }),
      longer: file('aa'),
      empty: file('', { mtime: mtime + 1 }),
      target: file('LINK'),
      linked: { type: 'hardlink', link: 'target', mtime },
      relinked: { type: 'hardlink', link: 'linked', mtime },
      '.wh.gone': '',
    },
  ],
};

for (const form of imageForms) {
  for (const compression of formCompressions[form]) {
    test(`${form}, ${compression}: a rewrite of equal size and time is found, a touch is a touch, a chmod a chmod`, async () => {
      const image = await opened(changes, form, compression);
      const { drawn, unknown, reasons } = await compared(image);
      assert.equal(
        drawn,
        [
          '~ both 4>4 (content, mtime)',
          '~ chmod 4>4 (mode)',
          '~ empty 0>0 (mtime)',
          '- gone 4',
          '~ linked 4>0 (content, type)',
          '~ longer 1>2 (content)',
          '~ relinked 4>0 (content, type)',
          '~ rewritten 4>4 (content)',
          '+ target 4',
          '~ touched 4>4 (mtime)',
        ].join('\n'),
      );
      assert.deepEqual([unknown, reasons], [0, []]);
      await image.image.close();
      assert.equal(image.host.openFiles, 0);
    });
  }
}

test('only files of the same size with other rows on each side are asked for, hard links by what they lead to', async () => {
  const { indexes } = await opened(changes);
  const { pairs } = contentPairs((how) => diffLayer(indexes, 1, how));
  const name = ({ index, row }: { index: LayerIndex; row: number }) => rowPath(index, row);
  assert.deepEqual(pairs.map(({ before, after }) => `${name(before)} ${name(after)}`).sort(), [
    'both both',
    'chmod chmod',
    'linked target',
    'relinked target',
    'rewritten rewritten',
    'touched touched',
  ]);
});

test('of plain layers only the bodies in question are read, a large one in pieces, and a second question reads nothing', async () => {
  const large = Buffer.alloc(5 * 2 ** 20, 'x');
  const other = Buffer.from(large);
  other[large.length - 1] = 1;
  const unrelated = Buffer.alloc(3 * 2 ** 20, 'y');
  const image = await opened({
    layers: [
      { first: file(large), unrelated: file(unrelated), second: file('2222') },
      { first: file(other), more: file(unrelated), second: file('2222', { mode: 0o600 }) },
    ],
  });
  const { host } = image;
  const { open } = host.files;
  let longest = 0;
  host.files.open = async (path) => {
    const opening = await open(path);
    return {
      ...opening,
      read: (position, length) => {
        longest = Math.max(longest, length);
        return opening.read(position, length);
      },
    };
  };
  host.bytesRead = 0;
  const { drawn, sums, pairs } = await compared(image);
  assert.match(drawn, /~ first \d+>\d+ \(content\)/);
  assert.match(drawn, /~ second 4>4 \(mode\)/);
  assert.ok(longest <= 2 ** 20, `${longest}`);
  assert.ok(host.bytesRead < 2 * large.length + 4096, `${host.bytesRead}`);
  host.bytesRead = 0;
  assert.deepEqual(await sums.read(pairs, layersByIndex(image.image.layers, image.indexes)), []);
  assert.equal(host.bytesRead, 0);
});

test('a compressed layer is unpacked once and no further than the last body in question', async () => {
  // Stored frames keep their size, so that what is read tells how far unpacking went.
  const rest = Object.fromEntries(
    Array.from({ length: 8 }, (_, i) => [`z${i}`, file(Buffer.alloc(2 ** 19, i))]),
  );
  const image = await opened(
    {
      layers: [
        { a: file('one'), b: file('two'), ...rest },
        { a: file('ONE'), b: file('two', { mode: 0o600 }) },
      ],
    },
    'oci',
    'zstd',
  );
  image.host.bytesRead = 0;
  const { drawn } = await compared(image);
  assert.equal(drawn, '~ a 3>3 (content)\n~ b 3>3 (mode)');
  assert.ok(image.host.bytesRead < 2 ** 20, `${image.host.bytesRead}`);
});

/** Two images that lie in folders of one host, each with an index of its own for what they share. */
async function two(
  images: [ImageFixture, ImageFixture],
  form: 'oci' | 'docker-archive-legacy',
  compression: LayerCompression,
) {
  const files: [string, Uint8Array][] = [];
  for (const [i, image] of images.entries()) {
    for (const [name, data] of await writeImages([image], form, compression))
      files.push([`/${i}/${name}`, data]);
  }
  const host = memoryHost({ files });
  const open = async (i: number): Promise<Opened> => {
    const image = await openImage(
      host,
      form === 'oci' ? `oci:/${i}/layout` : `docker-archive:/${i}/image.tar`,
    );
    const { indexes } = await measureImage(host, image);
    return { host, image, indexes: indexes as LayerIndex[] };
  };
  const [a, b] = [await open(0), await open(1)];
  const run = (how: DiffOptions): LayerDiff => diffStates(a.indexes, b.indexes, how);
  const sums = new ContentSums(host);
  const layers = [a, b].flatMap(({ image, indexes }) => [...layersByIndex(image.layers, indexes)]);
  host.bytesRead = 0;
  await sums.read(contentPairs(run).pairs, new Map(layers));
  return { host, drawn: drawDiff(run({ sameContent: sums.sameContent })) };
}

test('a compressed layer that two images share is not unpacked', async () => {
  const base = { base: file(Buffer.alloc(100_000, 'x')), other: file('four') };
  const images = [{ own: file('1') }, { own: file('2') }].map((own) => imageFixture({ layers: [base, own] }));
  const [one, other] = await Promise.all(images);
  const { host, drawn } = await two([one!, other!], 'oci', 'zstd');
  assert.equal(drawn, '~ own 1>1 (content)');
  assert.ok(host.bytesRead < 10_000, `${host.bytesRead}`);
});

test('an archive that claims the DiffID of another layer is compared by its bytes', async () => {
  const honest = await imageFixture({ layers: [{ sh: file('honest') }] });
  const evil = { ...honest, tars: (await imageFixture({ layers: [{ sh: file('hostil') }] })).tars };
  const { drawn } = await two([honest, evil], 'docker-archive-legacy', 'none');
  assert.equal(drawn, '~ sh 6>6 (content)');
});

test('beyond the limit the largest stay unknown, and the note says so', async () => {
  const big = Buffer.alloc(10_000, 'x');
  const image = await opened({
    layers: [
      { big: file(big), small: file('aaaa') },
      { big: file(Buffer.alloc(10_000, 'y')), small: file('bbbb') },
    ],
  });
  const { drawn, unknown, reasons } = await compared(image, { maxBytes: 19_999 });
  assert.equal(drawn, '~ small 4>4 (content)');
  assert.equal(unknown, 1);
  assert.equal(
    notComparedText(unknown, reasons),
    'The contents of 1 file of equal size were not compared (it would take to read more than 20.0 kB); they count as the same.',
  );
  assert.equal((await compared(image, { maxBytes: 20_008 })).unknown, 0);
});

test('of a compressed layer the limit counts what has to be unpacked', async () => {
  const image = await opened(
    { layers: [{ far: file(Buffer.alloc(50_000, 'x')), last: file('aaaa') }, { last: file('bbbb') }] },
    'oci',
    'gzip',
  );
  assert.equal((await compared(image, { maxBytes: 50_000 })).unknown, 1);
  assert.equal((await compared(image, { maxBytes: 60_000 })).unknown, 0);
});

test('bytes that are not at hand, damaged or stored as sparse leave a file unknown; the others are compared', async () => {
  const missing = await opened(changes);
  missing.image.layers[0]!.blob = null;
  const without = await compared(missing);
  assert.equal(without.unknown, 6);
  assert.deepEqual(without.reasons, ['the bytes of layer 0 are not at hand']);
  assert.match(without.drawn, /~ both 4>4 \(mtime\)/);

  const cut = await opened({
    layers: [
      { a: file('aaaa'), z: file(Buffer.alloc(20_000, 'x')) },
      { a: file('bbbb'), z: file(Buffer.alloc(20_000, 'y')) },
    ],
  });
  const { path } = cut.image.layers[1]!.blob!.region!;
  cut.host.disk.set(path, cut.host.disk.get(path)!.slice(0, 10_000));
  const damaged = await compared(cut);
  assert.equal(damaged.drawn, '~ a 4>4 (content)');
  assert.equal(damaged.unknown, 1);
  assert.match(damaged.reasons.join(), /^layer 1: It ends before byte \d+, inside a file$/);
  assert.equal(cut.host.openFiles, 0);

  const sparse = rawTar(
    Buffer.concat([
      rawPax([
        ['GNU.sparse.size', '4'],
        ['GNU.sparse.name', 's'],
        ['GNU.sparse.map', '1,1'],
      ]),
      rawEntry({ name: 's' }, 'x'),
    ]),
  );
  const other = await opened({ layers: [{ s: file('aaaa') }, sparse] });
  const { unknown, reasons } = await compared(other);
  assert.deepEqual([unknown, reasons], [1, ['some are stored as sparse files']]);
});

test('abort ends it', async () => {
  const image = await opened(changes, 'oci', 'gzip');
  await assert.rejects(compared(image, { signal: AbortSignal.abort() }), /abort/i);
  assert.equal(image.host.openFiles, 0);
});
