import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openImage } from '../../../server/src/image/open';
import { findRow } from '../../../server/src/layers/entry';
import { measureImage } from '../../../server/src/layers/measureImage';
import type { LayerIndex } from '../../../server/src/layers/model';
import { findStateFile, readLayerFile, readStateFile } from '../../../server/src/layers/readFile';
import { formCompressions, type ImageLiteral, imageForms, imageHost } from '../../support/imageFixture';
import { rawEntry, rawPax, rawTar } from '../../support/rawTar';

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

test('what has no content, is too large, sparse or not at hand is refused with words', async () => {
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
  const sparse = rawTar(
    Buffer.concat([
      rawPax([
        ['GNU.sparse.size', '1000'],
        ['GNU.sparse.name', 's'],
      ]),
      rawEntry({ name: 'x' }, 'abc'),
    ]),
  );
  const other = await imageHost({ layers: [sparse] }, 'oci');
  const image = await openImage(other.host, other.reference);
  const { indexes: found } = await measureImage(other.host, image);
  await assert.rejects(readStateFile(other.host, image.layers, found as LayerIndex[], 0, 's'), {
    code: 'unsupported',
    message: /sparse/,
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
