// A real registry, filled by skopeo: what is opened is what was written, and no layer is read for it.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createNodeHost } from '../../server/src/host/nodeHost';
import { openImage } from '../../server/src/image/open';
import { measureImage } from '../../server/src/layers/measureImage';
import { sha256 } from '../../server/src/primitives/digest';
import { StrataError } from '../../server/src/primitives/errors';
import type { Host } from '../../server/src/primitives/host';
import { skipReason } from '../support/daemons';
import { folder, ociFiles } from '../support/imageFiles';
import { imageFixture, type LayerCompression } from '../support/imageFixture';
import { registryMissing, startRegistry, type TestRegistry } from '../support/registry';
import { writeFiles } from '../support/writeFiles';

const missing = registryMissing();
const options = { skip: skipReason(missing) };

/** A host that notes what it asks for. */
function countingHost(environment: Record<string, string> = {}): { host: Host; asked: string[] } {
  const host = createNodeHost({ PATH: process.env.PATH, ...environment });
  const asked: string[] = [];
  return {
    asked,
    host: {
      ...host,
      network: {
        request(url, request) {
          const method = request?.method === 'HEAD' ? 'HEAD ' : '';
          asked.push(method + new URL(url).pathname.replace(/sha256:[0-9a-f]+/, 'DIGEST'));
          return host.network.request(url, request);
        },
      },
    },
  };
}

describe('a registry', options, () => {
  let work: string;
  let open: TestRegistry;
  let closed: TestRegistry;
  let count = 0;

  before(async () => {
    work = fs.mkdtempSync(path.join(os.tmpdir(), 'strata-to-push-'));
    [open, closed] = await Promise.all([startRegistry(), startRegistry(true)]);
  });
  after(async () => {
    await Promise.all([open?.stop(), closed?.stop()]);
    fs.rmSync(work, { recursive: true, force: true });
  });

  async function fill(
    registry: TestRegistry,
    repository: string,
    architectures: string[],
    compression: LayerCompression,
  ) {
    const fixtures = await Promise.all(
      architectures.map((architecture) =>
        imageFixture({
          architecture,
          layers: [{ 'etc/a': architecture }, { 'etc/b': 'bb', 'etc/.wh.a': '' }],
        }),
      ),
    );
    const files = ociFiles(fixtures, compression);
    if (architectures.length > 1) {
      // One name for the index of all platforms.
      const index = files.get('index.json') as Uint8Array;
      files.set(`blobs/sha256/${sha256(index).slice(7)}`, index);
      const mediaType = 'application/vnd.oci.image.index.v1+json';
      const entry = { mediaType, digest: sha256(index), size: index.length };
      files.set('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [entry] })));
    }
    const name = `layout${++count}`;
    writeFiles(work, folder(files, name));
    registry.fill(path.join(work, name), repository);
    return fixtures;
  }

  for (const compression of ['gzip', 'zstd', 'none'] as const) {
    test(`an image of ${compression} layers is opened by two requests and measured`, async () => {
      const [fixture] = await fill(open, `team/app:${compression}`, ['amd64'], compression);
      const { host, asked } = countingHost();
      const image = await openImage(host, `docker://${open.host}/team/app:${compression}`);
      assert.deepEqual(asked, [`/v2/team/app/manifests/${compression}`, '/v2/team/app/blobs/DIGEST']);
      assert.equal(image.id, fixture!.id);
      assert.equal(image.remote, true);
      assert.deepEqual(
        image.layers.map(({ compressedBytes }) => compressedBytes !== null),
        [true, true],
      );
      const { measured } = await measureImage(host, image);
      assert.deepEqual(measured.problems, []);
      assert.deepEqual(
        measured.layers.map(({ unpackedBytes, removed }) => [unpackedBytes, removed]),
        [
          [5, 0],
          [2, 1],
        ],
      );
      const head = await image.layers[0]!.blob!.range!(1, 3);
      const whole: Uint8Array[] = [];
      for await (const chunk of image.layers[0]!.blob!.open()) whole.push(chunk);
      assert.deepEqual([...head], [...Buffer.concat(whole).subarray(1, 4)]);
    });
  }

  test('an image that is kept is opened again by one HEAD, and read anew when its tag moved', async () => {
    const configs = path.join(work, 'configs');
    const opens = async (reference: string, platform?: string): Promise<{ id: string; asked: string[] }> => {
      const { host, asked } = countingHost();
      const image = await openImage(host, reference, { configs, ...(platform && { platform }) });
      await image.close();
      return { id: image.id, asked };
    };
    const fixtures = await fill(open, 'kept:1', ['amd64', 'arm64'], 'gzip');
    const reference = `docker://${open.host}/kept:1`;
    for (const [i, platform] of ['linux/amd64', 'linux/arm64'].entries()) {
      const first = await opens(reference, platform);
      assert.equal(first.asked.length, 3);
      const again = await opens(reference, platform);
      assert.deepEqual(again.asked, ['HEAD /v2/kept/manifests/1']);
      assert.deepEqual([first.id, again.id], [fixtures[i]!.id, fixtures[i]!.id]);
    }
    const [moved] = await fill(open, 'kept:1', ['s390x'], 'gzip');
    const { id, asked } = await opens(reference);
    assert.equal(id, moved!.id);
    assert.deepEqual(asked, ['/v2/kept/manifests/1', '/v2/kept/blobs/DIGEST']);
    assert.deepEqual((await opens(reference)).asked, ['HEAD /v2/kept/manifests/1']);
  });

  test('of several platforms only the one that is meant is asked for', async () => {
    const fixtures = await fill(open, 'many:1', ['amd64', 'arm64', 's390x'], 'gzip');
    const { host, asked } = countingHost();
    const image = await openImage(host, `docker://${open.host}/many:1`, { platform: 'linux/arm64' });
    assert.equal(image.id, fixtures[1]!.id);
    assert.equal(asked.length, 3);
    await assert.rejects(openImage(host, `docker://${open.host}/many:1`, { platform: 'linux/riscv64' }), {
      code: 'not-found',
      message: /linux\/amd64, linux\/arm64, linux\/s390x/,
    });
  });

  test('an image is named by its digest, too', async () => {
    const fixtures = await fill(open, 'by-digest:1', ['amd64'], 'gzip');
    const answer = await fetch(`http://${open.host}/v2/by-digest/manifests/1`, {
      headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
    });
    const digest = sha256(new Uint8Array(await answer.arrayBuffer()));
    const image = await openImage(countingHost().host, `docker://${open.host}/by-digest@${digest}`);
    assert.equal(image.id, fixtures[0]!.id);
  });

  test('what is not there is said so', async () => {
    const { host } = countingHost();
    await assert.rejects(openImage(host, `docker://${open.host}/nowhere:1`), {
      code: 'not-found',
      message: /has no manifest 1 of nowhere \(status 404, MANIFEST_UNKNOWN\)\.$/,
    });
  });

  test('a registry with a password is read with the one that docker keeps, and not without', async () => {
    const [fixture] = await fill(closed, 'app:1', ['amd64'], 'gzip');
    const { host: stranger } = countingHost();
    await assert.rejects(openImage(stranger, `docker://${closed.host}/app:1`), {
      code: 'unreadable',
      hint: /docker login 127\.0\.0\.1/,
    });
    const auth = (password: string): string => {
      const config = path.join(work, `config${++count}`);
      fs.mkdirSync(config);
      const entry = { auth: Buffer.from(`${closed.user}:${password}`).toString('base64') };
      fs.writeFileSync(path.join(config, 'config.json'), JSON.stringify({ auths: { [closed.host]: entry } }));
      return config;
    };
    const { host } = countingHost({ DOCKER_CONFIG: auth(closed.password) });
    const image = await openImage(host, `docker://${closed.host}/app:1`);
    assert.equal(image.id, fixture!.id);
    const { host: mistaken } = countingHost({ DOCKER_CONFIG: auth('secret-but-wrong') });
    await assert.rejects(openImage(mistaken, `docker://${closed.host}/app:1`), (error) => {
      assert.ok(error instanceof StrataError);
      assert.doesNotMatch(`${error.message}${error.hint}${error.cause}`, /secret-but-wrong/);
      return true;
    });
  });
});
