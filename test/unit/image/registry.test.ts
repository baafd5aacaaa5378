import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Image } from '../../../server/src/image/model';
import { openImage } from '../../../server/src/image/open';
import { measureImage } from '../../../server/src/layers/measureImage';
import { sha256 } from '../../../server/src/primitives/digest';
import { StrataError } from '../../../server/src/primitives/errors';
import type { Files } from '../../support/imageFiles';
import type { ImageLiteral } from '../../support/imageFixture';
import type { PlayedAnswer } from '../../support/memoryHost';
import { type PlayedRegistryOptions, playedRegistry } from '../../support/playedRegistry';

const image: ImageLiteral = { layers: [{ 'etc/a': 'x' }, { 'etc/b': 'yy', 'etc/.wh.a': '' }] };
const reference = 'docker://registry.example/team/app:1';

async function read(image: Image, layer = 0): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of image.layers[layer]!.blob!.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What opening says when some answer is another one. */
async function refused(
  answer: PlayedAnswer,
  path = /\/manifests\/1$/,
): Promise<{ code: string; text: string }> {
  const { host } = await playedRegistry(image, {
    before: (url) => (path.test(url.pathname) ? answer : null),
  });
  const error = await openImage(host, reference).then(
    () => null,
    (error) => error,
  );
  assert.ok(error instanceof StrataError, String(error));
  assert.equal(host.openAnswers, 0, 'an answer stays open');
  return { code: error.code, text: `${error.message} ${error.hint}`.trim() };
}

test('an image is opened by its manifest and its config, and no layer is read', async () => {
  const { host, fixtures } = await playedRegistry(image);
  const opened = await openImage(host, reference);
  assert.deepEqual(host.requests, [
    'GET https://registry.example/v2/team/app/manifests/1',
    `GET https://registry.example/v2/team/app/blobs/${fixtures[0]!.id}`,
  ]);
  assert.equal(opened.id, fixtures[0]!.id);
  assert.equal(opened.remote, true);
  assert.equal(opened.reference, reference);
  assert.deepEqual(opened.problems, []);
  assert.deepEqual(
    opened.layers.map(({ diffId }) => diffId),
    fixtures[0]!.diffIds,
  );
  for (const [i, { compressedBytes, blobDigest, mediaType }] of opened.layers.entries()) {
    const stored = await read(opened, i);
    assert.equal(compressedBytes, stored.length);
    assert.equal(blobDigest, sha256(stored));
    assert.match(mediaType ?? '', /tar\+gzip$/);
  }
});

test('layers are measured as those of any image', async () => {
  for (const compression of ['gzip', 'zstd', 'none'] as const) {
    const { host } = await playedRegistry(image, { compression });
    const { measured } = await measureImage(host, await openImage(host, reference));
    assert.deepEqual(measured.problems, []);
    assert.deepEqual(
      measured.layers.map(({ unpackedBytes }) => unpackedBytes),
      [1, 2],
    );
    assert.equal(host.openAnswers, 0);
  }
});

test('of an index the image of the platform is asked for, and no other', async () => {
  const images = ['amd64', 'arm64', 's390x'].map((architecture) => ({ ...image, architecture }));
  const { host, fixtures } = await playedRegistry(images);
  const opened = await openImage(host, reference, { platform: 'linux/arm64' });
  assert.equal(opened.platform, 'linux/arm64');
  assert.equal(opened.id, fixtures[1]!.id);
  assert.equal(host.requests.length, 3);
  assert.equal((await openImage(host, reference)).platform, 'linux/amd64');
  await assert.rejects(openImage(host, reference, { platform: 'linux/riscv64' }), {
    code: 'not-found',
    message: /it has: linux\/amd64, linux\/arm64, linux\/s390x/,
  });
});

test('an image that is no index is of the platform of its config', async () => {
  const { host, fixtures } = await playedRegistry({ ...image, architecture: 'arm64' });
  for (const platform of [undefined, 'linux/arm64', 'linux/arm64/v8', 'linux/aarch64']) {
    assert.equal((await openImage(host, reference, { platform })).id, fixtures[0]!.id);
  }
  await assert.rejects(openImage(host, reference, { platform: 'linux/amd64' }), {
    code: 'not-found',
    message: /has no image for linux\/amd64; it has: linux\/arm64/,
  });
});

test('attestations are passed over, and entries without a platform are looked into', async () => {
  const named =
    (change: (entries: Record<string, unknown>[]) => unknown[]) =>
    (files: Files): Uint8Array => {
      const index = JSON.parse(Buffer.from(files.get('index.json') as Uint8Array).toString('utf8'));
      return Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: change(index.manifests) }));
    };
  const attestation = {
    digest: `sha256:${'0'.repeat(64)}`,
    platform: { os: 'unknown', architecture: 'unknown' },
    annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
  };
  const one = await playedRegistry(image, { named: named((entries) => [attestation, ...entries]) });
  assert.equal((await openImage(one.host, reference)).id, one.fixtures[0]!.id);
  assert.equal(one.host.requests.length, 3);

  const images = ['amd64', 'arm64'].map((architecture) => ({ ...image, architecture }));
  const silent = await playedRegistry(images, {
    named: named((entries) => entries.map(({ platform, annotations, ...entry }) => entry)),
  });
  const opened = await openImage(silent.host, reference, { platform: 'linux/arm64' });
  assert.equal(opened.id, silent.fixtures[1]!.id);
});

test('an index that lists endless entries, or no proper ones, asks for little', async () => {
  const entry = (digest: string) => ({ digest, platform: { os: 'linux', architecture: 'amd64' } });
  const many = await playedRegistry(image, {
    named: () =>
      Buffer.from(
        JSON.stringify({
          manifests: Array.from({ length: 100_000 }, () => entry(`sha256:${'1'.repeat(64)}`)),
        }),
      ),
  });
  await assert.rejects(openImage(many.host, reference), { code: 'not-found' });
  assert.ok(many.host.requests.length < 5);
  const documents = new Map(
    Array.from({ length: 900 }, (_, i) => [sha256(`{"config":${i}}`), `{"config":${i}}`]),
  );
  const silent = await playedRegistry(image, {
    before({ pathname }) {
      const body = [...documents].find(([digest]) => pathname.endsWith(digest))?.[1];
      return body === undefined ? null : { body };
    },
    named: () =>
      Buffer.from(JSON.stringify({ manifests: [...documents.keys()].map((digest) => ({ digest })) })),
  });
  await assert.rejects(openImage(silent.host, reference), { code: 'hostile' });
  assert.ok(silent.host.requests.length < 250);
  const odd = await playedRegistry(image, {
    named: () => Buffer.from(JSON.stringify({ manifests: [null, 7, 'x', { digest: '../../x' }, []] })),
  });
  await assert.rejects(openImage(odd.host, reference), { code: 'not-found' });
});

test('refusals say what happened and what to do', async () => {
  const cases: [PlayedAnswer, string, RegExp][] = [
    [
      { status: 401 },
      'unreadable',
      /does not let manifest 1 of team\/app be read.*docker login registry\.example/,
    ],
    [
      { status: 403, body: '{"errors":[{"code":"DENIED"}]}' },
      'unreadable',
      /status 403, DENIED.*docker login/,
    ],
    [{ status: 404, body: '<html>' }, 'not-found', /registry\.example has no manifest 1 of team\/app/],
    [{ status: 429, headers: { 'retry-after': '60' } }, 'unreadable', /asked too often .*again in 60 s/],
    [
      { status: 500, body: '{"errors":"x"}' },
      'unreadable',
      /did not give .*\(status 500\)\. Try again later\./,
    ],
    [{ status: 302, headers: { location: 'x' } }, 'unreadable', /status 302/],
    [{ body: '<html>Sign in</html>' }, 'unreadable', /answered with no manifest/],
    [{ body: '[]' }, 'unreadable', /answered with no manifest/],
    [{ body: '{"schemaVersion":1}' }, 'unsupported', /schema 1/],
    [{ body: '{}' }, 'not-found', /holds no image/],
    [{ headers: { 'content-length': '99999999999' } }, 'hostile', /too many/],
    [{ body: new Uint8Array(17 * 2 ** 20) }, 'hostile', /too many/],
  ];
  for (const [answer, code, expected] of cases) {
    const { code: got, text } = await refused(answer);
    assert.equal(got, code, text);
    assert.match(text, expected);
  }
});

test('what a registry says in its own words is not repeated', async () => {
  const body = JSON.stringify({
    errors: [{ code: '\u001b[31mBAD', message: 'Basic c2VjcmV0' }, { code: 'DENIED' }],
  });
  assert.match((await refused({ status: 403, body })).text, /\(status 403, DENIED\)/);
  assert.doesNotMatch((await refused({ status: 403, body })).text, /BAD|c2VjcmV0/);
});

test('documents are what their digests say, or are refused', async () => {
  const headers = { 'docker-content-digest': `sha256:${'b'.repeat(64)}` };
  const { text } = await refused({ headers, body: '{"config":{},"layers":[]}' });
  assert.match(text, /not the one of its digest sha256:bbbb/);
  assert.match((await refused({ body: '{}' }, /\/blobs\//)).text, /holds other bytes than its digest says/);
  assert.match((await refused({ status: 404 }, /\/blobs\//)).text, /does not hold its config/);
  const { host } = await playedRegistry(image, { before: () => ({ body: '{"config":{},"layers":[]}' }) });
  await assert.rejects(openImage(host, `docker://registry.example/app@sha256:${'c'.repeat(64)}`), {
    code: 'unreadable',
    message: /not the one of its digest sha256:cccc/,
  });
});

test('a layer that is not what its digest or its size says is refused at its end', async () => {
  const changed = async (change: (bytes: Uint8Array) => Uint8Array): Promise<string> => {
    const options: PlayedRegistryOptions = { compression: 'none' };
    const { host, files, fixtures } = await playedRegistry(image, options);
    const opened = await openImage(host, reference);
    const path = `blobs/sha256/${fixtures[0]!.diffIds[0]!.slice(7)}`;
    files.set(path, change(new Uint8Array(files.get(path) as Uint8Array)));
    const error = await read(opened).then(
      () => null,
      (error) => error,
    );
    assert.ok(error instanceof StrataError);
    assert.equal(error.code, 'unreadable');
    assert.equal(host.openAnswers, 0);
    const { measured } = await measureImage(host, opened);
    assert.equal(measured.layers[0]!.unpackedBytes, null);
    return error.message;
  };
  assert.match(await changed((bytes) => bytes.fill(1, 520, 521)), /other bytes for sha256:/);
  assert.match(await changed((bytes) => bytes.subarray(0, 700)), /gave 700 of \d+ bytes/);
  assert.match(await changed((bytes) => Buffer.concat([bytes, bytes])), /more than \d+ bytes/);
});

test('a packed layer is refused, too, when it unpacks to the right bytes from wrong ones', async () => {
  for (const compression of ['gzip', 'zstd'] as const) {
    const { host, files } = await playedRegistry(image, { compression });
    const opened = await openImage(host, reference);
    for (const { blobDigest } of opened.layers) {
      const path = `blobs/sha256/${blobDigest!.slice(7)}`;
      const bytes = new Uint8Array(files.get(path) as Uint8Array);
      // The time in gzip's header; the size of zstd's window.
      if (compression === 'gzip') bytes[4]! ^= 1;
      else bytes[5]! ^= 8;
      files.set(path, bytes);
    }
    const { measured, indexes } = await measureImage(host, opened);
    assert.deepEqual(indexes, [null, null], compression);
    assert.match(measured.problems[0]!, /gave other bytes for sha256:/, compression);
  }
});

test('a layer whose transfer breaks is read on from there, while that brings something', async () => {
  for (const [brings, givesParts] of [
    [true, true],
    [false, true],
    [true, false],
  ]) {
    const played = await playedRegistry(image, {
      compression: 'none',
      before(url, { headers = {} }) {
        if (!url.pathname.includes('/blobs/')) return null;
        const bytes = played.files.get(`blobs/sha256/${url.pathname.split(':')[1]}`) as Uint8Array;
        if (bytes.length % 512 !== 0) return null;
        if (headers.range && !givesParts) return { body: bytes };
        const start = Number(/^bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
        const breaking = async function* (): AsyncGenerator<Uint8Array> {
          yield bytes.subarray(start, start === 0 ? 400 : start + (brings ? 600 : 0));
          if (start + 600 < bytes.length) throw new StrataError('unreadable', 'The connection was cut.');
        };
        const range = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
        return headers.range
          ? { status: 206, headers: { 'content-range': range }, body: breaking() }
          : { body: breaking() };
      },
    });
    const opened = await openImage(played.host, reference);
    const reading = read(opened);
    if (brings && givesParts) assert.equal(sha256(await reading), opened.layers[0]!.diffId);
    else await assert.rejects(reading, { code: 'unreadable', message: 'The connection was cut.' });
    assert.equal(played.host.openAnswers, 0);
  }
});

test('parts of a layer are given, or refused where the registry gives all of it', async () => {
  const { host } = await playedRegistry(image);
  const opened = await openImage(host, reference);
  const whole = await read(opened);
  const { blob } = opened.layers[0]!;
  assert.deepEqual([...(await blob!.range!(3, 5))], [...whole.subarray(3, 8)]);
  assert.equal((await blob!.range!(0, 0)).length, 0);
  for (const before of [
    (): PlayedAnswer => ({ status: 200, body: 'x' }),
    (): PlayedAnswer => ({ status: 206, headers: { 'content-range': 'bytes 4-9/10' }, body: 'x' }),
    (): PlayedAnswer => ({ status: 206, body: 'x' }),
  ]) {
    const other = await playedRegistry(image, {
      before: (_, request) => (request.headers?.range ? before() : null),
    });
    const { layers } = await openImage(other.host, reference);
    await assert.rejects(layers[0]!.blob!.range!(3, 5), { code: 'unsupported' });
    assert.equal(other.host.openAnswers, 0);
  }
});

test('an abort ends it, and a layer that is not read on is let go', async () => {
  const { host } = await playedRegistry(image, { chunkBytes: 64 });
  const opened = await openImage(host, reference);
  const control = new AbortController();
  await assert.rejects(
    async () => {
      for await (const _ of opened.layers[0]!.blob!.open(control.signal)) control.abort();
    },
    { code: 'cancelled' },
  );
  for await (const _ of opened.layers[0]!.blob!.open()) break;
  assert.equal(host.openAnswers, 0);
  await assert.rejects(openImage(host, reference, { signal: AbortSignal.abort() }), { name: 'AbortError' });
});

test('without a network it says what was tried', async () => {
  const { host } = await playedRegistry(image, { network: undefined });
  await assert.rejects(openImage(host, 'docker://app:1'), {
    code: 'unreadable',
    message: /registry-1\.docker\.io/,
  });
});
