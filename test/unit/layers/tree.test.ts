import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { entryFilter } from '../../../server/src/layers/entryFilter';
import { atOnce } from '../../../server/src/layers/steps';
import { openTree } from '../../../server/src/layers/tree';
import type { LayerLiteral } from '../../support/imageFixture';
import { drawTree, layerIndexes, lines } from '../../support/layerIndexes';

const layers: LayerLiteral[] = [
  {
    'etc/': '',
    'etc/a': '1',
    'etc/b': '22',
    'usr/lib/x': '7777777',
    'usr/lib/y': '55555',
    'opt/gone/z': '999999999',
  },
  {
    'etc/': '',
    'etc/a': '333',
    'opt/.wh.gone': '',
    'usr/lib/x': { content: '7777777', mode: 0o600 },
    'usr/lib/y': '55555',
    'new/f': '1',
  },
];

test('upper is what the layer holds and deletes, with totals of what it holds', async () => {
  assert.equal(
    drawTree(await layerIndexes(layers), 'upper'),
    lines(`
      . etc/ @1 = 3
      ~ etc/a 3 @1
      + new/ @1 = 1
      + new/f 1 @1
      . opt/ @0 = 0
      - opt/gone/ @0 = 0
      - opt/gone/z 9 @0
      . usr/ @0 = 12
      . usr/lib/ @0 = 12
      ~ usr/lib/x 7 @1
      . usr/lib/y 5 @1
    `),
  );
});

test('merged is what a container sees', async () => {
  assert.equal(
    drawTree(await layerIndexes(layers), 'merged'),
    lines(`
      . etc/ @1 = 5
      ~ etc/a 3 @1
      . etc/b 2 @0
      + new/ @1 = 1
      + new/f 1 @1
      . opt/ @0
      . usr/ @0 = 12
      . usr/lib/ @0 = 12
      ~ usr/lib/x 7 @1
      . usr/lib/y 5 @1
    `),
  );
});

test('the largest come first, then names in byte order, a page at a time', async () => {
  const tree = openTree(await layerIndexes(layers), 1, 'merged');
  const names = (path: string, options = {}): string =>
    tree
      .children(path, options)
      .entries.map((entry) => `${entry.path} ${entry.totalBytes}`)
      .join(', ');
  assert.equal(names(''), 'usr 12, etc 5, new 1, opt 0');
  assert.equal(names('', { sort: 'name' }), 'etc 5, new 1, opt 0, usr 12');
  assert.equal(names('', { offset: 1, limit: 2 }), 'etc 5, new 1');
  assert.equal(tree.children('', { limit: 1 }).total, 4);
  assert.equal(names('usr/lib'), 'usr/lib/x 7, usr/lib/y 5');
  assert.deepEqual(
    ['nowhere', 'etc/a', 'opt/gone', 'etc/'].map((path) => tree.children(path).total),
    [0, 0, 0, 0],
  );
  assert.equal(tree.totalBytes, 18);
});

test('a path is found in the view that has it', async () => {
  const indexes = await layerIndexes(layers);
  const upper = openTree(indexes, 1, 'upper');
  const merged = openTree(indexes, 1, 'merged');
  assert.equal(upper.find('opt/gone/z')?.change, 'removed');
  assert.equal(merged.find('opt/gone/z'), null);
  assert.equal(upper.find('etc/b'), null);
  assert.equal(merged.find('etc/b')?.change, 'unchanged');
  assert.equal(merged.find(''), null);
  assert.deepEqual([merged.find('usr')?.children, merged.find('usr')?.totalBytes], [1, 12]);
});

test('a layer in the middle is shown as it was then', async () => {
  assert.equal(
    drawTree(await layerIndexes(layers.slice(0, 1)), 'upper').split('\n').length,
    openCount(await layerIndexes(layers)),
  );
});

function openCount(indexes: Awaited<ReturnType<typeof layerIndexes>>): number {
  return [...openTree(indexes, 0, 'upper').walk()].length;
}

test('a walk stops at its depth', async () => {
  const tree = openTree(await layerIndexes(layers), 1, 'merged');
  assert.deepEqual(
    [...tree.walk('', 'name', 1)].map(({ path }) => path),
    ['etc', 'new', 'opt', 'usr'],
  );
  assert.deepEqual(
    [...tree.walk('usr', 'name', 2)].map(({ path }) => path),
    ['usr/lib', 'usr/lib/x', 'usr/lib/y'],
  );
});

test('hard links and links count nothing; what an opaque directory hides is shown as removed', async () => {
  const indexes = await layerIndexes([
    { 'd/a': '12345', 'd/sub/b': '1' },
    {
      'd/': '',
      'd/.wh..wh..opq': '',
      'd/c': '123',
      'd/h': { type: 'hardlink', link: 'd/c' },
      'd/s': { type: 'symlink', link: 'c' },
    },
  ]);
  assert.equal(
    drawTree(indexes, 'upper'),
    lines(`
      . d/ @1 = 3
      - d/a 5 @0
      + d/c 3 @1
      + d/h == d/c @1
      + d/s -> c @1
      - d/sub/ @0 = 0
      - d/sub/b 1 @0
    `),
  );
});

test('an image without files is an empty tree', async () => {
  const tree = openTree(await layerIndexes([{}]), 0, 'merged');
  assert.deepEqual(tree.children(''), { entries: [], total: 0 });
  assert.equal(tree.totalBytes, 0);
});

describe('a filtered tree', () => {
  const layers = [
    { 'usr/lib/a.so': 'aaaa', 'usr/lib/doc/readme': 'bb', 'usr/bin/x': 'c' },
    { 'usr/lib/.wh.a.so': '', 'etc/a': 'dd' },
  ];
  async function checkFilter(text: string, view: 'upper' | 'merged', expected: string[]): Promise<void> {
    const whole = openTree(await layerIndexes(layers), 1, view);
    const tree = atOnce(whole.filtered(entryFilter(text)!));
    const told = [...tree.walk()].map(
      ({ path, totalBytes, children }) => `${path} ${totalBytes} ${children}`,
    );
    assert.deepEqual(told, expected);
  }

  test('has what passes and what leads to it, and counts that alone', async () => {
    await checkFilter('readme', 'merged', [
      'usr 2 1',
      'usr/lib 2 1',
      'usr/lib/doc 2 1',
      'usr/lib/doc/readme 2 0',
    ]);
    await checkFilter('>2', 'merged', [
      'etc 2 1',
      'etc/a 2 0',
      'usr 2 1',
      'usr/lib 2 1',
      'usr/lib/doc 2 1',
      'usr/lib/doc/readme 2 0',
    ]);
    await checkFilter('nothing', 'merged', []);
  });

  test('has all of a directory that passes', async () => {
    await checkFilter('bin', 'merged', ['usr 1 1', 'usr/bin 1 1', 'usr/bin/x 1 0']);
  });

  test('has deleted entries, too', async () => {
    await checkFilter('*.so', 'upper', ['usr 0 1', 'usr/lib 0 1', 'usr/lib/a.so 0 0']);
  });
});
