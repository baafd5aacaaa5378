import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openImage } from '../../../server/src/image/open';
import { sha256 } from '../../../server/src/primitives/digest';
import { StrataError } from '../../../server/src/primitives/errors';
import { type Files, folder, json, ociDescriptor, ociFiles } from '../../support/imageFiles';
import { imageFixture } from '../../support/imageFixture';
import { type MemoryHost, type MemoryHostOptions, memoryHost } from '../../support/memoryHost';

function layout(files: Files, options: MemoryHostOptions = {}): MemoryHost {
  return memoryHost({ files: [...folder(files, '/layout')], ...options });
}

function put(files: Files, value: unknown): { digest: string; size: number } {
  const bytes = json(value);
  const digest = sha256(bytes);
  files.set(`blobs/sha256/${digest.slice(7)}`, bytes);
  return { digest, size: bytes.length };
}

function refusal(code: string, words: RegExp) {
  return (error: unknown) => error instanceof StrataError && error.code === code && words.test(error.message);
}

const platforms = [
  { architecture: 'amd64' },
  { architecture: 'arm64', variant: 'v8' },
  { architecture: 'arm', variant: 'v7' },
];

/** As buildx writes it: an index within the index, a manifest for each platform, an attestation beside each. */
async function multiPlatform(): Promise<Files> {
  const files: Files = new Map();
  const manifests: object[] = [];
  for (const platform of platforms) {
    const fixture = await imageFixture({ layers: [{ [platform.architecture]: 'x' }], ...platform });
    const { annotations: _, ...descriptor } = ociDescriptor(files, fixture, 'gzip') as {
      annotations: unknown;
    };
    manifests.push(descriptor);
    manifests.push({
      ...put(files, { schemaVersion: 2, config: put(files, {}), layers: [] }),
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      platform: { os: 'unknown', architecture: 'unknown' },
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
    });
  }
  const inner = put(files, { schemaVersion: 2, manifests });
  files.set(
    'index.json',
    json({ manifests: [{ ...inner, annotations: { 'org.opencontainers.image.ref.name': 'latest' } }] }),
  );
  return files;
}

test("peers 4: an index of platforms gives the one asked for, else the host's, in the manifest's order, attestations skipped", async () => {
  const files = await multiPlatform();
  const host = layout(files);
  assert.equal((await openImage(host, 'oci:/layout')).platform, 'linux/amd64');
  assert.equal((await openImage(host, 'oci:/layout:latest')).platform, 'linux/amd64');
  assert.equal(
    (await openImage(host, 'oci:/layout', { platform: 'linux/arm64' })).platform,
    'linux/arm64/v8',
  );
  assert.equal(
    (await openImage(host, 'oci:/layout', { platform: 'linux/aarch64/v8' })).platform,
    'linux/arm64/v8',
  );
  assert.equal((await openImage(host, 'oci:/layout', { platform: 'linux/arm/v7' })).platform, 'linux/arm/v7');
  const mac = layout(files, { os: 'darwin', architecture: 'arm64' });
  assert.equal((await openImage(mac, 'oci:/layout')).platform, 'linux/arm64/v8');
  const other = layout(files, { architecture: 's390x' });
  await assert.rejects(
    openImage(other, 'oci:/layout'),
    refusal(
      'not-found',
      /this machine \(linux\/s390x\); it has: linux\/amd64 latest, linux\/arm64\/v8 latest, linux\/arm\/v7 latest/,
    ),
  );
  await assert.rejects(
    openImage(host, 'oci:/layout', { platform: 'linux/ppc64le' }),
    refusal('not-found', /it has: linux\/amd64/),
  );
  await assert.rejects(openImage(host, 'oci:/layout', { platform: 'x' }), refusal('usage', /no platform/));
});

test('the only image is taken whatever its platform', async () => {
  const files = ociFiles([await imageFixture({ layers: [{ a: '1' }], architecture: 'riscv64' })], 'none');
  assert.equal((await openImage(layout(files), 'oci:/layout')).platform, 'linux/riscv64');
});

test('platforms that an index lists but does not hold are passed over', async () => {
  const files = await multiPlatform();
  for (const [name, data] of files) {
    if (
      data instanceof Uint8Array &&
      name !== 'index.json' &&
      Buffer.from(data).includes('"architecture":"arm"')
    ) {
      const inner = JSON.parse(Buffer.from(data).toString()) as {
        manifests?: { digest: string; platform: { architecture: string } }[];
      };
      for (const { digest, platform } of inner.manifests ?? []) {
        if (platform.architecture !== 'arm64') files.delete(`blobs/sha256/${digest.slice(7)}`);
      }
    }
  }
  const image = await openImage(layout(files), 'oci:/layout');
  assert.equal(image.platform, 'linux/arm64/v8');
  assert.match(image.problems.join(' '), /lists sha256:.* but does not hold it/);
});

test('several images of one layout are told apart by name, position and digest', async () => {
  const fixtures = await Promise.all([
    imageFixture({ layers: [{ a: '1' }], name: 'one:1' }),
    imageFixture({ layers: [{ b: '2' }], name: 'two:1' }),
  ]);
  const files = ociFiles(fixtures, 'none');
  const host = layout(files);
  assert.equal((await openImage(host, 'oci:/layout:two:1')).id, fixtures[1]!.id);
  assert.equal((await openImage(host, 'oci:/layout@1')).id, fixtures[1]!.id);
  const index = JSON.parse(Buffer.from(files.get('index.json') as Uint8Array).toString()) as {
    manifests: { digest: string }[];
  };
  assert.equal((await openImage(host, `oci:/layout@${index.manifests[0]!.digest}`)).id, fixtures[0]!.id);
  await assert.rejects(openImage(host, 'oci:/layout'), refusal('usage', /several images/));
  await assert.rejects(
    openImage(host, 'oci:/layout:three:1'),
    refusal('not-found', /one:1 \(@0\).*two:1 \(@1\)/),
  );
});

test('artifacts, schema 1 and malformed entries are no images', async () => {
  const files: Files = new Map();
  const artifact = put(files, {
    config: { ...put(files, {}), mediaType: 'application/vnd.cncf.helm.config.v1+json' },
    layers: [],
  });
  const schema1 = put(files, { schemaVersion: 1, fsLayers: [] });
  files.set(
    'index.json',
    json({
      manifests: [
        artifact,
        schema1,
        null,
        { digest: '../../etc/passwd' },
        { digest: `sha512:${'a'.repeat(128)}` },
      ],
    }),
  );
  await assert.rejects(
    openImage(layout(files), 'oci:/layout'),
    refusal('not-found', /holds no image.*schema 1/),
  );
  assert.ok(!layout(files).calls.some((call) => call.includes('passwd')));
});

test('broken layouts are refused with words', async () => {
  const cases: [Record<string, unknown>, string, RegExp][] = [
    [{ 'oci-layout': {} }, 'unreadable', /no index.json/],
    [{ 'index.json': [] }, 'unreadable', /no JSON object/],
    [{ 'index.json': {} }, 'not-found', /holds no image/],
    [{ 'index.json': { manifests: [] } }, 'not-found', /holds no image/],
    [{ 'index.json': { manifests: 'x' } }, 'not-found', /holds no image/],
  ];
  for (const [entries, code, words] of cases) {
    const files: Files = new Map(Object.entries(entries).map(([name, value]) => [name, json(value)]));
    await assert.rejects(openImage(layout(files), 'oci:/layout'), refusal(code, words), String(words));
  }
});

test('a manifest or config with other bytes than its digest says is refused', async () => {
  for (const what of ['manifest', 'config']) {
    const fixture = await imageFixture({ layers: [{ a: '1' }] });
    const files = ociFiles([fixture], 'none');
    for (const [name, data] of files) {
      const isConfig = name.endsWith(fixture.id.slice(7));
      const isManifest =
        data instanceof Uint8Array && name.startsWith('blobs') && Buffer.from(data).includes('"layers":[{');
      if (what === 'config' ? isConfig : isManifest)
        files.set(name, Buffer.concat([data as Uint8Array, Buffer.from(' ')]));
    }
    await assert.rejects(
      openImage(layout(files), 'oci:/layout'),
      refusal('unreadable', /other bytes than its digest/),
      what,
    );
  }
});

test('an index that holds itself, or thousands of manifests, is taken for an attack', async () => {
  const files: Files = new Map();
  let inner = put(files, { manifests: [] });
  for (let i = 0; i < 20; i++) inner = put(files, { manifests: [inner] });
  files.set('index.json', json({ manifests: [inner] }));
  await assert.rejects(openImage(layout(files), 'oci:/layout'), refusal('hostile', /more manifests/));
  const many: Files = new Map();
  const empty = put(many, { manifests: [] });
  many.set('index.json', json({ manifests: Array.from({ length: 5000 }, () => empty) }));
  await assert.rejects(openImage(layout(many), 'oci:/layout'), refusal('hostile', /more manifests/));
});

test('media types lie: a gzip blob called plain, and the reverse, are told by their bytes', async () => {
  const fixture = await imageFixture({ layers: [{ a: '1' }] });
  const files: Files = new Map();
  const descriptor = ociDescriptor(files, fixture, 'gzip') as { digest: string };
  const path = `blobs/sha256/${descriptor.digest.slice(7)}`;
  const manifest = JSON.parse(Buffer.from(files.get(path) as Uint8Array).toString()) as {
    layers: { mediaType: string }[];
  };
  manifest.layers[0]!.mediaType = 'application/vnd.oci.image.layer.v1.tar';
  files.set('index.json', json({ manifests: [put(files, manifest)] }));
  const image = await openImage(layout(files), 'oci:/layout');
  assert.ok(image.layers[0]!.compressedBytes! > 0);
});
