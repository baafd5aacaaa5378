import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { indexListing } from '../../../server/src/layers/listedIndex';
import { openTree } from '../../../server/src/layers/tree';
import { sha256 } from '../../../server/src/primitives/digest';

const diffId = sha256('layer');

function listing(...entries: unknown[]): string {
  return JSON.stringify({ version: 1, entries });
}

describe('an index from a table of contents', () => {
  test('has the names, sizes, modes, owners and links of the layer', () => {
    const index = indexListing(
      listing(
        { name: 'a/', type: 'dir', mode: 0o755 },
        { name: 'a/f', type: 'reg', size: 12, mode: 0o4750, uid: 7, gid: 9, modtime: '2026-01-02T03:04:05Z' },
        { name: 'a/f', type: 'chunk', chunkOffset: 4 },
        { name: 'a/l', type: 'symlink', linkName: '../x', mode: 0o777 },
        { name: 'a/h', type: 'hardlink', linkName: 'a/f' },
        { name: '.prefetch.landmark', type: 'reg', size: 1 },
      ),
      diffId,
    );
    assert.ok(index);
    assert.equal(index.unpackedBytes, 12);
    const { entries } = openTree([index], 0, 'upper').children('a', { sort: 'name', offset: 0, limit: 10 });
    assert.deepEqual(
      entries.map(({ path, type, bytes, mode, uid, gid, link }) => [path, type, bytes, mode, uid, gid, link]),
      [
        ['a/f', 'file', 12, 0o4750, 7, 9, null],
        ['a/h', 'hardlink', 0, 0, 0, 0, 'a/f'],
        ['a/l', 'symlink', 0, 0o777, 0, 0, '../x'],
      ],
    );
  });

  test('stays inside the image, whatever the names say', () => {
    const index = indexListing(listing({ name: '../../etc/x', type: 'reg', size: 1 }), diffId);
    assert.match(index!.problems.join(), /names that leave the image/);
  });

  for (const [what, json] of Object.entries({
    'text that is no JSON': '{',
    null: 'null',
    'another version': JSON.stringify({ version: 2, entries: [] }),
    'an entry that is none': listing(7),
    'an unknown type': listing({ name: 'a', type: 'portal' }),
    'a type from the prototype': listing({ name: 'a', type: 'constructor' }),
    'a negative size': listing({ name: 'a', type: 'reg', size: -1 }),
    'a size that is text': listing({ name: 'a', type: 'reg', size: '12' }),
    'a name whose bytes were lost': listing({ name: 'a\ufffd', type: 'reg' }),
    'a time that is none': listing({ name: 'a', type: 'reg', modtime: 'yesterday' }),
    'xattrs that are none': listing({ name: 'a', type: 'reg', xattrs: { x: 1 } }),
  })) {
    test(`is not made of ${what}`, () => {
      assert.equal(indexListing(json, diffId), null);
    });
  }
});
