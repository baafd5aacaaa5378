// Builds for several platforms: what is asked of buildx and read from what it leaves, which records are of one build,
// which is shown and what it is compared with. Real builds: test/live/platforms.test.ts.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { buildxBuilder } from '../../../server/src/build/buildx';
import { dockerBuilder } from '../../../server/src/build/docker';
import type { BuildRecord, BuildRequest } from '../../../server/src/build/model';
import {
  buildBefore,
  namedPlatform,
  platformId,
  platformsOfBuild,
  severalPlatforms,
  shownRecord,
} from '../../../server/src/build/platforms';
import { createRecordStore } from '../../../server/src/build/records';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { buildRecords } from '../../../server/src/measure/buildRecords';
import { imageFixture } from '../../support/imageFixture';
import { writePlatforms } from '../../support/platformsLayout';
import { fixture } from './drawSteps';
import { sampleRecord } from './sampleRecord';
import { stubHost, type Told } from './stubHost';

const host = stubHost(() => ({}));

describe('what --platform names', () => {
  const several = (text: string | null) => severalPlatforms(host, text).join(' ');

  test('one or none is left to the builder, in its own words', () => {
    for (const text of [null, '', 'linux/arm64', 'local', 'linux/amd64,linux/x86_64'])
      assert.equal(several(text), '');
  });

  test('several in the builder’s spelling, this machine’s first', () => {
    assert.equal(several('linux/arm64/v8, linux/AMD64'), 'linux/amd64 linux/arm64');
    assert.equal(several('linux/s390x,linux/arm'), 'linux/s390x linux/arm/v7');
    assert.equal(several('linux/arm,linux/arm/v7,linux/arm/v6'), 'linux/arm/v7 linux/arm/v6');
  });

  test('what is no platform, and too many of them, are refused', () => {
    assert.throws(() => several('linux/amd64,'), /is no platform/);
    assert.throws(() => several('linux/amd64,local'), /is no platform/);
    const many = Array.from({ length: 9 }, (_, at) => `linux/a${at}`).join();
    assert.throws(() => several(many), /too many/);
  });

  test('a name is found whatever its spelling, the exact one first', () => {
    assert.equal(namedPlatform(['linux/arm/v6', 'linux/arm/v7'], 'linux/arm/v7'), 'linux/arm/v7');
    assert.equal(namedPlatform(['linux/amd64', 'linux/arm64'], 'linux/arm64/v8'), 'linux/arm64');
    assert.equal(namedPlatform(['linux/amd64', 'a/b/c/d', ''], 'linux/arm64'), null);
  });
});

const identity = {
  ...({ kind: 'buildx', rules: 'buildkit', version: '0.38.2', engine: 'BuildKit 0.34.2' } as const),
  ...{ instance: 'far', driver: 'remote' },
};

const requestOf = (keep: string, platforms: string[]): BuildRequest => ({
  ...{ dockerfile: '/work/Dockerfile', text: 'FROM base\n', context: '/work', platforms, keep },
  choice: { target: null, platform: platforms[0]!, buildArgs: {} },
  ...{ tag: null, noCache: false, extraArguments: [] },
});

describe('buildx', () => {
  /** Builds with buildx played: it leaves a layout with an image for each of `made`, and provenance for each of `told`. */
  async function built(platforms: string[], made: string[], told: string[], code = 0) {
    const folder = mkdtempSync(path.join(tmpdir(), 'strata-platforms-'));
    const images = await Promise.all(
      made.map((platform) => {
        const [, architecture, variant] = platform.split('/');
        return imageFixture({ architecture, variant, layers: [{ a: platform }] });
      }),
    );
    let args: readonly string[] = [];
    const leave = (): Told => {
      const index = writePlatforms(path.join(folder, 'layout'), images, 'none');
      const provenance = JSON.parse(fixture('buildx-metadata.json'))['buildx.build.provenance'];
      const metadata = Object.fromEntries(
        told.map((name) => [`buildx.build.provenance/${name}`, provenance]),
      );
      const file = args[args.indexOf('--metadata-file') + 1]!;
      writeFileSync(file, JSON.stringify({ ...metadata, 'containerimage.digest': index }));
      return {};
    };
    const played = stubHost((asked) => {
      args = asked.args;
      return code === 0 ? leave() : { code };
    });
    try {
      const builder = buildxBuilder('/bin/docker', identity, null);
      const request = requestOf(folder, platforms);
      const records = await builder.buildPlatforms!(played, request, {}, new AbortController().signal);
      return { records, args, ids: images.map(({ id }) => id) };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  test('is asked for all at once, and leaves a record for each with its own image', async () => {
    const both = ['linux/amd64', 'linux/arm64'];
    const { records, args, ids } = await built(both, both, both);
    assert.equal(args[args.indexOf('--platform') + 1], 'linux/amd64,linux/arm64');
    assert.deepEqual(
      records.map(({ choice, imageId, provenance }) => [choice.platform, imageId, provenance?.steps.length]),
      [
        ['linux/amd64', ids[0], 13],
        ['linux/arm64', ids[1], 13],
      ],
    );
    assert.equal(new Set(records.map(({ id }) => id)).size, 2);
    assert.equal(new Set(records.map(({ started }) => started)).size, 1);
  });

  test('a platform without provenance or image of its own has none of another’s', async () => {
    const both = ['linux/amd64', 'linux/arm64'];
    const { records } = await built(both, ['linux/amd64'], ['linux/amd64']);
    assert.deepEqual(
      records.map(({ provenance, imageId }) => [provenance !== null, imageId !== null]),
      [
        [true, true],
        [false, false],
      ],
    );
  });

  test('a build that fails is one record', async () => {
    const { records } = await built(['linux/amd64', 'linux/arm64'], [], [], 1);
    assert.deepEqual(
      records.map(({ outcome }) => outcome),
      ['failed'],
    );
  });
});

test('a builder for one platform at a time refuses several before it starts anything', async () => {
  const asked: { args: readonly string[] }[] = [];
  const played = stubHost(() => ({}), { asked: asked as never });
  const builder = dockerBuilder('/bin/docker', { ...identity, kind: 'docker', rules: 'classic' }, null);
  const inputs = { dockerfile: parseDockerfile('FROM base\n'), records: [] };
  const request = requestOf('/nowhere', ['linux/amd64', 'linux/arm64']);
  const build = buildRecords(played, builder, inputs, request, {}, new AbortController().signal);
  await assert.rejects(build, { code: 'unsupported', message: /one platform at a time/ });
  assert.deepEqual(asked, []);
});

describe('records of one build', () => {
  const record = (started: string, platform: string | null, at = 0, more: Partial<BuildRecord> = {}) =>
    sampleRecord({
      id: platformId(`${started.replace(/[-:.]/g, '')}-abcdef`, at),
      started,
      choice: { target: null, platform, buildArgs: {} },
      image: null,
      ...more,
    });
  const image = sampleRecord().image!;
  const measured = (started: string, platform: string, at = 0) =>
    record(started, platform, at, { image: { ...image, platform } });
  const [old, now] = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z'];
  const newest = [measured(now, 'linux/amd64'), measured(now, 'linux/arm64', 1)];
  const before = [measured(old, 'linux/amd64'), measured(old, 'linux/arm64', 1)];
  const all = [...newest, ...before];

  test('have one start and differ in their platform', () => {
    assert.deepEqual(platformsOfBuild(all, newest[1]!), ['linux/amd64', 'linux/arm64']);
    assert.deepEqual(platformsOfBuild([newest[0]!, ...before], newest[0]!), []);
    const imported = { ...newest[1]!, text: 'FROM other\n' };
    assert.deepEqual(platformsOfBuild([newest[0]!, imported], imported), []);
  });

  test('the one that is wanted is shown, else the first', () => {
    assert.equal(shownRecord(all, null), newest[0]);
    assert.equal(shownRecord(all, 'linux/arm64'), newest[1]);
    assert.equal(shownRecord(all, 'linux/s390x'), newest[0]);
    assert.equal(
      shownRecord([record(now, 'linux/amd64'), record(now, 'linux/arm64', 1)], 'linux/arm64'),
      null,
    );
  });

  test('one that is not measured yet is not shown', () => {
    const half = [newest[0]!, record(now, 'linux/arm64', 1), ...before];
    assert.equal(shownRecord(half, 'linux/arm64'), newest[0]);
  });

  test('a build is compared with the one before it of its own platform', () => {
    assert.equal(buildBefore(all, newest[0]!), before[0]);
    assert.equal(buildBefore(all, newest[1]!), before[1]);
    assert.equal(buildBefore([...newest, before[0]!], newest[1]!), null);
    assert.equal(buildBefore(all, before[1]!), null);
    assert.equal(buildBefore([], newest[0]!), null);
  });

  test('what failed or was cancelled is no build before', () => {
    const failed = record('2026-01-01T12:00:00.000Z', 'linux/amd64', 0, { outcome: 'failed' });
    const cancelled = record('2026-01-01T13:00:00.000Z', 'linux/amd64', 0, { outcome: 'cancelled' });
    assert.equal(buildBefore([...newest, cancelled, failed, ...before], newest[0]!), before[0]);
  });

  test('count once among the 20 builds that are kept', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'strata-platforms-'));
    try {
      const store = createRecordStore(host, folder);
      for (let day = 1; day <= 22; day++) {
        const started = new Date(Date.UTC(2026, 0, day)).toISOString();
        await store.add('/work/Dockerfile', measured(started, 'linux/amd64'));
        await store.add('/work/Dockerfile', measured(started, 'linux/arm64', 1));
      }
      const kept = await store.list('/work/Dockerfile');
      assert.equal(kept.length, 40);
      assert.equal(kept.at(-1)?.started, '2026-01-03T00:00:00.000Z');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('are kept in the order of the platforms, the first one in front', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'strata-platforms-'));
    try {
      const store = createRecordStore(host, folder);
      for (const one of [...newest].reverse()) await store.add('/work/Dockerfile', one);
      const kept = await store.list('/work/Dockerfile');
      assert.deepEqual(
        kept.map(({ choice }) => choice.platform),
        ['linux/amd64', 'linux/arm64'],
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
