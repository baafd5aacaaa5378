// Snapshots in the layer tree, over the real protocol: each row of a layer tells by which digests it is asked for
// elsewhere, rows of files do not; and which platform is shown is not asked of a build for one.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { ImportBuildResult, PlatformsResult, TreeNode, TreeResult } from '../../server/src/protocol';
import { type ImageFixture, imageFixture, writeImages } from '../support/imageFixture';
import { type LanguageClient, startLanguageClient } from '../support/languageClient';
import { writeFiles } from '../support/writeFiles';

const root = process.env.STRATA_ROOT ?? process.cwd();
const server = [path.join(process.env.STRATA_DIST ?? path.join(root, 'dist'), 'server.js'), '--stdio'];

const text = 'FROM base\nCOPY a /a\nRUN make\n';
const folder = mkdtempSync(path.join(tmpdir(), 'strata-identity-'));
const file = path.join(folder, 'Dockerfile');
const uri = pathToFileURL(file).href;
let client: LanguageClient;
let image: ImageFixture;

before(async () => {
  writeFileSync(file, text);
  const comment = 'buildkit.dockerfile.v0';
  image = await imageFixture({
    layers: [{ base: '1' }, { base: '22' }, { a: '333' }, { made: '4444' }],
    history: [
      { created_by: 'ADD rootfs.tar /' },
      { created_by: 'RUN below' },
      { created_by: 'COPY a /a # buildkit', comment },
      { created_by: 'RUN /bin/sh -c make # buildkit', comment },
    ],
  });
  writeFiles(folder, await writeImages([image], 'oci'));
  client = await startLanguageClient({
    args: server,
    initializationOptions: {
      trusted: true,
      storage: path.join(folder, 'storage'),
      locale: 'en',
      l10nUri: null,
      settings: { docker: { path: '/nowhere/docker' } },
    },
  });
  client.open(uri, text);
  const source = { kind: 'image', value: `oci:${path.join(folder, 'layout')}` };
  const asked = { uri, source, platform: null, bakeTarget: null };
  const result = (await client.connection.sendRequest('strata/importBuild', asked)) as ImportBuildResult;
  assert.equal(result.outcome, 'imported', result.message);
});
after(async () => {
  await client.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function rows(node: string | null): Promise<TreeNode[]> {
  const params = { uri, node, offset: 0, limit: 100 };
  return ((await client.connection.sendRequest('strata/tree', params)) as TreeResult).nodes;
}

const short = (digest: string) => `\`${digest.slice('sha256:'.length).slice(0, 12)}\``;

/** Whole where they are copied, short where they are read. */
function check(row: TreeNode, layer: number) {
  assert.equal(row.layer, layer);
  assert.equal(row.diffId, image.diffIds[layer]);
  assert.equal(row.chainId, image.chainIds[layer]);
  const parent = layer === 0 ? 'no parent' : `parent ${short(image.chainIds[layer - 1]!)}`;
  const told = `DiffID ${short(image.diffIds[layer]!)} · ChainID ${short(image.chainIds[layer]!)} · ${parent}`;
  assert.ok(row.tooltip.endsWith(told), `${row.tooltip}\n${told}`);
}

test('a line with a layer and each layer of the base tell their digests', async () => {
  const [stage] = await rows(null);
  const [base, copy, made] = await rows(stage!.id);
  assert.deepEqual([base!.kind, base!.diffId, base!.chainId], ['base', null, null]);
  check(copy!, 2);
  check(made!, 3);
  const below = await rows(base!.id);
  assert.equal(below.length, 2);
  below.forEach(check);
});

test('stages and files have none', async () => {
  const [stage] = await rows(null);
  const [, copy] = await rows(stage!.id);
  const [inside] = await rows(copy!.id);
  assert.equal(inside!.path, 'a');
  for (const row of [stage!, inside!]) assert.deepEqual([row.diffId, row.chainId], [null, null]);
});

test('a build for one platform has none to choose', async () => {
  for (const choose of [null, 'linux/arm64']) {
    const found = await client.connection.sendRequest('strata/platforms', { uri, choose });
    assert.deepEqual((found as PlatformsResult).platforms, []);
  }
});
