import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffLayer, diffStates } from '../../../server/src/layers/diff';
import type { LayerDiff } from '../../../server/src/layers/model';
import { PathTrie } from '../../../server/src/layers/pathTrie';
import { Stack } from '../../../server/src/layers/stack';
import { openTree } from '../../../server/src/layers/tree';
import { wasteOf } from '../../../server/src/layers/waste';
import { layerIndexes } from '../../support/layerIndexes';
import { seededRandom } from '../../support/random';
import {
  type ModelChange,
  modelChanges,
  modelStates,
  modelTotal,
  modelWaste,
  randomLayers,
} from '../../support/stateModel';

const seeds = 300;

test(`changes, counts, order, totals and waste are those of a plain model, for ${seeds} stacks of layers`, async () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const random = seededRandom(seed);
    const layers = randomLayers(random, 2 + Math.floor(random() * 4), 4 + Math.floor(random() * 14));
    // A layer built anew: much of it is where it was.
    if (seed % 3 === 0) layers.push({ ...layers[0], ...randomLayers(random, 1, 3)[0] });
    const indexes = await layerIndexes(layers);
    const { states, needless } = modelStates(indexes);
    const last = indexes.length - 1;
    const name = `seed ${seed}`;

    const empty = new Map();
    for (let layer = 0; layer <= last; layer++) {
      checkDiff(diffLayer(indexes, layer), modelChanges(states[layer - 1] ?? empty, states[layer]!), name);
    }
    const from = indexes.slice(0, last);
    checkDiff(diffStates(from, indexes), modelChanges(states[last - 1]!, states[last]!), name);
    checkDiff(diffStates(indexes, from), modelChanges(states[last]!, states[last - 1]!), name);
    const other = indexes.slice(1);
    checkDiff(
      diffStates(indexes, other),
      modelChanges(states[last]!, modelStates(other).states.at(-1)!),
      name,
    );

    const tree = openTree(indexes, last, 'merged');
    const shown = [...tree.walk()];
    const all = modelChanges(empty, states[last]!);
    assert.deepEqual(
      shown.map(({ path }) => path),
      all.map(({ path }) => path),
      name,
    );
    for (const { path, totalBytes } of shown)
      assert.equal(totalBytes, modelTotal(states[last]!, path), `${name} ${path}`);
    assert.equal(tree.totalBytes, modelTotal(states[last]!, ''), name);
    assert.deepEqual(wasteOf(indexes).wastedBytes, modelWaste(indexes, states[last]!), name);
    checkNeedless(indexes, needless, name);
  }
});

function checkDiff({ changes, ...sums }: LayerDiff, expected: ModelChange[], name: string): void {
  assert.deepEqual(
    changes.map(({ path, what, before, after }) => ({ path, what, before, after })),
    expected,
    name,
  );
  const added = expected.filter(({ before }) => before === null);
  const removed = expected.filter(({ after }) => after === null);
  const modified = expected.filter(({ before, after }) => before && after);
  const bytes = (of: ModelChange[], side: 'before' | 'after') =>
    of.reduce((sum, change) => sum + change[side]!.bytes, 0);
  assert.deepEqual(
    sums,
    {
      added: added.length,
      modified: modified.length,
      removed: removed.length,
      bytesAdded: bytes(added, 'after'),
      bytesModified: bytes(modified, 'after'),
      bytesRemoved: bytes(removed, 'before'),
    },
    name,
  );
}

function checkNeedless(
  indexes: Awaited<ReturnType<typeof layerIndexes>>,
  expected: string[][],
  name: string,
): void {
  const trie = new PathTrie(indexes);
  const stack = new Stack(trie);
  const pathOf = trie.pathReader();
  indexes.forEach((index, layer) => {
    const told: string[] = [];
    stack.push(index, { needless: (node) => told.push(pathOf(node)) });
    assert.deepEqual(told, expected[layer], name);
  });
  // However it is looked up, a path is at the same node.
  for (let round = 0; round < 50; round++) {
    for (let node = 1; node < trie.count; node++) assert.equal(trie.find(pathOf(node)), node, name);
    assert.equal(trie.find('a/nowhere'), -1);
  }
}
