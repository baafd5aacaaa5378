import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { settleLayout } from '../../../server/src/build/keptLayout';
import { createNodeFiles } from '../../../server/src/host/nodeFiles';
import { type Digest, sha256 } from '../../../server/src/primitives/digest';

const files = createNodeFiles();
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';
let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'strata-layout-'));
  fs.mkdirSync(path.join(folder, 'blobs', 'sha256'), { recursive: true });
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

function put(text: string): Digest {
  fs.writeFileSync(path.join(folder, 'blobs', 'sha256', sha256(text).slice(7)), text);
  return sha256(text);
}
const putJson = (value: unknown) => put(JSON.stringify(value));
const putImage = (name: string, layers: string[]) =>
  putJson({
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: put(`config of ${name}`) },
    layers: layers.map((text) => ({
      mediaType: 'application/vnd.oci.image.layer.v1.tar',
      digest: put(text),
    })),
  });
const writeIndex = (manifests: unknown[]) =>
  fs.writeFileSync(path.join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
const blobs = () => fs.readdirSync(path.join(folder, 'blobs', 'sha256')).sort();
const names = (...digests: Digest[]) => digests.map((digest) => digest.slice(7)).sort();

test('of two images the newest stays, with what they share', async () => {
  const older = putImage('older', ['base', 'old']);
  const newer = putImage('newer', ['base', 'new']);
  writeIndex([
    { mediaType: manifestType, digest: older },
    { mediaType: manifestType, digest: newer },
  ]);
  fs.mkdirSync(path.join(folder, 'ingest', 'half'), { recursive: true });
  assert.equal(await settleLayout(files, folder, newer), true);
  assert.deepEqual(blobs(), names(newer, sha256('config of newer'), sha256('base'), sha256('new')));
  const index = JSON.parse(fs.readFileSync(path.join(folder, 'index.json'), 'utf8'));
  assert.deepEqual(index, { schemaVersion: 2, manifests: [{ mediaType: manifestType, digest: newer }] });
  assert.equal(fs.existsSync(path.join(folder, 'ingest')), false);
});

test('an index inside keeps all that it names', async () => {
  const one = putImage('one', ['a']);
  const two = putImage('two', ['b']);
  const inner = putJson({ manifests: [one, two].map((digest) => ({ mediaType: manifestType, digest })) });
  writeIndex([{ mediaType: indexType, digest: inner }]);
  const before = blobs();
  assert.equal(await settleLayout(files, folder, inner), true);
  assert.deepEqual(blobs(), before);
});

test('nothing is touched when the image is not there', async () => {
  const image = putImage('one', ['a']);
  put('left over');
  const before = blobs();
  assert.equal(await settleLayout(files, folder, image), false, 'no index');
  writeIndex([{ mediaType: manifestType, digest: image }]);
  assert.equal(await settleLayout(files, folder, sha256('other')), false, 'another image');
  writeIndex([{ mediaType: manifestType, digest: sha256('absent') }]);
  assert.equal(await settleLayout(files, folder, sha256('absent')), false, 'a manifest that is absent');
  assert.deepEqual(blobs(), before);
});
