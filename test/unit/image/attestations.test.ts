// Provenance attached to an image: found in each form that can hold it, compared with its digest, bounded.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readAttestation } from '../../../server/src/image/attestations';
import { openImage } from '../../../server/src/image/open';
import { type Digest, sha256 } from '../../../server/src/primitives/digest';
import { packTar } from '../../../server/src/primitives/tar';
import { imageFixture, writeImages } from '../../support/imageFixture';
import { memoryHost } from '../../support/memoryHost';

const statement = readFileSync(
  path.join(process.env.STRATA_ROOT ?? process.cwd(), 'test/fixtures/imports/statement-v1.json'),
);

interface Attached {
  /** Instead of the real one. */
  statement?: Uint8Array;
  /** Of the blob as its manifest names it. */
  digest?: Digest;
  /** Which image it says it is of. */
  of?: Digest;
}

/** The files of an OCI layout with an image and its attestation, as BuildKit writes them. */
async function layout(attached: Attached | null): Promise<Map<string, Uint8Array>> {
  const files = new Map(await writeImages([await imageFixture({ layers: [{ a: 'x' }] })], 'oci'));
  const put = (bytes: Uint8Array): { digest: Digest; size: number } => {
    const digest = sha256(bytes);
    files.set(`layout/blobs/sha256/${digest.slice(7)}`, bytes);
    return { digest, size: bytes.length };
  };
  const putJson = (value: unknown) => put(Buffer.from(JSON.stringify(value)));
  const index = JSON.parse(Buffer.from(files.get('layout/index.json')!).toString()) as {
    manifests: { digest: Digest; mediaType: string }[];
  };
  const [image] = index.manifests;
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const entries: object[] = [{ ...image, platform: { os: 'linux', architecture: 'amd64' } }];
  if (attached) {
    const blob = put(attached.statement ?? statement);
    const manifest = putJson({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: 'application/vnd.oci.empty.v1+json', ...putJson({}) },
      layers: [
        {
          mediaType: 'application/vnd.in-toto+json',
          ...blob,
          ...(attached.digest ? { digest: attached.digest } : {}),
          annotations: { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v1' },
        },
      ],
    });
    entries.push({
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      ...manifest,
      annotations: {
        'vnd.docker.reference.digest': attached.of ?? image!.digest,
        'vnd.docker.reference.type': 'attestation-manifest',
      },
      platform: { os: 'unknown', architecture: 'unknown' },
    });
  }
  const inner = putJson({ schemaVersion: 2, mediaType, manifests: entries });
  files.set(
    'layout/index.json',
    Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType, ...inner }] })),
  );
  return files;
}

async function found(attached: Attached | null) {
  const files = await layout(attached);
  const host = memoryHost({
    files: Object.fromEntries([...files].map(([name, bytes]) => [`/${name}`, bytes])),
  });
  const image = await openImage(host, 'oci:/layout');
  return readAttestation(host, image);
}

test('in an OCI layout: the statement, and the manifest that it is of', async () => {
  const attestation = await found({});
  assert.equal(attestation?.predicateType, 'https://slsa.dev/provenance/v1');
  assert.equal(attestation?.statement._type, 'https://in-toto.io/Statement/v1');
});

test('in an OCI archive', async () => {
  const files = await layout({});
  const members = [...files].map(([name, bytes]) => ({ name: name.replace('layout/', ''), content: bytes }));
  const tar = await packTar(members);
  for (const bytes of [tar, gzipSync(tar)]) {
    const host = memoryHost({ files: { '/app.tar': bytes } });
    const image = await openImage(host, 'oci-archive:/app.tar');
    await image.close();
    assert.ok(await readAttestation(host, image));
    assert.equal(await readAttestation(host, { ...image, id: sha256('another') }), null);
    assert.deepEqual([host.openFiles, await host.files.list('/tmp')], [0, []]);
  }
});

describe('nothing is told', () => {
  test('of an image without one', async () => assert.equal(await found(null), null));
  test('by one that is of another image', async () => {
    assert.equal(await found({ of: `sha256:${'0'.repeat(64)}` }), null);
  });
  test('by a statement whose subject is another image', async () => {
    const subject = [{ name: 'x', digest: { sha256: '0'.repeat(64) } }];
    const other = Buffer.from(JSON.stringify({ ...JSON.parse(statement.toString()), subject }));
    assert.equal(await found({ statement: other }), null);
  });
  test('by a blob that is no JSON', async () => {
    assert.equal(await found({ statement: Buffer.from('nothing') }), null);
  });
});

test('bytes that are not what their digest says are refused', async () => {
  const files = await layout({});
  const name = [...files.keys()].find((one) => one.endsWith(sha256(statement).slice(7)))!;
  files.set(name, Buffer.from(statement.toString().replace('Dockerfile', 'Dockerfake')));
  const host = memoryHost({
    files: Object.fromEntries([...files].map(([key, bytes]) => [`/${key}`, bytes])),
  });
  const image = await openImage(host, 'oci:/layout');
  await assert.rejects(readAttestation(host, image), /other bytes than its digest says/);
});

test('indexes that list attestations without end are refused', async () => {
  const files = await layout({});
  const index = JSON.parse(Buffer.from(files.get('layout/index.json')!).toString()) as {
    manifests: { digest: Digest }[];
  };
  const inner = `layout/blobs/sha256/${index.manifests[0]!.digest.slice(7)}`;
  const document = JSON.parse(Buffer.from(files.get(inner)!).toString()) as { manifests: object[] };
  const attestation = document.manifests[1]!;
  const of = {
    ...(attestation as { annotations: object }).annotations,
    'vnd.docker.reference.digest': `sha256:${'1'.repeat(64)}`,
  };
  const many = Array.from({ length: 900 }, () => ({ ...attestation, annotations: of }));
  const bytes = Buffer.from(JSON.stringify({ ...document, manifests: [document.manifests[0], ...many] }));
  files.set(`layout/blobs/sha256/${sha256(bytes).slice(7)}`, bytes);
  index.manifests[0]!.digest = sha256(bytes);
  files.set('layout/index.json', Buffer.from(JSON.stringify(index)));
  const host = memoryHost({
    files: Object.fromEntries([...files].map(([key, value]) => [`/${key}`, value])),
  });
  const image = await openImage(host, 'oci:/layout');
  await assert.rejects(readAttestation(host, image), /more attestations than any image needs/);
});
