import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { diffLayer } from '../../../server/src/layers/diff';
import { entryFilter } from '../../../server/src/layers/entryFilter';
import type { ChangeKind } from '../../../server/src/layers/model';
import { passingChanges, positionsOf } from '../../../server/src/layers/pathMatches';
import { sizeOrder } from '../../../server/src/layers/sizeOrder';
import { atOnce } from '../../../server/src/layers/steps';
import { passesFilter } from '../../support/filterOracle';
import { layerIndexes } from '../../support/layerIndexes';
import { seededRandom } from '../../support/random';

const layers = [
  { 'usr/lib/libc.so': 'old', 'usr/lib/x/libm.so.6': 'x', 'doc/README': 'r', 'etc/ÄRGER/a': '1' },
  {
    'usr/lib/libc.so': 'newer',
    'usr/lib/x/.wh.libm.so.6': '',
    'doc/': '',
    'doc/README.lib': 'x'.repeat(2000),
    'lib/ǅ/Straße': 'y',
    'opt/İ/café.SO': 'z',
    'opt/ΟΔΟΣ/σ': 'z',
    'etc/ÄRGER/b': '22',
  },
];

/** The paths of the changes that pass, found in columns, are those that pass one by one. */
async function checkFilter(text: string, kinds: ChangeKind[] = []): Promise<void> {
  const diff = diffLayer(await layerIndexes(layers), 1);
  const filter = entryFilter(text);
  const passes = atOnce(passingChanges(diff.rows, kinds, filter));
  const found = [...atOnce(positionsOf(null, passes, diff.rows.count))].map(
    (at) => diff.rows.reader(false)(at).path,
  );
  const expected = diff.changes.filter(({ path, change, before, after, what }) => {
    const isKind = kinds.length === 0 || kinds.includes(change);
    return isKind && passesFilter(filter, { path, bytes: (after ?? before)!.bytes, what });
  });
  assert.deepEqual(
    found,
    expected.map(({ path }) => path),
    text,
  );
}

describe('changes that pass a filter', () => {
  test('are the same in columns as one by one', async () => {
    const texts = [
      ...['', 'lib', 'LIB', '!lib', 'lib so', 'usr/lib', '/usr', '/', '*.so', '*.so*', 'usr/**/lib*', '**'],
      ...['straße', 'café', 'ärger', 'ǆ', 'σ', 'οδοσ', 'i', '*é*', '?', 'etc/*/b', '!etc/**', '**/x/*'],
      ...['>1k', '<10', '!>1k', 'what:content', 'what:mode', '!what:content lib', 'a*b*c'],
    ];
    for (const text of texts) await checkFilter(text);
    await checkFilter('lib', ['removed']);
    await checkFilter('', ['added', 'modified']);
  });
});

test('sizes come largest first, equal ones in their order', () => {
  const random = seededRandom(7);
  for (const most of [0, 3, 70_000, 2 ** 40]) {
    const values = Float64Array.from({ length: 500 }, () => Math.floor(random() * (most + 1)));
    const expected = [...values.keys()].sort((a, b) => values[b]! - values[a]!);
    assert.deepEqual([...atOnce(sizeOrder(values))], expected, String(most));
  }
  assert.deepEqual([...atOnce(sizeOrder(new Float64Array()))], []);
});
