import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Image } from '../../../server/src/image/model';
import { openImage } from '../../../server/src/image/open';
import { createInlineIndexer, type Indexer } from '../../../server/src/layers/indexer';
import { measureImage } from '../../../server/src/layers/measureImage';
import type { LayerIndex } from '../../../server/src/layers/model';
import { openIndexStore } from '../../../server/src/layers/store';
import { openTree } from '../../../server/src/layers/tree';
import { isCancelled } from '../../../server/src/primitives/errors';
import { compress } from '../../support/imageFiles';
import { type ImageLiteral, imageFixture, imageHost } from '../../support/imageFixture';
import { memoryHost } from '../../support/memoryHost';
import { rawHeader, rawPax, rawTar } from '../../support/rawTar';

const image: ImageLiteral = { layers: [{ a: '1', b: '22' }, { a: '333', '.wh.b': '' }, { c: '4444' }] };

async function open(
  literal: ImageLiteral,
  form: Parameters<typeof imageHost>[1] = 'oci',
  compression: Parameters<typeof imageHost>[2] = 'gzip',
) {
  const made = await imageHost(literal, form, compression);
  return { ...made, opened: await openImage(made.host, made.reference) };
}

/** Counts which layers are indexed. */
function counting(indexer: Indexer): Indexer & { indexed: string[] } {
  const indexed: string[] = [];
  return {
    ...indexer,
    indexed,
    index: (blob, diffId, options) => {
      indexed.push(diffId);
      return indexer.index(blob, diffId, options);
    },
  };
}

test('layers are measured, and progress is told', async () => {
  const { host, opened } = await open(image);
  const progress: string[] = [];
  const { measured } = await measureImage(host, opened, {
    onProgress: ({ done, total }) => progress.push(`${done}/${total}`),
  });
  assert.deepEqual(progress, ['1/3', '2/3', '3/3']);
  assert.deepEqual(
    measured.layers.map((layer) => [
      layer.unpackedBytes,
      layer.added,
      layer.modified,
      layer.removed,
      layer.wastedBytes,
      layer.engineBytes,
    ]),
    [
      [3, 2, 0, 0, 3, null],
      [3, 0, 1, 1, 0, null],
      [4, 1, 0, 0, 0, null],
    ],
  );
  assert.equal(measured.visibleBytes, 7);
  assert.deepEqual(
    measured.waste.map(({ path, how }) => `${path} ${how}`),
    ['b deleted', 'a overwritten'],
  );
  assert.equal(measured.id, opened.id);
  assert.deepEqual(measured.history, opened.config.history);
});

test('a layer is read once in its life: the same DiffID twice, and again with the store', async () => {
  const twice: ImageLiteral = { layers: [...image.layers, image.layers[0]!] };
  const { host, opened } = await open(twice);
  const store = openIndexStore(host, '/cache');
  const indexer = counting(createInlineIndexer(host));
  const first = await measureImage(host, opened, { store, indexer });
  assert.equal(indexer.indexed.length, 3);
  assert.equal(first.indexes[0], first.indexes[3]);
  const again = counting(createInlineIndexer(host));
  const second = await measureImage(host, opened, { store: openIndexStore(host, '/cache'), indexer: again });
  assert.deepEqual(again.indexed, []);
  assert.deepEqual(second, first);
});

test('peers 1: gzip blobs of few bytes are layers like any other', async () => {
  const tar = (await imageFixture({ layers: [{}] })).tars[0]!;
  for (const wanted of [31, 512, 1023, 1024, 1025]) {
    const blob = gzipOfLength(tar, wanted);
    const { measured } = await measureBlobs([{ tar, blob }]);
    assert.deepEqual(measured.problems, [], `${wanted}`);
    assert.equal(measured.layers[0]?.unpackedBytes, 0);
    assert.equal(measured.layers[0]?.compressedBytes, wanted);
  }
});

test('peers 1: blobs of no byte and of one byte', async () => {
  const empty = await measureBlobs([{ tar: Buffer.alloc(0), blob: Buffer.alloc(0) }]);
  assert.equal(empty.measured.layers[0]?.unpackedBytes, 0);
  assert.deepEqual(empty.measured.problems, []);
  const one = await measureBlobs([{ tar: Buffer.alloc(1), blob: Buffer.from('x') }]);
  assert.equal(one.measured.layers[0]?.unpackedBytes, null);
  assert.match(one.measured.problems[0]!, /Layer 0 .* could not be read. The tar is cut/);
});

test('peers 2: a corrupt layer is named with its cause, and the others stay usable', async () => {
  const { tars } = await imageFixture(image);
  const damaged = Buffer.from(gzipSync(tars[1]!));
  damaged[20] = damaged[20]! ^ 0xff;
  for (const blob of [
    damaged,
    gzipSync(tars[1]!).subarray(0, 60),
    tars[1]!.subarray(0, 514),
    tars[1]!.subarray(0, 1024),
    Buffer.from('xz?'),
  ]) {
    const { measured, indexes } = await measureBlobs([
      { tar: tars[0]!, blob: gzipSync(tars[0]!) },
      { tar: tars[1]!, blob },
      { tar: tars[2]!, blob: tars[2]! },
    ]);
    assert.match(
      measured.problems.join(),
      /Layer 1 \(sha256:[0-9a-f]{12}\) could not be read\. The .* is (damaged|cut)/,
    );
    assert.deepEqual(
      measured.layers.map(({ unpackedBytes }) => unpackedBytes),
      [3, null, 4],
    );
    assert.deepEqual(
      measured.layers.map(({ added }) => added),
      [2, null, null],
    );
    assert.deepEqual(
      measured.layers.map(({ wastedBytes }) => wastedBytes),
      [null, null, null],
    );
    assert.equal(measured.visibleBytes, null);
    assert.deepEqual(
      indexes.map((index) => index !== null),
      [true, false, true],
    );
    assert.ok(openTree([indexes[0] as LayerIndex], 0, 'upper').find('a'));
  }
});

test('a tar without an end marker is believed when its digest is right, and only then', async () => {
  const tar = (await imageFixture({ layers: [{ a: '333', b: '' }] })).tars[0]!.subarray(0, 1536);
  for (const blob of [tar, gzipSync(tar)]) {
    assert.deepEqual((await measureBlobs([{ tar, blob }])).measured.problems, []);
  }
  for (const cut of [tar.subarray(0, 1024), gzipSync(tar.subarray(0, 1024))]) {
    const { measured } = await measureBlobs([{ tar, blob: cut }]);
    assert.match(measured.problems[0]!, /Layer 0 .* no end marker, and is not what its DiffID says/);
    assert.equal(measured.layers[0]?.unpackedBytes, null);
  }
});

test('peers 3: global and large PAX headers and sparse files do not lose a layer', async () => {
  const tar = rawTar(
    rawPax([['comment', 'x']], 'g'),
    Buffer.concat([rawPax([['SCHILY.xattr.user.big', 'v'.repeat(3000)]]), rawHeader({ name: 'a' })]),
    Buffer.concat([
      rawHeader({
        name: 's',
        type: 'S',
        magic: 'ustar  \0',
        patch: (block) => block.write('00000010000\0', 483),
      }),
    ]),
  );
  const { measured } = await measureBlobs([{ tar, blob: gzipSync(tar) }]);
  assert.deepEqual(measured.problems, []);
  assert.deepEqual([measured.layers[0]?.added, measured.layers[0]?.unpackedBytes], [2, 4096]);
});

test('peers 7: each compression of each layer is its own affair', async () => {
  const { tars } = await imageFixture(image);
  const { measured } = await measureBlobs(
    tars.map((tar, i) => ({ tar, blob: compress(tar, (['gzip', 'zstd', 'none'] as const)[i]!) })),
  );
  assert.deepEqual(measured.problems, []);
  assert.deepEqual(
    measured.layers.map(({ unpackedBytes }) => unpackedBytes),
    [3, 3, 4],
  );
  const xz = await measureBlobs([{ tar: tars[0]!, blob: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]) }]);
  assert.match(xz.measured.problems[0]!, /Layer 0 .* compressed with xz/);
});

test('peers 12: deletions of what never was are a note', async () => {
  const { host, opened } = await open({ layers: [{ a: '1' }, { '.wh.x': '', '.wh.y': '', '.wh.a': '' }] });
  const { measured } = await measureImage(host, opened);
  assert.match(measured.problems[0]!, /^Layer 1 \(.*\) deletes paths that no lower layer has \(2\)\.$/);
  assert.equal(measured.layers[1]?.removed, 1);
});

test('a layer without bytes is unknown, and no other number is made up', async () => {
  const { host, opened } = await open(image);
  opened.layers[2]!.blob = null;
  const { measured } = await measureImage(host, opened);
  assert.deepEqual(
    measured.layers.map(({ added }) => added),
    [2, 0, null],
  );
  assert.equal(measured.visibleBytes, null);
  assert.match(measured.problems.join(), /Layer 2 .* does not hold its bytes/);
});

test('limits are obeyed and named', async () => {
  const { host, opened } = await open(image);
  const { measured } = await measureImage(host, opened, { limits: { maxEntries: 1, maxPathBytes: 4096 } });
  assert.match(measured.problems[0]!, /Layer 0 .* more than 1 entries/);
  const bounded = await measureImage(host, opened, {
    decompressLimits: { maxBytes: 600, maxRatio: 9, ratioAfter: 9e9 },
  });
  assert.match(bounded.measured.problems[0]!, /unpacks to more than 600 bytes/);
});

test('an abort ends it at once, and leaves nothing open', async () => {
  for (const compression of ['gzip', 'none'] as const) {
    const { host, opened } = await open(
      { layers: Array.from({ length: 10 }, (_, i) => ({ [`f${i}`]: 'x'.repeat(i) })) },
      'oci',
      compression,
    );
    const controller = new AbortController();
    await assert.rejects(
      measureImage(host, opened, {
        signal: controller.signal,
        onProgress: ({ done }) => {
          if (done === 3) controller.abort();
        },
      }),
      isCancelled,
    );
    assert.equal(host.openFiles, 0);
  }
});

test('a bug of ours is not taken for a damaged layer', async () => {
  const { host, opened } = await open(image);
  const indexer: Indexer = {
    concurrency: 2,
    index: () => Promise.reject(new TypeError('bug')),
    close: async () => {},
  };
  await assert.rejects(measureImage(host, opened, { indexer }), /bug/);
});

/** An image whose layers are stored as given; `tar` only lends its digest. */
async function measureBlobs(blobs: { tar: Uint8Array; blob: Uint8Array }[]) {
  const fixture = await imageFixture({ layers: blobs.map(({ tar }) => tar) });
  const host = memoryHost({ files: blobs.map(({ blob }, i) => [`/blob${i}`, blob]) });
  const opened: Image = {
    reference: 'test',
    id: fixture.id,
    platform: 'linux/amd64',
    config: {
      os: 'linux',
      architecture: 'amd64',
      variant: null,
      diffIds: fixture.diffIds,
      history: [],
      workingDir: '',
      user: '',
      env: [],
      onBuild: [],
    },
    layers: blobs.map(({ blob }, index) => ({
      index,
      diffId: fixture.diffIds[index]!,
      chainId: fixture.chainIds[index]!,
      blobDigest: null,
      compressedBytes: blob.length,
      mediaType: null,
      blob: {
        region: { path: `/blob${index}`, offset: 0, length: blob.length },
        open: (signal) => host.files.stream(`/blob${index}`, { signal }),
      },
    })),
    problems: [],
    close: async () => {},
  };
  return measureImage(host, opened);
}

/** A gzip member of exactly that many bytes: what is missing is its comment field. */
function gzipOfLength(data: Uint8Array, length: number): Buffer {
  const plain = gzipSync(data);
  if (plain.length === length) return plain;
  assert.ok(plain.length + 2 <= length, `${plain.length} bytes are too many`);
  const head = Buffer.from(plain.subarray(0, 10));
  head[3] = 0x10;
  const comment = Buffer.concat([Buffer.alloc(length - plain.length - 1, 0x63), Buffer.alloc(1)]);
  return Buffer.concat([head, comment, plain.subarray(10)]);
}

test('a file rewritten at the same size and time is modified, and one that is the same is not', async () => {
  for (const compression of ['none', 'gzip'] as const) {
    const before = { 'etc/a': 'one', 'etc/b': 'two' };
    const image: ImageLiteral = { layers: [before, { 'etc/a': 'ONE', 'etc/b': 'two' }] };
    const { host, reference } = await imageHost(image, 'oci', compression);
    const { measured } = await measureImage(host, await openImage(host, reference));
    assert.deepEqual(measured.problems, []);
    assert.equal(measured.layers[1]!.modified, 1);
    assert.deepEqual(measured.waste.map(({ path, how }) => `${path} ${how}`).sort(), [
      'etc/a overwritten',
      'etc/b copied-up',
    ]);
  }
});

test('counts are kept with the indexes: the next time says the same and reads no file again', async () => {
  const layers = [
    { 'etc/a': 'one', 'etc/b': 'two' },
    { 'etc/a': 'ONE', 'etc/b': 'two', 'etc/.wh.c': '' },
  ];
  const { host, reference } = await imageHost({ layers }, 'oci', 'none');
  const measure = async () => {
    const store = openIndexStore(host, '/cache');
    const before = host.bytesRead;
    const { measured } = await measureImage(host, await openImage(host, reference), { store });
    const kept = host.calls.filter((call) => /^writeWhole .*\.json/.test(call)).length;
    return { measured, kept, read: host.bytesRead - before };
  };
  const first = await measure();
  assert.equal(first.measured.layers[1]!.modified, 1);
  const second = await measure();
  assert.deepEqual(second.measured, first.measured);
  assert.deepEqual([first.kept, second.kept], [1, 1]);
  // What is not believed any more is counted anew.
  for (const path of host.disk.keys())
    if (path.startsWith('/cache/') && path.endsWith('.json')) host.disk.set(path, Buffer.from('x'));
  const third = await measure();
  assert.deepEqual(third.measured, first.measured);
  assert.equal(third.kept, 2);
});
