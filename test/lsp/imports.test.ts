// Builds made elsewhere over the real protocol: refused where the workspace is not trusted; a log, a metadata file and
// an image are shown on the lines as a build would be, and kept. Builds of buildx's history: test/live/imports.test.ts.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type {
  ImportBuildParams,
  ImportBuildResult,
  PastBuildsResult,
  RecordView,
} from '../../server/src/protocol';
import { imageFixture, writeImages } from '../support/imageFixture';
import { type LanguageClient, startLanguageClient } from '../support/languageClient';
import { writeFiles } from '../support/writeFiles';

const root = process.env.STRATA_ROOT ?? process.cwd();
const server = [path.join(process.env.STRATA_DIST ?? path.join(root, 'dist'), 'server.js'), '--stdio'];
const fixtures = path.join(root, 'test/fixtures/imports');
const text = readFileSync(path.join(fixtures, 'Dockerfile'), 'utf8');

const folder = mkdtempSync(path.join(tmpdir(), 'strata-imports-'));
const file = path.join(folder, 'Dockerfile');
const uri = pathToFileURL(file).href;
let client: LanguageClient;

before(async () => {
  writeFileSync(file, text);
  cpSync(path.join(fixtures, 'plain.log'), path.join(folder, 'plain.log'));
  // No docker: what is asked of it is refused at once.
  const settings = { docker: { path: '/nowhere/docker' } };
  client = await startLanguageClient({
    args: server,
    initializationOptions: {
      trusted: false,
      storage: path.join(folder, 'storage'),
      locale: 'en',
      l10nUri: null,
      settings,
    },
  });
  client.open(uri, text);
});
after(async () => {
  await client.stop();
  rmSync(folder, { recursive: true, force: true });
});

function imported(source: ImportBuildParams['source'], at = uri): Promise<ImportBuildResult> {
  const params: ImportBuildParams = { uri: at, source, platform: null, bakeTarget: null };
  return client.connection.sendRequest('strata/importBuild', params);
}

async function hints(at = uri): Promise<string[]> {
  return (await client.hints(at)).map(({ position, label }) => `${position.line + 1}: ${String(label)}`);
}

describe('where the workspace is not trusted', () => {
  test('nothing is imported and docker is not asked', async () => {
    const result = await imported({ kind: 'log', value: path.join(folder, 'plain.log') });
    assert.equal(result.outcome, 'refused');
    assert.match(result.message, /not trusted/);
    const past = (await client.connection.sendRequest('strata/pastBuilds', {
      uri,
      since: null,
    })) as PastBuildsResult;
    assert.deepEqual(past.builds, []);
    assert.match(past.why, /not trusted/);
  });
});

describe('where it is trusted', () => {
  before(() => client.connection.sendNotification('strata/trust'));

  test('without docker there are no past builds, and it is said why', async () => {
    const past = (await client.connection.sendRequest('strata/pastBuilds', {
      uri,
      since: null,
    })) as PastBuildsResult;
    assert.deepEqual(past.builds, []);
    assert.match(past.why, /no such program/);
  });

  test('a log shows what came from the cache, and is kept as a record', async () => {
    const result = await imported({ kind: 'log', value: path.join(folder, 'plain.log') });
    assert.equal(result.outcome, 'imported', result.message);
    assert.match(result.hint, /Imported from plain\.log/);
    assert.deepEqual(await hints(), ['3: cached', '4: cached', '5: ran 0.1 s', '8: cached', '9: cached']);
    const records = (await client.connection.sendRequest('strata/records', { uri })) as RecordView[];
    assert.deepEqual(
      records.map(({ cachedSteps, cacheableSteps, shown }) => [cachedSteps, cacheableSteps, shown]),
      [[4, 5, true]],
    );
  });

  test('an image without provenance shows its sizes, tied by its history', async () => {
    const created = [
      'COPY /src/made.txt /made.txt # buildkit',
      'RUN /bin/sh -c echo one &&     echo two > /two.txt # buildkit',
    ];
    const image = await imageFixture({
      layers: [{ 'bin/sh': 'x'.repeat(1000) }, { 'made.txt': 'ab\n' }, { 'two.txt': 'two\n' }],
      history: [
        { created_by: 'ADD rootfs.tar /' },
        ...created.map((created_by) => ({ created_by, comment: 'buildkit.dockerfile.v0' })),
        { created_by: 'LABEL a=b', comment: 'buildkit.dockerfile.v0', empty_layer: true },
      ],
    });
    writeFiles(folder, await writeImages([image], 'oci'));
    const result = await imported({ kind: 'image', value: `oci:${path.join(folder, 'layout')}` });
    assert.equal(result.outcome, 'imported', result.message);
    const shown = await hints();
    assert.ok(shown.includes('7: base 1.00 kB · 1 layer'), shown.join('\n'));
    assert.ok(shown.includes('8: 3 B') && shown.includes('9: 4 B'), shown.join('\n'));
    const content = (await client.connection.sendRequest('strata/file', {
      uri,
      state: { of: 'image', upTo: 1 },
      path: 'made.txt',
    })) as { base64: string | null; unavailable: string | null };
    assert.equal(content.unavailable, null);
    assert.equal(Buffer.from(content.base64 ?? '', 'base64').toString(), 'ab\n');
  });

  test('what cannot be imported is refused with a reason, and what was shown stays', async () => {
    const before = await hints();
    writeFileSync(path.join(folder, 'empty.log'), 'nothing here\n');
    const cases: [ImportBuildParams['source'], RegExp][] = [
      [{ kind: 'log', value: path.join(folder, 'empty.log') }, /holds no build/],
      [{ kind: 'log', value: path.join(folder, 'absent.log') }, /There is no file/],
      [{ kind: 'metadata', value: path.join(folder, 'plain.log') }, /no metadata file/],
      [{ kind: 'image', value: 'oci:/nowhere' }, /There is no file or folder/],
      [{ kind: 'history', value: '--help' }, /no reference of a build|no such program/],
    ];
    for (const [source, message] of cases) {
      const result = await imported(source);
      assert.equal(result.outcome, 'refused');
      assert.match(result.message, message);
    }
    assert.deepEqual(await hints(), before);
  });

  test('a build of another Dockerfile is refused', async () => {
    const other = path.join(folder, 'other', 'Dockerfile');
    mkdirSync(path.dirname(other));
    const words = 'FROM scratch\nCOPY nothing /in-common\n';
    writeFileSync(other, words);
    const at = pathToFileURL(other).href;
    client.open(at, words);
    const metadata = path.join(folder, 'metadata.json');
    cpSync(path.join(root, 'test/fixtures/builds/buildx-metadata.json'), metadata);
    const result = await imported({ kind: 'metadata', value: metadata }, at);
    assert.equal(result.outcome, 'refused');
    assert.match(result.message, /of another Dockerfile/);
  });
});
