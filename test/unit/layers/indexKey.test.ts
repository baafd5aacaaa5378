import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openImage } from '../../../server/src/image/open';
import { measureImage } from '../../../server/src/layers/measureImage';
import { openIndexStore } from '../../../server/src/layers/store';
import {
  type ImageForm,
  type ImageLiteral,
  imageHost,
  type LayerCompression,
} from '../../support/imageFixture';
import type { MemoryHost } from '../../support/memoryHost';

const honest: ImageLiteral = { layers: [{ 'etc/motd': 'welcome' }] };

async function measured(
  image: ImageLiteral,
  form: ImageForm,
  compression: LayerCompression,
  cache: MemoryHost,
  config: object = {},
) {
  const { host, reference, fixtures } = await imageHost({ ...image, config }, form, compression);
  const opened = await openImage(host, reference);
  const store = openIndexStore(cache, '/cache', { memoryBytes: 0 });
  const result = await measureImage(host, opened, { store });
  return { ...result, fixture: fixtures[0]!, read: host.bytesRead };
}

for (const [form, compression] of [
  ['docker-archive-legacy', 'none'],
  ['docker-archive', 'none'],
  ['oci', 'none'],
  ['oci', 'gzip'],
  ['oci', 'zstd'],
] as const) {
  test(`an image that claims another one's DiffID does not lend it its files: ${form}, ${compression}`, async () => {
    const cache = (await imageHost(honest, 'oci')).host;
    const { fixture } = await measured(honest, form, compression, (await imageHost(honest, 'oci')).host);
    const claim = { rootfs: { type: 'layers', diff_ids: fixture.diffIds } };
    const liar = await measured({ layers: [{ evil: 'x'.repeat(5000) }] }, form, compression, cache, claim);
    assert.equal(liar.measured.layers[0]!.diffId, fixture.diffIds[0]);
    // A plain blob is named by its own digest, so that the lie is seen; elsewhere the claim stays a claim.
    const { unpackedBytes } = liar.measured.layers[0]!;
    assert.equal(unpackedBytes, form !== 'docker-archive-legacy' && compression === 'none' ? null : 5000);
    assert.equal(liar.measured.problems.length > 0, unpackedBytes === null);
    const other = await measured(honest, form, compression, cache);
    assert.equal(other.measured.layers[0]!.unpackedBytes, 7);
    const engine = await measured(honest, 'docker-daemon', 'none', cache);
    assert.equal(engine.measured.layers[0]!.unpackedBytes, 7);
  });
}

test('what an engine verified is known in every other source', async () => {
  const cache = (await imageHost(honest, 'oci')).host;
  await measured(honest, 'docker-daemon', 'none', cache);
  const kept = [...cache.disk.keys()].filter((path) => path.startsWith('/cache/')).length;
  const { measured: again } = await measured(honest, 'oci', 'gzip', cache);
  assert.equal(again.layers[0]!.unpackedBytes, 7);
  assert.equal([...cache.disk.keys()].filter((path) => path.startsWith('/cache/')).length, kept);
});

test('only layers that are asked for are read', async () => {
  const image: ImageLiteral = { layers: [{ a: 'a' }, { b: 'bb' }, { c: 'ccc' }] };
  const { host, reference } = await imageHost(image, 'oci', 'gzip');
  const opened = await openImage(host, reference);
  const store = openIndexStore(host, '/cache');
  const sizes = async (read: 'kept' | { upTo: number }) => {
    const { measured } = await measureImage(host, opened, { store, read });
    assert.deepEqual(measured.problems, []);
    return measured.layers.map(({ unpackedBytes }) => unpackedBytes);
  };
  assert.deepEqual(await sizes('kept'), [null, null, null]);
  assert.deepEqual(await sizes({ upTo: 1 }), [1, 2, null]);
  assert.deepEqual(await sizes('kept'), [1, 2, null]);
});
