// One contract for all sources: the same literal image reads the same, whatever it lies in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Image } from '../../../server/src/image/model';
import { openImage } from '../../../server/src/image/open';
import { measureImage } from '../../../server/src/layers/measureImage';
import type { LayerIndex } from '../../../server/src/layers/model';
import { readStateFile } from '../../../server/src/layers/readFile';
import { openTree } from '../../../server/src/layers/tree';
import { sha256 } from '../../../server/src/primitives/digest';
import { formCompressions, type ImageLiteral, imageForms, imageHost } from '../../support/imageFixture';
import { drawEntry, lines } from '../../support/layerIndexes';

const image: ImageLiteral = {
  layers: [
    {
      'etc/': '',
      'etc/passwd': 'root:x:0:0\n',
      'etc/motd': 'welcome',
      'usr/bin/tool': { content: 'T'.repeat(3000), mode: 0o755 },
    },
    { 'etc/.wh.motd': '', 'etc/hosts': 'localhost', bin: { type: 'symlink', link: 'usr/bin' } },
    {
      'usr/bin/tool': { content: 'T'.repeat(3000), mode: 0o4755 },
      'usr/bin/alias': { type: 'hardlink', link: 'usr/bin/tool' },
    },
    // The first layer once more: one DiffID, two layers.
    {
      'etc/': '',
      'etc/passwd': 'root:x:0:0\n',
      'etc/motd': 'welcome',
      'usr/bin/tool': { content: 'T'.repeat(3000), mode: 0o755 },
    },
  ],
  history: [
    { created_by: 'ADD rootfs' },
    { created_by: 'ENV A=1', empty_layer: true },
    { created_by: 'RUN one' },
    { created_by: 'RUN two' },
    { created_by: 'COPY three' },
  ],
};

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

for (const form of imageForms) {
  for (const compression of formCompressions[form]) {
    test(`${form} with layers stored as ${compression}`, async () => {
      const { host, reference, fixtures } = await imageHost(image, form, compression);
      const [fixture] = fixtures;
      const opened: Image = await openImage(host, reference);
      assert.equal(opened.reference, reference);
      assert.equal(opened.id, fixture!.id);
      assert.equal(opened.platform, 'linux/amd64');
      assert.deepEqual(
        opened.layers.map(({ diffId }) => diffId),
        fixture!.diffIds,
      );
      assert.deepEqual(
        opened.layers.map(({ chainId }) => chainId),
        fixture!.chainIds,
      );
      assert.deepEqual(
        opened.layers.map(({ index }) => index),
        [0, 1, 2, 3],
      );
      assert.equal(opened.config.history.length, 5);
      assert.deepEqual(opened.problems, []);
      for (const layer of opened.layers) {
        const stored = await bytesOf(layer.blob!.open());
        assert.equal(layer.compressedBytes, compression === 'none' ? null : stored.length);
        if (layer.blobDigest) assert.equal(sha256(stored), layer.blobDigest);
        const { region } = layer.blob!;
        if (region) {
          const part = host.disk.get(region.path)!.subarray(region.offset, region.offset + region.length);
          assert.ok(stored.equals(part));
        }
      }
      const { measured, indexes } = await measureImage(host, opened);
      assert.deepEqual(
        measured.layers.map(({ unpackedBytes, added, modified, removed, wastedBytes }) =>
          [unpackedBytes, added, modified, removed, wastedBytes].join(' '),
        ),
        // The hard link keeps the third layer's copy of tool visible when the fourth writes tool again.
        ['3018 6 0 0 3018', '9 2 0 1 0', '3000 1 1 0 0', '3018 1 1 0 0'],
      );
      assert.equal(measured.visibleBytes, 9045 - 3018);
      const tree = [...openTree(indexes as LayerIndex[], 3, 'merged').walk()].map(drawEntry).join('\n');
      assert.equal(
        tree,
        lines(`
          bin -> usr/bin @1
          etc/ @3
          etc/hosts 9 @1
          etc/motd 7 @3
          etc/passwd 11 @3
          usr/ @0
          usr/bin/ @0
          usr/bin/alias == usr/bin/tool @2
          usr/bin/tool 3000 @3
        `),
      );
      const read = async (path: string): Promise<string> =>
        Buffer.from((await readStateFile(host, opened.layers, indexes as LayerIndex[], 3, path))!).toString();
      assert.equal(await read('etc/hosts'), 'localhost');
      assert.equal(await read('usr/bin/alias'), 'T'.repeat(3000));
      await opened.close();
      assert.equal(host.openFiles, 0);
      assert.deepEqual(
        [...host.disk.keys()].filter((path) => path.startsWith('/tmp/')),
        [],
      );
    });
  }
}

test('headers only are read of an archive, whatever it holds', async () => {
  const big: ImageLiteral = { layers: [{ big: 'x'.repeat(5_000_000) }, { more: 'y'.repeat(5_000_000) }] };
  const { host, reference } = await imageHost(big, 'docker-archive');
  const opened = await openImage(host, reference);
  await measureImage(host, opened);
  assert.ok(host.bytesRead < 400_000, `${host.bytesRead} bytes were read`);
});

test('a bare path is sniffed: docker archive, OCI archive, OCI folder', async () => {
  for (const [form, path, prefix] of [
    ['docker-archive', '/images/image.tar', 'docker-archive:'],
    ['oci-archive', '/images/image.tar', 'oci-archive:'],
    ['oci', '/images/layout', 'oci:'],
  ] as const) {
    const { host } = await imageHost(image, form);
    assert.equal((await openImage(host, path)).reference, prefix + path);
    assert.equal((await openImage(host, `${path}:app:1`)).reference, `${prefix}${path}:app:1`);
  }
});

test('a bare name means the local engine, even beside a folder of that name', async () => {
  const { host } = await imageHost(image, 'docker-daemon');
  host.disk.set('app/readme', Buffer.from(''));
  const opened = await openImage(host, 'app:1');
  assert.equal(opened.reference, 'docker-daemon:app:1');
  await opened.close();
});

test('the wrong transport is told with the right one', async () => {
  const oci = await imageHost(image, 'oci');
  await assert.rejects(openImage(oci.host, 'oci-archive:/images/layout'), {
    code: 'unreadable',
    hint: 'Try oci:/images/layout.',
  });
  const archive = await imageHost(image, 'docker-archive-legacy');
  await assert.rejects(openImage(archive.host, 'oci:/images/image.tar'), { code: 'unreadable' });
  await assert.rejects(openImage(archive.host, 'oci-archive:/images/image.tar'), {
    code: 'unreadable',
    hint: /docker-archive/,
  });
  await assert.rejects(openImage(archive.host, 'docker-archive:/nowhere.tar'), { code: 'not-found' });
  await assert.rejects(openImage(archive.host, './nowhere'), { code: 'not-found' });
});

test('an abort ends the opening and leaves nothing open', async () => {
  for (const form of imageForms) {
    const { host, reference } = await imageHost(image, form);
    await assert.rejects(openImage(host, reference, { signal: AbortSignal.abort() }), /abort|cancel/i, form);
    assert.equal(host.openFiles, 0);
  }
});
