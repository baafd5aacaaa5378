// What a merge of RUN steps saves: measured, or not said.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MeasuredImage } from '../../../server/src/image/model';
import { runRules } from '../../../server/src/rules/rule';
import { contextOf } from '../../support/dockerfileMarkers';

describe('what a merge saves', () => {
  const file = { path: '/x', how: 'deleted' as const };
  const image = {
    waste: [
      { ...file, bytes: 41_200_000, writtenBy: 1, hiddenBy: 3 },
      { ...file, bytes: 999, writtenBy: 0, hiddenBy: 2 },
    ],
  } as MeasuredImage;
  const context = {
    ...contextOf('FROM a\nRUN b\nRUN c\nRUN d'),
    image,
    layersOf: (index: number) => [index],
  };
  test('is what one of its layers wrote and a later one of them hid', () => {
    const found = runRules(context).filter(({ rule }) => rule === 'MergeConsecutiveRuns');
    assert.deepEqual(
      found.map(({ severity, bytes, fixes }) =>
        [severity, bytes, ...fixes.map(({ title }) => title)].join(' | '),
      ),
      ['info | 41200000 | Merge 3 RUN steps: saves 41.2 MB, one cache step instead of 3'],
    );
  });
  test('is worth an information from a megabyte on, and unknown where a step has no layer', () => {
    const two = { ...contextOf('FROM a\nRUN b\nRUN c'), image, layersOf: (index: number) => [2 * index - 1] };
    const [finding] = runRules(two);
    assert.deepEqual(
      [finding!.severity, finding!.bytes, finding!.fixes[0]!.saves],
      ['info', 41_200_000, 41_200_000],
    );
    assert.equal(finding!.message, 'this RUN and the one of line 2 can be one layer, which saves 41.2 MB');
    const [unknown] = runRules({ ...two, layersOf: (index: number) => (index === 1 ? [1] : []) });
    assert.deepEqual([unknown!.severity, unknown!.bytes], ['hint', null]);
  });
});
