import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Layer } from '../../../server/src/image/model';
import { indexListing } from '../../../server/src/layers/listedIndex';
import { readStateFile } from '../../../server/src/layers/readFile';
import { sha256 } from '../../../server/src/primitives/digest';
import { StrataError } from '../../../server/src/primitives/errors';
import { zstdStored } from '../../support/imageFiles';
import { memoryHost } from '../../support/memoryHost';
import { rawEntry, rawTar } from '../../support/rawTar';

type Entry = Record<string, unknown>;

/** Compressed parts one behind another, and where each begins and ends. */
function store(...parts: Uint8Array[]): { bytes: Uint8Array; at: { offset: number; endOffset: number }[] } {
  let end = 0;
  const at = parts.map((part) => {
    end += part.length;
    return { offset: end - part.length, endOffset: end };
  });
  return { bytes: Buffer.concat(parts), at };
}

interface Played {
  read(path: string): Promise<string>;
  /** Parts that were asked for, `from+length`. */
  asked: string[];
  wholes: () => number;
}

/** @param whole what streaming the layer gives; default: the bytes that parts are of */
async function played(
  stored: Uint8Array,
  entries: Entry[],
  { whole = stored, parts = true }: { whole?: Uint8Array; parts?: boolean } = {},
): Promise<Played> {
  const asked: string[] = [];
  let wholes = 0;
  const json = JSON.stringify({ version: 1, entries });
  const layer: Layer = {
    index: 0,
    diffId: sha256('layer'),
    chainId: sha256('layer'),
    blobDigest: null,
    compressedBytes: stored.length,
    mediaType: null,
    blob: {
      region: null,
      async *open() {
        wholes++;
        yield whole;
      },
      async range(offset, length) {
        if (!parts) throw new StrataError('unsupported', 'No parts.');
        asked.push(`${offset}+${length}`);
        return stored.subarray(offset, offset + length);
      },
      listing: async () => json,
    },
  };
  const index = indexListing(json, layer.diffId)!;
  const read = async (path: string): Promise<string> =>
    Buffer.from((await readStateFile(memoryHost(), [layer], [index], 0, path)) ?? 'none').toString();
  return { read, asked, wholes: () => wholes };
}

const one = 'the first file';
const two = 'a'.repeat(1000) + 'b'.repeat(500);
const twoParts = [two.slice(0, 1000), two.slice(1000)];

describe('a file of a layer with a table of contents', () => {
  test('is fetched by its part alone, as eStargz stores it', async () => {
    // Members all the way, as there; more than is fetched behind a file.
    const far = gzipSync(randomBytes(200_000));
    const { bytes, at } = store(gzipSync('header'), gzipSync(one), far, gzipSync('other'), far);
    const { read, asked, wholes } = await played(bytes, [
      { name: 'dir/', type: 'dir' },
      { name: 'dir/one', type: 'reg', size: one.length, offset: at[1]!.offset, chunkDigest: sha256(one) },
      { name: 'dir/other', type: 'reg', size: 5, offset: at[3]!.offset, chunkDigest: sha256('other') },
      { name: 'dir/link', type: 'hardlink', linkName: 'dir/one' },
    ]);
    assert.equal(await read('dir/one'), one);
    assert.equal(await read('dir/link'), one);
    assert.equal(await read('dir/other'), 'other');
    assert.equal(asked.length, 3);
    for (const part of asked) assert.ok(Number(part.split('+')[1]) < 70_000, part);
    assert.equal(wholes(), 0);
  });

  for (const [format, pack] of [
    ['gzip', (text: string) => gzipSync(text)],
    ['zstd', (text: string) => zstdStored(Buffer.from(text))],
  ] as const) {
    test(`in several ${format} parts and a hole is put together with one request`, async () => {
      const { bytes, at } = store(...twoParts.map(pack));
      const { read, asked } = await played(bytes, [
        {
          name: 'two',
          type: 'reg',
          size: 1700,
          ...at[0],
          chunkSize: 1000,
          chunkDigest: sha256(twoParts[0]!),
        },
        {
          name: 'two',
          type: 'chunk',
          chunkOffset: 1000,
          chunkSize: 200,
          chunkType: 'zeros',
          offset: at[1]!.offset,
        },
        { name: 'two', type: 'chunk', chunkOffset: 1200, ...at[1], chunkDigest: sha256(twoParts[1]!) },
        { name: 'empty', type: 'reg', size: 0 },
      ]);
      assert.equal(await read('two'), `${twoParts[0]}${'\0'.repeat(200)}${twoParts[1]}`);
      assert.equal(await read('empty'), '');
      assert.deepEqual(asked, [`0+${bytes.length}`]);
    });
  }

  test('that shares its part with others is found inside it', async () => {
    const { bytes, at } = store(gzipSync(`${one}${two}`));
    const { read } = await played(bytes, [
      { name: 'one', type: 'reg', size: one.length, ...at[0], chunkDigest: sha256(one) },
      { name: 'two', type: 'reg', size: two.length, ...at[0], innerOffset: one.length, digest: sha256(two) },
    ]);
    assert.deepEqual([await read('one'), await read('two')], [one, two]);
  });

  test('whose bytes are not those of the digest is refused, and never shown', async () => {
    const { bytes, at } = store(gzipSync('another file!!'));
    const listed = { name: 'one', type: 'reg', size: one.length, ...at[0], chunkDigest: sha256(one) };
    await assert.rejects((await played(bytes, [listed])).read('one'), {
      code: 'unreadable',
      message: /not what its digest/,
    });
    await assert.rejects((await played(bytes.subarray(0, 25), [listed])).read('one'), { code: 'unreadable' });
  });

  const tar = rawTar(rawEntry({ name: 'one' }, one));
  const at = { offset: 0, endOffset: 100 };
  const chunkDigest = sha256(one);
  const whole: Entry = { name: 'one', type: 'reg', size: one.length, ...at, chunkDigest };
  for (const [what, entries] of Object.entries({
    'a digest': [{ ...whole, chunkDigest: undefined }],
    'the digest of each part': [
      { ...whole, chunkSize: 4, chunkDigest: undefined, digest: chunkDigest },
      { ...whole, type: 'chunk', chunkOffset: 4 },
    ],
    'an offset': [{ ...whole, offset: undefined }],
    'an offset inside the layer': [{ ...whole, offset: 10_000_000 }],
    'all parts': [{ ...whole, chunkSize: 4 }],
    'parts in order': [{ ...whole, chunkOffset: 4 }],
    'parts of a likely size': [{ ...whole, chunkSize: 2 ** 40 }],
  })) {
    test(`is read from the layer itself where the table lacks ${what}`, async () => {
      const { read, asked, wholes } = await played(gzipSync(tar), entries, {});
      assert.equal(await read('one'), one);
      assert.deepEqual([asked, wholes()], [[], 2]);
    });
  }

  test('is read from the layer itself where the registry gives no parts', async () => {
    const { read, wholes } = await played(gzipSync(tar), [whole], { parts: false });
    assert.equal(await read('one'), one);
    assert.equal(wholes(), 2);
  });
});
