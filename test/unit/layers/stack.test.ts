import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LayerIndex } from '../../../server/src/layers/model';
import { PathTrie } from '../../../server/src/layers/pathTrie';
import { Stack } from '../../../server/src/layers/stack';
import type { LayerLiteral } from '../../support/imageFixture';
import { drawTree, layerIndexes, lines } from '../../support/layerIndexes';
import { seededRandom } from '../../support/random';

/** The merged view after the last layer; marks are of the last layer. */
async function checkMerged(layers: LayerLiteral[], expected: string): Promise<void> {
  assert.equal(drawTree(await layerIndexes(layers)), lines(expected));
}

test('layers add and overwrite', () =>
  checkMerged(
    [
      { 'etc/': '', 'etc/a': '1', 'etc/b': '1' },
      { 'etc/': '', 'etc/a': '22', 'opt/c': '3' },
    ],
    `
    . etc/ @1 = 3
    ~ etc/a 2 @1
    . etc/b 1 @0
    + opt/ @1 = 1
    + opt/c 1 @1
    `,
  ));

test('a whiteout deletes a file, or a directory with all in it', () =>
  checkMerged(
    [
      { a: '1', 'd/e/f': '2', 'd/g': '3', h: '4' },
      { '.wh.a': '', '.wh.d': '' },
    ],
    '. h 1 @0',
  ));

test('peers 11: an opaque directory hides what lies below it, and not what its own layer has', () =>
  checkMerged(
    [
      { 'app/': '', 'app/old': '1', 'app/sub/deep': '2', 'app/both': '3' },
      { 'app/': '', 'app/new': '4', 'app/.wh..wh..opq': '', 'app/both': '55' },
    ],
    `
    . app/ @1 = 3
    ~ app/both 2 @1
    + app/new 1 @1
    `,
  ));

test('an opaque root hides everything', () =>
  checkMerged(
    [
      { a: '1', 'b/c': '2' },
      { '.wh..wh..opq': '', d: '3' },
    ],
    '+ d 1 @1',
  ));

test('an opaque directory hides what several layers put there, and later layers add to it', () =>
  checkMerged(
    [{ 'd/a': '1' }, { 'd/b': '2' }, { 'd/.wh..wh..opq': '' }, { 'd/c': '3' }],
    `
    . d/ @2 = 1
    + d/c 1 @3
    `,
  ));

test('peers 12: a whiteout of what never was deletes nothing, and is told', async () => {
  const indexes = await layerIndexes([
    { a: '1', 'd/x': '2' },
    { '.wh.never': '', 'd/.wh.y': '', '.wh.a': '', 'e/.wh.z': '' },
  ]);
  const trie = new PathTrie(indexes);
  const stack = new Stack(trie);
  const needless: string[] = [];
  const pathOf = trie.pathReader();
  for (const index of indexes) stack.push(index, { needless: (node) => needless.push(pathOf(node)) });
  assert.deepEqual(needless, ['never', 'd/y', 'e/z']);
  assert.equal(drawTree(indexes), '. d/ @0 = 1\n. d/x 1 @0\n+ e/ @1');
});

test('peers 16: a directory becomes a file and a directory again', async () => {
  const layers: LayerLiteral[] = [{ 'x/a': '1', 'x/b/c': '2' }, { x: 'file' }, { 'x/': '', 'x/a': '3' }];
  await checkMerged(layers.slice(0, 2), '~ x 4 @1');
  await checkMerged(
    layers,
    `
    ~ x/ @2 = 1
    + x/a 1 @2
    `,
  );
});

test('a directory over a symbolic link, and the reverse', () =>
  checkMerged(
    [
      { lib: { type: 'symlink', link: 'usr/lib' }, 'opt/x': '1' },
      { 'lib/': '', 'lib/y': '2', opt: { type: 'symlink', link: 'usr/opt' } },
    ],
    `
    ~ lib/ @1 = 1
    + lib/y 1 @1
    ~ opt -> usr/opt @1
    `,
  ));

test('a parent that a layer does not list keeps what it is below', () =>
  checkMerged(
    [{ 'd/': { mode: 0o700 }, 'd/a': '1' }, { 'd/b': '2' }],
    `
    . d/ @0 = 2
    . d/a 1 @0
    + d/b 1 @1
    `,
  ));

test('peers 14: hard links lead to files of their own layer and of lower ones', async () => {
  const indexes = await layerIndexes([
    { a: 'content', b: { type: 'hardlink', link: 'a' }, c: { type: 'hardlink', link: 'b' } },
    {
      d: { type: 'hardlink', link: 'a' },
      lost: { type: 'hardlink', link: 'nowhere' },
      self: { type: 'hardlink', link: 'self' },
    },
    { a: 'new' },
  ]);
  const trie = new PathTrie(indexes);
  const stack = new Stack(trie);
  for (const index of indexes) stack.push(index);
  const contentOf = (path: string): string => {
    const node = trie.find(path);
    const inode = stack.inode(stack.layer[node]!, stack.row[node]!);
    return inode ? `${inode.layer} ${stack.layers[inode.layer]!.size[inode.row]}` : 'none';
  };
  assert.deepEqual(['a', 'b', 'c', 'd', 'lost', 'self'].map(contentOf), [
    '2 3',
    '0 7',
    '0 7',
    '0 7',
    'none',
    'none',
  ]);
});

test('hard links in a circle, and to links that come later, end', async () => {
  const [index] = await layerIndexes([
    {
      a: { type: 'hardlink', link: 'b' },
      b: { type: 'hardlink', link: 'a' },
      c: { type: 'hardlink', link: 'd' },
      d: { type: 'hardlink', link: 'e' },
      e: 'x',
    },
  ]);
  const trie = new PathTrie([index!]);
  const stack = new Stack(trie);
  stack.push(index!);
  const isFound = (path: string): boolean => stack.inode(0, stack.row[trie.find(path)]!) !== null;
  assert.deepEqual(['a', 'b', 'c', 'd', 'e'].map(isFound), [false, false, true, true, true]);
});

test('the same layer twice is two layers', async () => {
  const [a, b] = await layerIndexes([{ x: '1' }, { '.wh.x': '' }]);
  assert.equal(drawTree([a!, b!, a!]), '+ x 1 @2');
});

// ---- against a model that is too simple to be wrong

type State = Map<string, number>;

/** Applies a layer as the specification words it: first what it hides of lower layers, then what it has. Files only. */
function apply(state: State, layer: Record<string, string>, number: number): State {
  const hides = (path: string): boolean =>
    Object.keys(layer).some((name) => {
      const folder = name.slice(0, name.lastIndexOf('/') + 1);
      const base = name.slice(folder.length);
      // What was a file is a directory now.
      if (name.startsWith(`${path}/`)) return true;
      if (base === '.wh..wh..opq') return path.startsWith(folder);
      const target = base.startsWith('.wh.') ? folder + base.slice(4) : name;
      return path === target || path.startsWith(`${target}/`);
    });
  const next: State = new Map([...state].filter(([path]) => !hides(path)));
  for (const name of Object.keys(layer))
    if (!name.split('/').at(-1)!.startsWith('.wh.')) next.set(name, number);
  return next;
}

/** A tar that can be unpacked: no path is both a file and a directory, nor both deleted and made. */
function randomLayer(random: () => number): Record<string, string> {
  const pick = (): string => 'abc'[Math.floor(random() * 3)]!;
  const layer: Record<string, string> = {};
  const leaves: string[] = [];
  const opaque: string[] = [];
  const isBelow = (path: string, top: string): boolean => path === top || path.startsWith(`${top}/`);
  for (let i = 0; i < 8; i++) {
    const parts = Array.from({ length: 1 + Math.floor(random() * 3) }, pick);
    const path = parts.join('/');
    const kind = random();
    if (kind < 0.15) {
      if (leaves.some((leaf) => isBelow(path, leaf))) continue;
      opaque.push(path);
      layer[`${path}/.wh..wh..opq`] = '';
      continue;
    }
    if (leaves.some((leaf) => isBelow(path, leaf) || isBelow(leaf, path))) continue;
    if (opaque.some((folder) => isBelow(folder, path))) continue;
    leaves.push(path);
    const folder = parts.slice(0, -1).map((part) => `${part}/`);
    if (kind < 0.4) layer[`${folder.join('')}.wh.${parts.at(-1)}`] = '';
    else layer[path] = 'x'.repeat(1 + Math.floor(random() * 9));
  }
  return layer;
}

/** Files of the merged view, with the layer that each is of. */
function filesOf(indexes: LayerIndex[]): string[] {
  const trie = new PathTrie(indexes);
  const stack = new Stack(trie);
  for (const index of indexes) stack.push(index);
  const pathOf = trie.pathReader();
  const found: string[] = [];
  for (let node = 1; node < trie.count; node++) {
    if (stack.isVisible(node) && !stack.isDirectory(node))
      found.push(`${pathOf(node)} @${stack.layer[node]}`);
    // Nothing visible lies below what is not.
    if (stack.isVisible(node))
      assert.ok(trie.parent[node] === 0 || stack.isDirectory(trie.parent[node]!), pathOf(node));
  }
  return found.sort();
}

test('any layers give the view that the specification words, for 250 seeds', async () => {
  for (let seed = 1; seed <= 250; seed++) {
    const random = seededRandom(seed);
    const layers = Array.from({ length: 4 }, () => randomLayer(random));
    let state: State = new Map();
    for (const [number, layer] of layers.entries()) state = apply(state, layer, number);
    const expected = [...state].map(([path, from]) => `${path} @${from}`).sort();
    assert.deepEqual(
      filesOf(await layerIndexes(layers)),
      expected,
      `seed ${seed}: ${JSON.stringify(layers)}`,
    );
  }
});

test('what a layer writes below a path that is a link in lower layers is told, for engines disagree', async () => {
  const indexes = await layerIndexes([
    {
      bin: { type: 'symlink', link: 'usr/bin' },
      lib: { type: 'symlink', link: 'usr/lib' },
      'usr/bin/sh': '1',
    },
    { 'bin/foo': '1', 'bin/deep/er': '2', 'bin/.wh.gone': '', 'usr/bin/bar': '3', 'lib/': '', 'lib/x': '4' },
    { 'bin/later': '5' },
  ]);
  const trie = new PathTrie(indexes);
  const stack = new Stack(trie);
  const pathOf = trie.pathReader();
  const told: string[][] = [];
  for (const index of indexes) {
    const paths: string[] = [];
    stack.push(index, { belowLink: (node) => paths.push(pathOf(node)) });
    told.push(paths);
  }
  // A layer that lists the directory itself means it, and from then on it is one.
  assert.deepEqual(told, [[], ['bin/foo', 'bin/deep/er', 'bin/gone'], []]);
});
