// The files of some layers as a tree that a COPY takes from.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layerFiles } from '../../../server/src/layers/layerFiles';
import { atOnce } from '../../../server/src/layers/steps';
import type { LayerLiteral } from '../../support/imageFixture';
import { layerIndexes } from '../../support/layerIndexes';

/** `path type size @layer`, `#n` where several names are one file, `-> link`. */
async function checkFiles(layers: LayerLiteral[], expected: string[]): Promise<void> {
  const { entries, find } = atOnce(layerFiles(await layerIndexes(layers)));
  const shared = new Set(
    entries.flatMap(({ inode }, at) =>
      entries.some((one, i) => i !== at && one.inode === inode) ? inode : [],
    ),
  );
  assert.deepEqual(
    entries.map(({ path, type, size, link, layer, inode }) =>
      [
        path,
        type,
        ...(type === 'file' ? [size] : []),
        `@${layer}`,
        ...(shared.has(inode) ? [`#${inode}`] : []),
        ...(link ? ['->', link] : []),
      ].join(' '),
    ),
    expected,
  );
  for (const entry of entries) assert.equal(find(entry.path), entry);
}

test('later layers replace and remove, and folders come right before what they hold', async () => {
  await checkFiles(
    [
      { 'etc/passwd': 'root', 'etc/b': 'b', 'etc-old': 'x', 'gone/f': 'f' },
      { 'etc/passwd': 'root:0', 'etc/.wh.b': '', '.wh.gone': '', 'etc/a/deep': 'deep' },
    ],
    [
      'etc directory @0',
      'etc/a directory @1',
      'etc/a/deep file 4 @1',
      'etc/passwd file 6 @1',
      'etc-old file 1 @0',
    ],
  );
});

test('names of one inode share it, and its size; what a later layer writes is a file of its own', async () => {
  await checkFiles(
    [
      {
        a: 'one',
        b: { type: 'hardlink', link: 'a' },
        c: { type: 'hardlink', link: 'a' },
        d: { type: 'symlink', link: 'a' },
      },
      { c: 'other' },
    ],
    ['a file 3 @0 #1', 'b file 3 @0 #1', 'c file 5 @1', 'd symlink @0 -> a'],
  );
});
