import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStoredImage } from '../../../server/src/image/contentStore';
import type { Image } from '../../../server/src/image/model';
import { openImage } from '../../../server/src/image/open';
import { type Digest, sha256 } from '../../../server/src/primitives/digest';
import { StrataError } from '../../../server/src/primitives/errors';
import { json, ociDescriptor, ociFiles } from '../../support/imageFiles';
import { imageFixture } from '../../support/imageFixture';
import { type MemoryHost, type MemoryHostOptions, memoryHost } from '../../support/memoryHost';

const system = '/var/lib/containerd/io.containerd.content.v1.content';
const own = '/data/containerd/daemon/io.containerd.content.v1.content';
const withoutRoot = '/home/me/.local/share/docker/containerd/daemon/io.containerd.content.v1.content';
const two = [
  { layers: [{ a: '1' }], architecture: 'amd64' },
  { layers: [{ b: '22' }, { c: '333' }], architecture: 'arm64' },
];

/** The blobs of an image for two platforms, and its index's digest. */
async function stored(leaveOut: (name: string) => boolean = () => false) {
  const fixtures = await Promise.all(two.map(imageFixture));
  const files = ociFiles(fixtures, 'gzip');
  const manifests = fixtures.map((fixture) => ({
    ...ociDescriptor(files, fixture, 'gzip'),
    platform: { os: fixture.os, architecture: fixture.architecture },
    annotations: undefined,
  }));
  const attestation = {
    digest: `sha256:${'0'.repeat(64)}`,
    platform: { os: 'unknown', architecture: 'unknown' },
    annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
  };
  const index = json({ schemaVersion: 2, manifests: [...manifests, attestation] });
  const id = sha256(index);
  const blobs = new Map<string, Uint8Array>([[`blobs/sha256/${id.slice(7)}`, index]]);
  for (const [name, data] of files)
    if (name.startsWith('blobs/') && data instanceof Uint8Array && !leaveOut(name)) blobs.set(name, data);
  return { id, fixtures, manifests: manifests as unknown as { digest: Digest }[], blobs };
}

function hostWith(blobs: ReadonlyMap<string, Uint8Array>, root: string, options: MemoryHostOptions = {}) {
  const files = [...blobs].map(([name, data]): [string, Uint8Array] => [`${root}/${name}`, data]);
  return memoryHost({ files, environment: { HOME: '/home/me' }, ...options });
}

interface Opened {
  image: Image | null;
  /** How often the engine was asked where its data are. */
  asked: number;
}

async function open(
  host: MemoryHost,
  id: Digest,
  platform?: string,
  data: string | null = '/data',
): Promise<Opened> {
  let asked = 0;
  const dataFolder = async () => {
    asked++;
    return data;
  };
  const image = await openStoredImage(
    host,
    { id, dataFolder },
    { reference: 'docker-daemon:app:1', platform },
  );
  return { image, asked };
}

for (const root of [system, withoutRoot, own]) {
  test(`an image is opened from ${root}, with the sizes and digests of its blobs`, async () => {
    const { id, fixtures, blobs } = await stored();
    const host = hostWith(blobs, root);
    const { image, asked } = await open(host, id);
    assert.equal(image?.id, fixtures[0]!.id);
    assert.equal(image.reference, 'docker-daemon:app:1');
    const [layer] = image.layers;
    assert.equal(layer!.diffId, fixtures[0]!.diffIds[0]);
    assert.equal(layer!.blob?.region?.path, `${root}/blobs/sha256/${layer!.blobDigest!.slice(7)}`);
    assert.equal(layer!.compressedBytes, layer!.blob?.region?.length);
    assert.deepEqual(image.problems, []);
    // The usual places need no question.
    assert.equal(asked, root === own ? 1 : 0);
    await image.close();
    assert.deepEqual([host.openFiles, host.runs.length], [0, 0]);
  });
}

test('another platform is opened where it was pulled', async () => {
  const { id, fixtures, blobs } = await stored();
  const { image } = await open(hostWith(blobs, own), id, 'linux/arm64');
  assert.deepEqual([image?.id, image?.layers.length], [fixtures[1]!.id, 2]);
});

test('a platform that was not pulled is no problem of the others, and is said not to be there', async () => {
  const whole = await stored();
  const arm = whole.manifests[1]!.digest.slice(7);
  const { id, blobs } = await stored((name) => name.endsWith(arm));
  const { image } = await open(hostWith(blobs, own), id);
  assert.deepEqual(image?.problems, []);
  await assert.rejects(open(hostWith(blobs, own), id, 'linux/arm64'), {
    code: 'not-found',
    message: 'docker-daemon:app:1 has no image for linux/arm64; it has: linux/amd64.',
  });
});

test('an image of one manifest has that as its id', async () => {
  const { fixtures, manifests, blobs } = await stored();
  const { image } = await open(hostWith(blobs, own), manifests[0]!.digest);
  assert.equal(image?.id, fixtures[0]!.id);
});

test('the engine has to be asked for an image that the store does not hold whole, or not as its digest says', async () => {
  const { id, fixtures, blobs } = await stored();
  const { image } = await open(hostWith(blobs, own), id);
  const layer = `blobs/sha256/${image!.layers[0]!.blobDigest!.slice(7)}`;
  const config = `blobs/sha256/${fixtures[0]!.id.slice(7)}`;
  for (const gone of [layer, config]) {
    const rest = new Map([...blobs].filter(([name]) => name !== gone));
    assert.equal((await open(hostWith(rest, own), id)).image, null, gone);
  }
  const changed = new Map(blobs).set(config, json({ other: true }));
  assert.equal((await open(hostWith(changed, own), id)).image, null);
  const index = new Map(blobs).set(`blobs/sha256/${id.slice(7)}`, json({ manifests: [] }));
  assert.equal((await open(hostWith(index, own), id)).image, null);
});

test('nothing is opened where the folder is closed, elsewhere or not told', async () => {
  const { id, blobs } = await stored();
  const refuse = (_: unknown, path: string) =>
    path.includes('containerd') ? new StrataError('unreadable', 'Permission denied.') : null;
  assert.deepEqual(await open(hostWith(blobs, system, { refuse }), id), { image: null, asked: 0 });
  assert.equal((await open(hostWith(blobs, own), id, undefined, '/elsewhere')).image, null);
  for (const data of [null, 'C:\\data', ''])
    assert.equal((await open(hostWith(blobs, own), id, undefined, data)).image, null);
  // In a machine of its own the engine's folders are not ours, whatever they are called.
  const mac = await open(hostWith(blobs, system, { os: 'darwin' }), id);
  assert.deepEqual(mac, { image: null, asked: 0 });
});

test('an image of the engine is read from the store, and saved where that cannot be', async () => {
  const { id, fixtures, blobs } = await stored();
  const inspect = [{ Id: id, Descriptor: { digest: id }, RootFS: { Layers: fixtures[0]!.diffIds } }];
  const info = { Driver: 'overlayfs', DockerRootDir: '/data' };
  const run = (_: string, [command]: readonly string[]) => {
    if (command === 'save') return { code: 1, stderr: 'no space left on device' };
    return { stdout: JSON.stringify(command === 'info' ? info : inspect) };
  };
  const commands = (host: MemoryHost) => host.runs.map(([, command]) => command);
  const host = hostWith(blobs, own, { run });
  assert.equal((await openImage(host, 'docker-daemon:app:1')).id, fixtures[0]!.id);
  assert.deepEqual(commands(host), ['image', 'info']);
  const other = hostWith(blobs, '/elsewhere', { run });
  await assert.rejects(openImage(other, 'docker-daemon:app:1'), { code: 'no-space' });
  assert.deepEqual(commands(other), ['image', 'info', 'save']);
});
