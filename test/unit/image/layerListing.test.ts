import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type ListingClaim, listingClaim, readListing } from '../../../server/src/image/layerListing';
import type { LayerBlob } from '../../../server/src/image/model';
import { sha256 } from '../../../server/src/primitives/digest';
import { StrataError } from '../../../server/src/primitives/errors';
import { rawEntry, rawTar } from '../../support/rawTar';

const json = '{"version":1,"entries":[]}';

function blobOf(bytes: Uint8Array): LayerBlob {
  return {
    region: null,
    async *open() {
      yield bytes;
    },
    range: async (offset, length) => bytes.subarray(offset, offset + length),
  };
}

function footer(offset: string): Uint8Array {
  const head = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 26, 0, 0x53, 0x47, 22, 0];
  const tail = [1, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0];
  return Buffer.concat([Buffer.from(head), Buffer.from(`${offset}STARGZ`), Buffer.from(tail)]);
}

function estargz(content = json, offset = '0000000000000003'): Uint8Array {
  const tar = rawTar(rawEntry({ name: 'stargz.index.json' }, content));
  return Buffer.concat([Buffer.from('abc'), gzipSync(tar), footer(offset)]);
}

async function checkListing(bytes: Uint8Array, claim: ListingClaim): Promise<string | null> {
  return readListing(blobOf(bytes), bytes.length, claim);
}

const ofJson: ListingClaim = { kind: 'estargz', digest: sha256(json) };

describe('the table of contents of a layer', () => {
  test('is found by the footer of an eStargz layer', async () => {
    assert.equal(await checkListing(estargz(), ofJson), json);
  });

  test('that is another than the manifest names is refused', async () => {
    await assert.rejects(checkListing(estargz('{"version":1,"entries":[1]}'), ofJson), {
      code: 'unreadable',
      message: /is not the one of its digest/,
    });
  });

  for (const [what, bytes] of Object.entries({
    'a layer without a footer': gzipSync('x'.repeat(1000)),
    'a footer that points behind itself': estargz(json, '0000000000ffffff'),
    'a footer with a number that is none': estargz(json, '00000000000000zz'),
    'a layer shorter than a footer': Buffer.from('short'),
  })) {
    test(`is not there in ${what}`, async () => {
      assert.equal(await checkListing(bytes, ofJson), null);
    });
  }

  test('is not had where a registry gives no parts', async () => {
    const refusing: LayerBlob = {
      ...blobOf(estargz()),
      range: async () => {
        throw new StrataError('unsupported', 'It does not give parts.');
      },
    };
    assert.equal(await readListing(refusing, 1000, ofJson), null);
  });

  test('is claimed by annotations that are well-formed, and by no others', () => {
    const digest = sha256('x');
    const prefix = 'io.github.containers.zstd-chunked';
    const chunked = (position: unknown) =>
      listingClaim({ [`${prefix}.manifest-checksum`]: digest, [`${prefix}.manifest-position`]: position });
    assert.deepEqual(listingClaim({ 'containerd.io/snapshot/stargz/toc.digest': digest }), {
      kind: 'estargz',
      digest,
    });
    assert.deepEqual(chunked('10:20:30:1'), { kind: 'zstd:chunked', digest, offset: 10, length: 20 });
    for (const position of ['10:20:30:2', '-1:20:30:1', '10:20', 7, null, `${'9'.repeat(30)}:1:1:1`]) {
      assert.equal(chunked(position), null, String(position));
    }
    assert.equal(listingClaim({ 'containerd.io/snapshot/stargz/toc.digest': 'sha256:short' }), null);
  });
});
