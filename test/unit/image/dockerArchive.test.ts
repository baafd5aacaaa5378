import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openImage } from '../../../server/src/image/open';
import { StrataError } from '../../../server/src/primitives/errors';
import { packTar } from '../../../server/src/primitives/tar';
import { archive, type Files, json, ociFiles } from '../../support/imageFiles';
import { imageFixture, imageHost } from '../../support/imageFixture';
import { memoryHost } from '../../support/memoryHost';
import { rawHeader, rawTar } from '../../support/rawTar';

const one = { layers: [{ a: '1' }], name: 'one:1' };
const two = { layers: [{ b: '2' }], name: 'two:1', architecture: 'arm64' };

async function withFiles(files: Record<string, unknown>): Promise<ReturnType<typeof memoryHost>> {
  const members: Files = new Map();
  for (const [name, value] of Object.entries(files)) {
    members.set(
      name,
      value instanceof Uint8Array ? value : typeof value === 'string' ? Buffer.from(value) : json(value),
    );
  }
  const written = await archive(members);
  return memoryHost({ files: { '/a.tar': written.get('image.tar')! } });
}

function refusal(code: string, words: RegExp) {
  return (error: unknown) =>
    error instanceof StrataError && error.code === code && words.test(`${error.message} ${error.hint}`);
}

test('peers 5: of two images in one archive the one that is named is read, and without a name both are listed', async () => {
  const { host, reference } = await imageHost([one, two], 'docker-archive-legacy');
  assert.equal((await openImage(host, `${reference}:two:1`)).platform, 'linux/arm64');
  assert.equal((await openImage(host, `${reference}@0`)).platform, 'linux/amd64');
  assert.equal((await openImage(host, `${reference}@1`)).platform, 'linux/arm64');
  assert.equal((await openImage(host, reference, { platform: 'linux/arm64' })).platform, 'linux/arm64');
  await assert.rejects(openImage(host, reference), refusal('usage', /one:1 \(@0\), two:1 \(@1\).*colon/));
  await assert.rejects(openImage(host, `${reference}@2`), refusal('not-found', /it has: one:1/));
  await assert.rejects(openImage(host, `${reference}:three`), refusal('not-found', /no such image/));
  await assert.rejects(
    openImage(host, reference, { platform: 'linux/s390x' }),
    refusal('not-found', /linux\/amd64 one:1/),
  );
});

test('peers 5: empty, malformed and cut manifests are refused with words', async () => {
  const cases: [Record<string, unknown>, string, RegExp][] = [
    [{ 'manifest.json': [] }, 'not-found', /empty/],
    [{ 'manifest.json': {} }, 'unreadable', /not a list/],
    [{ 'manifest.json': '[{"Config":' }, 'unreadable', /not a list/],
    [{ 'manifest.json': [{}] }, 'unreadable', /no config or layers/],
    [{ 'manifest.json': [{ Config: 'c.json', Layers: [7] }] }, 'unreadable', /no config or layers/],
    [{ 'manifest.json': [null] }, 'unreadable', /no config or layers/],
    [
      { 'manifest.json': [{ Config: 'c.json', Layers: [] }] },
      'unreadable',
      /does not hold its config c.json/,
    ],
    [
      { 'manifest.json': [{ Config: 'c.json', Layers: [] }], 'c.json': 'no json' },
      'unreadable',
      /no JSON object/,
    ],
    [
      { 'manifest.json': [{ Config: 'c.json', Layers: ['l'] }], 'c.json': {} },
      'unreadable',
      /names no layers/,
    ],
    [{ readme: 'x' }, 'unreadable', /no manifest.json/],
  ];
  for (const [files, code, words] of cases) {
    await assert.rejects(
      openImage(await withFiles(files), 'docker-archive:/a.tar'),
      refusal(code, words),
      String(words),
    );
  }
});

test('peers 8: an archive as kaniko and others write it, with names of their own', async () => {
  const { tars, configBytes } = await imageFixture(one);
  const host = await withFiles({
    'sha256:abc': configBytes,
    '0f3a.tar.gz': tars[0],
    'manifest.json': [{ Config: 'sha256:abc', RepoTags: ['one:1'], Layers: ['0f3a.tar.gz'] }],
  });
  const image = await openImage(host, 'docker-archive:/a.tar');
  assert.equal(image.layers[0]?.blob?.region?.length, tars[0]!.length);
});

test('a config with other bytes than its name says is refused', async () => {
  const config = `${'0'.repeat(64)}.json`;
  const host = await withFiles({ [config]: {}, 'manifest.json': [{ Config: config, Layers: [] }] });
  await assert.rejects(
    openImage(host, 'docker-archive:/a.tar'),
    refusal('unreadable', /other bytes than its digest/),
  );
});

test('a layer whose bytes are missing leaves the others usable, and is named', async () => {
  const { tars, configBytes } = await imageFixture({ layers: [{ a: '1' }, { b: '2' }] });
  const host = await withFiles({
    config: configBytes,
    one: tars[0],
    'manifest.json': [{ Config: 'config', Layers: ['one', 'two'] }],
  });
  const image = await openImage(host, 'docker-archive:/a.tar');
  assert.ok(image.layers[0]?.blob);
  assert.equal(image.layers[1]?.blob, null);
  assert.match(image.problems[0]!, /Layer 1 \(sha256:.*missing/);
});

test('links that go in circles or out of the archive lead nowhere', async () => {
  const { configBytes } = await imageFixture({ layers: [{ a: '1' }, { b: '2' }, { c: '3' }] });
  const files: Files = new Map<string, Uint8Array | { link: string }>([
    ['config', configBytes],
    ['x/layer.tar', { link: '../y/layer.tar' }],
    ['y/layer.tar', { link: '../x/layer.tar' }],
    ['z/layer.tar', { link: '../../../../etc/passwd' }],
    ['w/layer.tar', { link: '/etc/passwd' }],
    ['manifest.json', json([{ Config: 'config', Layers: ['x/layer.tar', 'z/layer.tar', 'w/layer.tar'] }])],
  ]);
  const host = memoryHost({
    files: { '/a.tar': (await archive(files)).get('image.tar')!, '/etc/passwd': 'root' },
  });
  const image = await openImage(host, 'docker-archive:/a.tar');
  assert.deepEqual(
    image.layers.map(({ blob }) => blob),
    [null, null, null],
  );
  assert.ok(!host.calls.some((call) => call.includes('passwd')));
});

test('an archive without manifest.json but with an index is read as what it is', async () => {
  const host = memoryHost({
    files: { '/a.tar': (await archive(ociFiles([await imageFixture(one)], 'gzip'))).get('image.tar')! },
  });
  assert.equal((await openImage(host, 'docker-archive:/a.tar')).layers.length, 1);
});

test('what is no tar is refused; a compression that is not read is named', async () => {
  const files = {
    '/text': 'this is no tar',
    '/xz.tar': Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 0]),
    '/empty.tar': '',
    '/noise.tar': Buffer.alloc(2000, 0xfe),
    '/text.gz': gzipSync('this is no tar'),
    '/noise.gz': gzipSync(Buffer.alloc(2000, 0xfe)),
    '/huge.tar': rawTar(rawHeader({ name: 'manifest.json', size: 2 ** 33 })),
  };
  const host = memoryHost({ files });
  await assert.rejects(
    openImage(host, 'docker-archive:/text'),
    refusal('unreadable', /\/text is a text, so it is no archive/),
  );
  await assert.rejects(openImage(host, 'docker-archive:/xz.tar'), refusal('unsupported', /xz/));
  await assert.rejects(
    openImage(host, 'docker-archive:/empty.tar'),
    refusal('unreadable', /is empty, so it is no archive/),
  );
  const other = /does not begin as a tar does/;
  await assert.rejects(openImage(host, 'docker-archive:/noise.tar'), refusal('unreadable', other));
  for (const name of ['text', 'noise'])
    await assert.rejects(
      openImage(host, `docker-archive:/${name}.gz`),
      refusal('unreadable', /is compressed, and what is in it is no tar/),
    );
  await assert.rejects(openImage(host, 'docker-archive:/huge.tar'), refusal('unreadable', /cut/));
});

test('a manifest that is too large to be one is refused unread', async () => {
  const tar = await packTar([{ name: 'manifest.json', content: Buffer.alloc(17 * 2 ** 20, 0x20) }]);
  const host = memoryHost({ files: { '/a.tar': tar } });
  await assert.rejects(
    openImage(host, 'docker-archive:/a.tar'),
    refusal('hostile', /too many for a manifest/),
  );
  assert.ok(host.bytesRead < 100_000);
});
