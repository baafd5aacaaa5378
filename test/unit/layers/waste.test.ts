import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffStates } from '../../../server/src/layers/diff';
import { efficiencyOf, type WasteOptions, wasteOf } from '../../../server/src/layers/waste';
import type { LayerLiteral } from '../../support/imageFixture';
import { layerIndexes } from '../../support/layerIndexes';
import { seededRandom } from '../../support/random';

/** `3 0 | 2/5 | a 3 0>1 overwritten`: wasted by layer, visible of all bytes, files. */
async function drawWaste(layers: LayerLiteral[], options: WasteOptions = {}): Promise<string> {
  const indexes = await layerIndexes(layers);
  const { wastedBytes, visibleBytes, files, efficiency } = wasteOf(indexes, options);
  const unpacked = indexes.reduce((sum, index) => sum + index.unpackedBytes, 0);
  assert.equal(visibleBytes + wastedBytes.reduce((sum, bytes) => sum + bytes, 0), unpacked);
  assert.ok(efficiency >= 0 && efficiency <= 1);
  const drawn = files.map(
    ({ path, bytes, writtenBy, hiddenBy, how }) => `${path} ${bytes} ${writtenBy}>${hiddenBy} ${how}`,
  );
  return [wastedBytes.join(' '), `${visibleBytes}/${unpacked}`, drawn.join(', ')].join(' | ');
}

test('peers 17: a path that N layers wrote wastes N-1', async () => {
  assert.equal(
    await drawWaste([{ a: '1' }, { a: '22' }, { a: '333' }, { a: '4444' }]),
    '1 2 3 0 | 4/10 | a 3 2>3 overwritten, a 2 1>2 overwritten, a 1 0>1 overwritten',
  );
});

test('peers 15: a file deleted later is wasted by the layer that wrote it, and who deleted it is told', async () => {
  assert.equal(
    await drawWaste([{ 'd/a': '1', 'd/b': '22' }, { c: '3' }, { '.wh.d': '' }]),
    '3 0 0 | 1/4 | d/b 2 0>2 deleted, d/a 1 0>2 deleted',
  );
});

test('what an opaque directory hides is wasted', async () => {
  assert.equal(
    await drawWaste([
      { 'd/a': '1', 'd/b': '22' },
      { 'd/': '', 'd/.wh..wh..opq': '', 'd/b': '4444' },
    ]),
    '3 0 | 4/7 | d/b 2 0>1 overwritten, d/a 1 0>1 deleted',
  );
});

test('a file that is the same but for mode or owner was copied up; at another time or size it was written', async () => {
  assert.equal(
    await drawWaste([
      { a: 'xxx', b: 'xxx', c: 'xxx', d: 'xxx' },
      {
        a: { content: 'xxx', mode: 0o755 },
        b: { content: 'xxx', uid: 5 },
        c: { content: 'yyy', mtime: 9 },
        d: 'xxx',
      },
    ]),
    '12 0 | 12/24 | a 3 0>1 copied-up, b 3 0>1 copied-up, c 3 0>1 overwritten, d 3 0>1 copied-up',
  );
  assert.equal(
    await drawWaste(
      [
        { a: 'xxx', b: 'xxx' },
        { a: 'yyy', b: { content: 'xxx', mtime: 9 } },
      ],
      {
        sameContent: (before) => before.row === 1,
      },
    ),
    '6 0 | 6/12 | a 3 0>1 overwritten, b 3 0>1 copied-up',
  );
});

test('a file that becomes a directory or a link is overwritten; what a file hides below a directory is deleted', async () => {
  assert.equal(
    await drawWaste([
      { a: '1', b: '22', 'd/x': '333' },
      { 'a/y': '4', b: { type: 'symlink', link: 'a' }, d: '55' },
    ]),
    '6 0 | 3/9 | d/x 3 0>1 deleted, b 2 0>1 overwritten, a 1 0>1 overwritten',
  );
});

test('peers 14: bytes are wasted when the last hard link to them is gone, not before', async () => {
  const layers: LayerLiteral[] = [
    { a: 'xxxx', b: { type: 'hardlink', link: 'a' } },
    { '.wh.a': '' },
    { c: { type: 'hardlink', link: 'b' } },
    { '.wh.b': '' },
    { c: 'new' },
  ];
  assert.equal(await drawWaste(layers.slice(0, 2)), '0 0 | 4/4 | ');
  assert.equal(await drawWaste(layers.slice(0, 4)), '0 0 0 0 | 4/4 | ');
  assert.equal(await drawWaste(layers), '4 0 0 0 0 | 3/7 | c 4 0>4 overwritten');
});

test('directories, links, whiteouts and empty files waste nothing', async () => {
  assert.equal(
    await drawWaste([
      { 'd/': '', empty: '', s: { type: 'symlink', link: 'x' } },
      { '.wh.d': '', empty: '', '.wh.s': '', '.wh.never': '' },
    ]),
    '0 0 | 0/0 | ',
  );
});

test('peers 18: an image without files, and one with a single layer, are wholly efficient', async () => {
  assert.deepEqual(wasteOf([]), {
    wastedBytes: [],
    files: [],
    hidden: [],
    visibleBytes: 0,
    efficiency: 1,
  });
  assert.equal(wasteOf(await layerIndexes([{}])).efficiency, 1);
  assert.equal(wasteOf(await layerIndexes([{ a: 'x' }])).efficiency, 1);
  assert.equal(efficiencyOf(0, 0), 1);
  assert.equal(efficiencyOf(1, 4), 0.25);
});

test('the list of files is bounded to the largest, the bytes are not', async () => {
  const many: Record<string, string> = {};
  const gone: Record<string, string> = {};
  for (let i = 1; i <= 50; i++) {
    many[`f${i}`] = 'x'.repeat(i);
    gone[`.wh.f${i}`] = '';
  }
  const { files, wastedBytes } = wasteOf(await layerIndexes([many, gone]), { maxFiles: 3 });
  assert.deepEqual(
    files.map(({ path }) => path),
    ['f50', 'f49', 'f48'],
  );
  assert.equal(wastedBytes[0], (50 * 51) / 2);
});

test('wasted and visible bytes are all bytes, and visible ones those of the files that are seen, for 80 seeds', async () => {
  for (let seed = 1; seed <= 80; seed++) {
    const random = seededRandom(seed);
    const layers = Array.from({ length: 5 }, () => {
      const layer: Record<string, string> = {};
      for (let i = 0; i < 6; i++) {
        const path = Array.from(
          { length: 1 + Math.floor(random() * 3) },
          () => 'abc'[Math.floor(random() * 3)],
        ).join('/');
        const at = path.lastIndexOf('/') + 1;
        if (random() < 0.3) layer[`${path.slice(0, at)}.wh.${path.slice(at)}`] = '';
        else layer[path] = 'x'.repeat(1 + Math.floor(random() * 20));
      }
      return layer;
    });
    await drawWaste(layers);
    const indexes = await layerIndexes(layers);
    assert.equal(wasteOf(indexes).visibleBytes, diffStates([], indexes).bytesAdded, `seed ${seed}`);
  }
});
