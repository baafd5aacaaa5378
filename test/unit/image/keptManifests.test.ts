import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openImage } from '../../../server/src/image/open';
import { sha256 } from '../../../server/src/primitives/digest';
import { StrataError } from '../../../server/src/primitives/errors';
import { type MemoryHost, memoryHost, type PlayedAnswer } from '../../support/memoryHost';
import { type PlayedRegistry, playedRegistry } from '../../support/playedRegistry';

const image = { layers: [{ a: '1' }, { b: '2' }] };
const reference = 'docker://registry.example/app:1';

/** Opens and closes an image; tells what was asked for it, without the digests. */
async function opens(
  host: MemoryHost,
  name = reference,
  options: { platform?: string } = {},
): Promise<string[]> {
  host.requests.length = 0;
  const opened = await openImage(host, name, { configs: '/configs', ...options });
  await opened.close();
  assert.equal(host.openAnswers, 0);
  return host.requests.map((one) =>
    one.replace('https://registry.example/v2/app/', '').replace(/sha256:[0-9a-f]{64}/, 'DIGEST'),
  );
}

/** The same disk and another registry. */
async function moved(from: PlayedRegistry, to: PlayedRegistry): Promise<MemoryHost> {
  const host = to.host;
  for (const [path, bytes] of from.host.disk) host.disk.set(path, bytes);
  return host;
}

const whole = ['GET manifests/1', 'GET blobs/DIGEST'];
const asked = ['HEAD manifests/1'];

describe('an image of a registry that was opened before', () => {
  test('is opened again by one HEAD and without a byte of a manifest', async () => {
    const { host, fixtures } = await playedRegistry(image);
    assert.deepEqual(await opens(host), whole);
    host.bytesRead = 0;
    const again = await openImage(host, reference, { configs: '/configs' });
    assert.deepEqual(host.requests.slice(whole.length), ['HEAD https://registry.example/v2/app/manifests/1']);
    assert.equal(again.id, fixtures[0]!.id);
    assert.deepEqual(
      again.layers.map(({ diffId, compressedBytes }) => [diffId, compressedBytes !== null]),
      fixtures[0]!.diffIds.map((diffId) => [diffId, true]),
    );
    assert.ok(host.requests.every((one) => !one.startsWith('GET') || host.requests.indexOf(one) < 2));
  });

  test('by its digest is opened without asking', async () => {
    const { host, files } = await playedRegistry(image);
    const index = JSON.parse(Buffer.from(files.get('index.json') as Uint8Array).toString());
    const name = `docker://registry.example/app@${index.manifests[0].digest}`;
    assert.deepEqual(await opens(host, name), ['GET manifests/DIGEST', 'GET blobs/DIGEST']);
    assert.deepEqual(await opens(host, name), []);
  });

  test('of several platforms is kept for each', async () => {
    const { host } = await playedRegistry([
      { ...image, name: 'one:1' },
      { ...image, name: 'two:1', architecture: 'arm64' },
    ]);
    const first = ['GET manifests/1', 'GET manifests/DIGEST', 'GET blobs/DIGEST'];
    assert.deepEqual(await opens(host, reference, { platform: 'linux/arm64' }), first);
    assert.deepEqual(await opens(host, reference), first);
    assert.deepEqual(await opens(host, reference, { platform: 'linux/arm64' }), asked);
    assert.deepEqual(await opens(host, reference), asked);
  });

  test('and is another by now is read anew', async () => {
    const before = await playedRegistry(image);
    await opens(before.host);
    const after = await playedRegistry({ layers: [{ c: '3' }] });
    const host = await moved(before, after);
    assert.deepEqual(await opens(host), [...asked, ...whole]);
    assert.deepEqual(await opens(host), asked);
    const opened = await openImage(host, reference, { configs: '/configs' });
    assert.equal(opened.id, after.fixtures[0]!.id);
  });

  for (const [what, answer] of Object.entries({
    'refuses to answer HEAD': { status: 405 },
    'tells no digest': {},
    'tells another digest': { headers: { 'docker-content-digest': sha256('x') } },
  } as Record<string, PlayedAnswer>)) {
    test(`has its manifest read again where the registry ${what}`, async () => {
      const before = (_: URL, { method }: { method?: string }) => (method === 'HEAD' ? answer : null);
      const { host } = await playedRegistry(image, { before });
      await opens(host);
      // The config is the one that the manifest names, and known.
      assert.deepEqual(await opens(host), [...asked, 'GET manifests/1']);
    });
  }

  test('is read in full when what is kept was altered', async () => {
    const { host } = await playedRegistry(image);
    await opens(host);
    const [path] = [...host.disk.keys()].filter((one) => one.startsWith('/configs/'));
    const kept = Buffer.from(host.disk.get(path!)!).toString();
    for (const [bad, expected] of [
      [kept.replace('RUN layer 0', 'RUN another'), [...asked, 'GET blobs/DIGEST']],
      [kept.replace('mediaType', 'mediatype'), whole],
      [kept.slice(0, 50), whole],
      ['[]', whole],
    ] as const) {
      host.disk.set(path!, Buffer.from(bad));
      assert.deepEqual(await opens(host), expected, bad.slice(0, 60));
      assert.equal(Buffer.from(host.disk.get(path!)!).toString(), kept);
    }
  });

  test('signs in for HEAD, too', async () => {
    const before = (_: URL, { headers }: { headers?: Readonly<Record<string, string>> }) =>
      headers?.authorization ? null : { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } };
    const config = { auths: { 'registry.example': { auth: Buffer.from('u:p').toString('base64') } } };
    const { host } = await playedRegistry(image, {
      before,
      files: { '/home/me/.docker/config.json': JSON.stringify(config) },
      environment: { HOME: '/home/me' },
    });
    await opens(host);
    assert.deepEqual(await opens(host), ['HEAD manifests/1', 'HEAD manifests/1']);
  });

  test('is opened, too, where nothing can be kept', async () => {
    const refuse = (operation: string) =>
      operation === 'writeWhole' ? new StrataError('unreadable', 'The disk is read-only.') : null;
    const { host } = await playedRegistry(image, { refuse });
    assert.deepEqual(await opens(host), whole);
    assert.deepEqual(await opens(host), whole);
  });

  test('that cannot be reached is refused, kept or not', async () => {
    const { host } = await playedRegistry(image);
    await opens(host);
    const offline = memoryHost({ files: [...host.disk] });
    await assert.rejects(opens(offline), { code: 'unreadable' });
  });
});
