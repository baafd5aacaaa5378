import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alignLayers, engineHistory, parseEngineHistory } from '../../../server/src/image/engineSizes';
import { chainIds, isDigest } from '../../../server/src/primitives/digest';
import { memoryHost } from '../../support/memoryHost';

const digest = (n: number): string => `sha256:${String(n).padStart(64, '0')}`;

/** Lines as `docker history` prints them, from oldest-first triples. */
function history(entries: [createdBy: string, bytes: number, comment?: string][]): string {
  return entries
    .toReversed()
    .map(([CreatedBy, bytes, Comment = 'buildkit.dockerfile.v0']) =>
      JSON.stringify({
        Comment,
        CreatedAt: '2026-01-01T00:00:00Z',
        CreatedBy,
        ID: '<missing>',
        Size: String(bytes),
      }),
    )
    .join('\n');
}

const align = (entries: Parameters<typeof history>[0], layers: number): number[] | null =>
  alignLayers(parseEngineHistory(history(entries)), layers);

test('entries with bytes are layers, metadata is none', () => {
  assert.deepEqual(
    align(
      [
        ['RUN a', 10],
        ['ENV A=1', 0],
        ['COPY b /', 20],
        ['CMD ["x"]', 0],
      ],
      2,
    ),
    [0, 2],
  );
});

test('peers 20: a layer of zero bytes is told from metadata where the counts leave one way', () => {
  assert.deepEqual(
    align(
      [
        ['RUN a', 10],
        ['WORKDIR /x', 0],
        ['ENV A=1', 0],
        ['RUN b', 20],
      ],
      3,
    ),
    [0, 1, 3],
  );
  assert.deepEqual(
    align(
      [
        ['RUN a', 10],
        ['WORKDIR /', 0],
        ['RUN b', 20],
      ],
      2,
    ),
    [0, 2],
  );
  assert.equal(
    align(
      [
        ['RUN a', 10],
        ['WORKDIR /x', 0],
        ['RUN true', 0],
        ['RUN b', 20],
      ],
      3,
    ),
    null,
  );
  assert.equal(align([['RUN a', 10]], 2), null);
  assert.equal(
    align(
      [
        ['RUN a', 10],
        ['RUN b', 10],
      ],
      1,
    ),
    null,
  );
});

test('the classic builder and buildah are read too; a size in words is no size', () => {
  const classic: Parameters<typeof history>[0] = [
    ['/bin/sh -c #(nop) ADD file:1 in / ', 10, ''],
    ['/bin/sh -c #(nop)  ENV A=1', 0, ''],
    ['|1 A=1 /bin/sh -c true', 0, ''],
  ];
  assert.deepEqual(align(classic, 2), [0, 2]);
  assert.deepEqual(align(classic, 1), [0]);
  assert.equal(alignLayers(parseEngineHistory('{"CreatedBy":"RUN x","Size":"10MB"}'), 1), null);
  assert.deepEqual(parseEngineHistory('no json\n\n'), []);
});

test('an image of the engine at a glance: sizes as the engine counts, nothing else claimed', async () => {
  const layers = [digest(1), digest(2)].filter(isDigest);
  const inspect = JSON.stringify([
    { Id: digest(9), Os: 'linux', Architecture: 'arm64', Variant: 'v8', RootFS: { Layers: layers } },
  ]);
  const listed = history([
    ['ADD rootfs', 100],
    ['ENV A=1', 0],
    ['RUN b', 20],
  ]);
  const host = memoryHost({ run: (_, args) => ({ stdout: args[0] === 'history' ? listed : inspect }) });
  const glance = await engineHistory(host, 'docker-daemon:app:1');
  assert.equal(glance.reference, 'docker-daemon:app:1');
  assert.equal(glance.platform, 'linux/arm64/v8');
  assert.deepEqual(
    glance.layers.map(({ engineBytes, unpackedBytes }) => [engineBytes, unpackedBytes]),
    [
      [100, null],
      [20, null],
    ],
  );
  assert.deepEqual(
    glance.layers.map(({ chainId }) => chainId),
    chainIds(layers),
  );
  assert.deepEqual(
    glance.history.map(({ createdBy, emptyLayer }) => [createdBy, emptyLayer]),
    [
      ['ADD rootfs', false],
      ['ENV A=1', true],
      ['RUN b', false],
    ],
  );
  assert.ok(host.runs.every((run) => run.at(-1) === 'app:1'));
});

test('of an image for several platforms the engine tells of one, which is not taken for another', async () => {
  const inspect = JSON.stringify([
    { Id: digest(9), Os: 'linux', Architecture: 'arm64', Variant: 'v8', RootFS: { Layers: [digest(1)] } },
  ]);
  const host = memoryHost({
    run: (_, args) => ({ stdout: args[0] === 'history' ? history([['COPY a /', 7]]) : inspect }),
  });
  const asked = (platform: string) => engineHistory(host, 'docker-daemon:app:1', { platform });
  assert.equal((await asked('linux/arm64')).layers[0]?.engineBytes, 7);
  await assert.rejects(asked('linux/amd64'), {
    code: 'not-found',
    message: 'docker tells of app:1 for linux/arm64/v8, not for linux/amd64.',
  });
});

test('where it cannot be told which entry made which layer, nothing is told', async () => {
  const inspect = JSON.stringify([
    { Id: digest(9), Os: 'linux', Architecture: 'amd64', RootFS: { Layers: [digest(1), digest(2)] } },
  ]);
  const listed = history([
    ['RUN a', 0],
    ['RUN b', 0],
    ['RUN c', 0],
  ]);
  const host = memoryHost({ run: (_, args) => ({ stdout: args[0] === 'history' ? listed : inspect }) });
  const glance = await engineHistory(host, 'app:1');
  assert.deepEqual(glance.history, []);
  assert.deepEqual(
    glance.layers.map(({ engineBytes }) => engineBytes),
    [null, null],
  );
});
