// What a build's record keeps of the context, with a build that is played: contents as they were before it, if they are
// the same after it. With real builders: test/live/cacheForecast.test.ts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BuildRecord } from '../../../server/src/build/model';
import { defaultChoice } from '../../../server/src/dockerfile/model';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { eachWithCacheInputs } from '../../../server/src/measure/cacheInputs';
import { StrataError } from '../../../server/src/primitives/errors';
import { type MemoryHost, memoryHost } from '../../support/memoryHost';
import { sampleRecord } from '../build/sampleRecord';

const text = 'FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH.txt same.txt /\nCOPY changed.txt /\n';
const platforms = ['linux/amd64', 'linux/arm64'];

/** For each record the lines whose contents are kept, with what they take: `2 amd64.txt same.txt`. */
async function check(
  build: (host: MemoryHost) => Partial<BuildRecord>[],
  expected: (string[] | null)[],
  refuse?: () => Error | null,
) {
  const files = { Dockerfile: text, 'amd64.txt': 'a', 'arm64.txt': 'b', 'same.txt': 'c', 'changed.txt': 'd' };
  const host = memoryHost({
    files: Object.entries(files).map(([name, content]) => [`/ctx/${name}`, content]),
    refuse: (operation) => (operation === 'readFolder' ? (refuse?.() ?? null) : null),
  });
  const { builder } = sampleRecord();
  const asked = {
    dockerfile: parseDockerfile(text),
    path: '/ctx/Dockerfile',
    context: '/ctx',
    choice: defaultChoice,
    extraArguments: [],
    noCache: false,
    builder,
    records: [],
  };
  const choices = platforms.map((platform) => ({ ...defaultChoice, platform }));
  const records = await eachWithCacheInputs(host, asked, choices, async () =>
    build(host).map((more) =>
      sampleRecord({ text, imageReference: null, provenance: null, cache: undefined, ...more }),
    ),
  );
  assert.deepEqual(
    records.map(
      ({ cache }) =>
        cache?.contents.map(({ instruction, parts }) =>
          [instruction, ...(parts ?? []).map(({ from }) => from)].join(' '),
        ) ?? null,
    ),
    expected,
  );
}

const both = platforms.map((platform) => ({ choice: { ...defaultChoice, platform } }));

test('each platform has what its own lines take', () =>
  check(
    () => both,
    [
      ['2 amd64.txt same.txt', '3 changed.txt'],
      ['2 arm64.txt same.txt', '3 changed.txt'],
    ],
  ));

test('what changed while it was built is left out', () =>
  check(
    (host) => {
      host.disk.set('/ctx/changed.txt', Buffer.from('another text'));
      return both;
    },
    [['2 amd64.txt same.txt'], ['2 arm64.txt same.txt']],
  ));

test('a build that failed has one record for all, one that was cancelled keeps nothing', async () => {
  await check(() => [{ outcome: 'failed' }], [['2 amd64.txt same.txt', '3 changed.txt']]);
  await check(() => [{ outcome: 'cancelled' }], [null]);
});

test('a context that cannot be read costs the contents, not the build', () =>
  check(
    () => both,
    [[], []],
    () => new StrataError('unreadable', 'No.'),
  ));
