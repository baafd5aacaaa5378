// Metadata files of buildx and bake: what they tell, what they leave out, and which of several is meant.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { importMetadata, type MetadataOptions } from '../../../server/src/build/importMetadata';
import { readFixture } from '../../support/fixtures';

function imported(name: string, options: Partial<MetadataOptions> = {}) {
  return importMetadata(readFixture(name), 'meta.json', { hostPlatform: 'linux/amd64', ...options });
}

test('a build: provenance, text, image, times', () => {
  const part = imported('builds/buildx-metadata.json');
  assert.equal(part.provenance?.dockerfile, readFixture('builds/context/Dockerfile'));
  assert.equal(part.image.ids.length, 1);
  assert.equal(part.steps, null);
  assert.equal(part.outcome, 'built');
  assert.ok(part.started && part.durationMs! > 0);
  assert.deepEqual(part.notes, []);
});

describe('bake', () => {
  test('nests by target: the target is asked for where there are several', () => {
    assert.throws(() => imported('imports/bake-metadata.json'), /several targets: a, b/);
    assert.throws(() => imported('imports/bake-metadata.json', { bakeTarget: 'x' }), /no target x/);
    const part = imported('imports/bake-metadata.json', { bakeTarget: 'a' });
    assert.deepEqual(part.request?.choice, { target: 'build', platform: null, buildArgs: {} });
  });

  test('platforms have a key each: the one asked for, else this machine’s, and the others are named', () => {
    const own = imported('imports/bake-metadata.json', { bakeTarget: 'b' });
    assert.deepEqual(own.request?.choice, {
      target: null,
      platform: 'linux/amd64',
      buildArgs: { WHO: 'bake' },
    });
    assert.match(own.notes.join(), /built for linux\/amd64, linux\/arm64; this is linux\/amd64/);
    const arm = imported('imports/bake-metadata.json', { bakeTarget: 'b', platform: 'linux/arm64' });
    assert.equal(arm.request?.choice.platform, 'linux/arm64');
    assert.notDeepEqual(
      arm.provenance?.steps.map(({ digest }) => digest),
      own.provenance?.steps.map(({ digest }) => digest),
    );
    const none = () => imported('imports/bake-metadata.json', { bakeTarget: 'b', platform: 'linux/s390x' });
    assert.throws(none, /no build for linux\/s390x, only for linux\/amd64, linux\/arm64/);
  });
});

describe('what is missing is said', () => {
  test('the smallest provenance', () => {
    const part = imported('imports/metadata-min.json');
    assert.equal(part.provenance, null);
    assert.match(part.notes.join(), /without steps and layers: build with BUILDX_METADATA_PROVENANCE=max/);
    assert.equal(part.image.ids.length, 1);
  });

  test('none at all, from an Engine without build history: its digest is the image’s id', () => {
    const part = imported('builds/engine-buildx-metadata.json');
    assert.match(part.notes.join(), /has no provenance: build with BUILDX_METADATA_PROVENANCE=max/);
    assert.equal(part.image.ids.length, 1);
    assert.deepEqual(part.image.manifests, []);
  });
});

test('what is no metadata file is refused', () => {
  for (const json of ['', '[]', '{}', '{"a":{"b":1}}', 'null', '"x"', '{"a":[1]}']) {
    assert.throws(
      () => importMetadata(json, 'x', { hostPlatform: 'linux/amd64' }),
      /no metadata file|no JSON/,
    );
  }
});

describe('a platform is meant, not a text', () => {
  const key = 'buildx.build.provenance';
  const told = (platforms: string[], options: Partial<MetadataOptions>) => {
    const json = JSON.stringify(Object.fromEntries(platforms.map((one) => [`${key}/${one}`, {}])));
    const part = importMetadata(json, 'meta.json', { hostPlatform: 'linux/arm64', ...options });
    return part.request?.choice.platform;
  };
  const both = ['linux/amd64', 'linux/arm64/v8', 'linux/arm/v7', 'linux/arm/v6'];

  for (const [wanted, found] of [
    ['linux/arm64', 'linux/arm64/v8'],
    ['linux/aarch64', 'linux/arm64/v8'],
    ['linux/arm64/v8', 'linux/arm64/v8'],
    ['linux/x86_64', 'linux/amd64'],
    ['linux/arm/v6', 'linux/arm/v6'],
    ['linux/arm', 'linux/arm/v7'],
  ] as const)
    test(`${wanted} is ${found}`, () => assert.equal(told(both, { platform: wanted }), found));

  test('this machine’s is found by another name, and keys that are none do not matter', () => {
    assert.equal(told(both, {}), 'linux/arm64/v8');
    assert.equal(told(['x', '', 'a/b/c/d', 'linux/arm64/v8'], {}), 'linux/arm64/v8');
    assert.equal(told(['x', 'y'], {}), 'x');
  });

  test('an architecture whose name begins alike is another', () => {
    assert.throws(() => told(['linux/arm64'], { platform: 'linux/arm' }), /no build for linux\/arm,/);
    assert.throws(() => told(['linux/arm64'], { platform: 'arm' }), /no platform/);
  });
});
