// The tree of all paths, and the columns beside it: whatever the layers' order, a path is one node, and names are told
// and compared as they are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowPath } from '../../../server/src/layers/entry';
import { NodeRanks, ranksOf } from '../../../server/src/layers/nodeRanks';
import { PathTrie } from '../../../server/src/layers/pathTrie';
import { sortNodes } from '../../../server/src/layers/sortedNodes';
import { atOnce } from '../../../server/src/layers/steps';
import { layerIndexes } from '../../support/layerIndexes';
import { seededRandom } from '../../support/random';
import { randomLayers } from '../../support/stateModel';

test('each path of any layers is one node, found by its path and told by it, for 100 seeds', async () => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = seededRandom(seed);
    const indexes = await layerIndexes(randomLayers(random, 4, 3 + Math.floor(random() * 30)));
    for (const trie of [new PathTrie(indexes), atOnce(PathTrie.inSteps(indexes))]) {
      const nodeOf = new Map<string, number>();
      for (const index of indexes) {
        const nodes = trie.nodesOf(index);
        for (let row = 0; row < index.count; row++) {
          const path = rowPath(index, row);
          assert.equal(nodeOf.get(path) ?? nodes[row], nodes[row], `seed ${seed} ${path}`);
          nodeOf.set(path, nodes[row]!);
        }
      }
      const inside = [...nodeOf].filter(([path]) => path !== '');
      assert.equal(trie.count, inside.length + 1);
      const [few, many] = [trie.pathReader(false), trie.pathReader(true)];
      for (const look of ['among siblings', 'by number']) {
        if (look === 'by number') atOnce(trie.forMany());
        for (const [path, node] of inside) {
          assert.deepEqual([trie.find(path), few(node), many(node)], [node, path, path], look);
          assert.ok(trie.parent[node]! < node);
        }
        assert.deepEqual([trie.find('nowhere'), trie.find('a/nowhere'), trie.find('')], [-1, -1, 0]);
      }
    }
  }
});

test('names of thousands are read and compared as they are, those that are not ASCII among them', async () => {
  const name = (i: number) => `${i % 7 === 0 ? 'é' : 'n'}${i}`;
  const layer = (from: number, to: number) =>
    Object.fromEntries(Array.from({ length: to - from }, (_, i) => [name(from + i), 'x']));
  const indexes = await layerIndexes([layer(2800, 3400), layer(0, 3000)]);
  const trie = atOnce(PathTrie.inSteps(indexes));
  const compare = trie.compareSiblings();
  const nodes = Int32Array.from({ length: trie.count - 1 }, (_, at) => at + 1);
  const sorted = Array.from(nodes.slice().sort(compare), trie.pathReader(true));
  const expected = Array.from({ length: 3400 }, (_, i) => name(i)).sort((a, b) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  assert.deepEqual(sorted, expected);
  const tested: string[] = [];
  const passes = trie.nameTester((text) => {
    tested.push(text);
    return text.startsWith('é');
  });
  const passing = expected.filter((text) => passes(trie.find(text)));
  assert.deepEqual(
    passing,
    expected.filter((text) => text.startsWith('é')),
  );
  assert.deepEqual(tested.sort(), expected.slice().sort());
});

test('more nodes than one step takes are sorted, and equal ones stay in their order', () => {
  const random = seededRandom(1);
  for (const length of [0, 1, 4095, 4096, 4097, 20_000]) {
    const keys = Array.from({ length }, () => Math.floor(random() * 50));
    const nodes = Int32Array.from({ length }, (_, at) => at);
    const found = atOnce(sortNodes(nodes.slice(), (a, b) => keys[a]! - keys[b]!));
    const expected = [...nodes].sort((a, b) => keys[a]! - keys[b]!);
    assert.deepEqual([...found], expected, String(length));
  }
});

test('marked nodes are numbered in their order, others not', async () => {
  const random = seededRandom(2);
  const marks = Uint8Array.from({ length: 10_000 }, () => (random() < 0.1 ? 1 : 0));
  const ranks = atOnce(NodeRanks.of(marks, marks.length));
  let next = 0;
  for (let node = 0; node < marks.length; node++)
    assert.equal(ranks.of(node), marks[node] === 1 ? next++ : -1, String(node));
  assert.equal(ranks.count, next);
  const [index] = await layerIndexes([{ 'a/b': 'x', c: 'x', 'd/': {} }]);
  const trie = new PathTrie([index!]);
  const inner = atOnce(ranksOf(trie));
  assert.deepEqual(
    ['', 'a', 'a/b', 'c', 'd'].map((path) => inner.of(trie.find(path))),
    [0, 1, -1, -1, -1],
  );
});
