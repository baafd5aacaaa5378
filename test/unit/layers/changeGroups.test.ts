import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { changeGroups } from '../../../server/src/layers/changeGroups';
import { diffStates } from '../../../server/src/layers/diff';
import { atOnce } from '../../../server/src/layers/steps';
import { layerIndexes } from '../../support/layerIndexes';

/** Groups by the first letter of the path, none for those under `z`; two layers over one. */
async function groupsOf(passes: Uint8Array | null = null) {
  const indexes = await layerIndexes([
    { a1: '1', a2: '22', b1: '333' },
    { a2: '4444', a3: '55555', b2: '6', z1: '7' },
    { '.wh.b1': '', a4: '88' },
  ]);
  const { rows } = diffStates(indexes.slice(0, 1), indexes);
  const pathOf = rows.trie.pathReader();
  const groups = atOnce(
    changeGroups(
      rows,
      (at) => {
        const path = pathOf(rows.node[at]!);
        return path.startsWith('z') ? null : path[0]!;
      },
      passes,
    ),
  );
  return { rows, groups };
}

async function checkGroups(key: string, sort: 'size' | 'path', expected: string[]): Promise<void> {
  const { groups } = await groupsOf();
  const { nodes, total } = groups.children(key, sort);
  assert.equal(total, nodes.length);
  assert.deepEqual(
    nodes.map(({ path, change, totals, bytes }) =>
      totals
        ? `${path} +${totals.added} ~${totals.modified} -${totals.removed} ${bytes}`
        : `${path} ${change?.change} ${bytes}`,
    ),
    expected,
  );
}

describe('changes in groups', () => {
  test('are summed by group, the heaviest or the first first, those of no group last', async () => {
    await checkGroups('', 'size', ['a +2 ~1 -0 11', 'b +1 ~0 -1 4', '/ +1 ~0 -0 1']);
    await checkGroups('', 'path', ['a +2 ~1 -0 11', 'b +1 ~0 -1 4', '/ +1 ~0 -0 1']);
  });

  test('are listed when a group is opened', async () => {
    await checkGroups('a', 'size', ['a3 added 5', 'a2 modified 4', 'a4 added 2']);
    await checkGroups('a', 'path', ['a2 modified 4', 'a3 added 5', 'a4 added 2']);
    await checkGroups('/', 'size', ['z1 added 1']);
    await checkGroups('nothing', 'size', []);
  });

  test('come a page at a time', async () => {
    const { groups } = await groupsOf();
    const paths = (key: string, offset: number, limit: number) =>
      groups.children(key, 'size', offset, limit).nodes.map(({ path }) => path);
    assert.deepEqual(paths('', 1, 1), ['b']);
    assert.deepEqual(paths('a', 1, 5), ['a2', 'a4']);
  });

  test('count what the query means alone', async () => {
    const { rows } = await groupsOf();
    const { groups } = await groupsOf(Uint8Array.from(rows.kind, (kind) => (kind === 2 ? 1 : 0)));
    assert.deepEqual(
      groups.children('', 'size').nodes.map(({ path, bytes }) => `${path} ${bytes}`),
      ['b 3'],
    );
  });

  test('know the layer that holds what shows', async () => {
    const { rows } = await groupsOf();
    const pathOf = rows.trie.pathReader();
    const told = Array.from(rows.kind, (_, at) => `${pathOf(rows.node[at]!)} ${rows.layerAt(at)}`);
    assert.deepEqual(told, ['a2 1', 'a3 1', 'a4 2', 'b1 0', 'b2 1', 'z1 1']);
  });
});
