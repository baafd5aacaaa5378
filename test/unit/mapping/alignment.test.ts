import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { alignFromEnd } from '../../../server/src/mapping/alignment';

/**
 * Letters are texts: a small one is sure, `?` among the expected fits anything, `!` fits nothing. The result names for
 * each expected one the place of its partner, `-` for none.
 */
function checkAlignment(
  expected: string,
  found: string,
  result: string,
  options: { fromStart?: boolean; extra?: number } = {},
) {
  const { pairs, isWhole, why } = alignFromEnd({
    expected: expected.length,
    found: found.length,
    compare: (i, j) => (expected[i] === '?' ? 'maybe' : expected[i] === found[j] ? 'yes' : 'no'),
    fromStart: options.fromStart ?? false,
    extra: options.extra ?? 0,
  });
  assert.equal(`${isWhole ? 'whole' : 'parts'} ${pairs.map((at) => at ?? '-').join('')}`, result);
  assert.equal(why === null, isWhole);
}

describe('alignFromEnd', () => {
  test('takes the newest entries when all of them fit', () => {
    checkAlignment('abc', 'xyabc', 'whole 234');
    checkAlignment('aaa', 'xaaaa', 'whole 234');
    checkAlignment('a?c', 'xabc', 'whole 123');
    checkAlignment('', 'xy', 'whole ');
  });

  test('pairs only what has one place when something is missing or more', () => {
    checkAlignment('abd', 'xabcd', 'parts 124');
    checkAlignment('abcd', 'xabd', 'parts 12-3');
    // Which of the two was it?
    checkAlignment('ab', 'xabb', 'parts 1-');
    checkAlignment('abbc', 'xabc', 'parts 1--3');
    checkAlignment('ab', 'ba', 'parts --');
  });

  test('does not take a guess for a proof where lines are missing', () => {
    checkAlignment('a?c', 'xabbc', 'parts 1-4');
    checkAlignment('?!', 'xab', 'parts --');
  });

  test('leaves nothing below the first line of scratch', () => {
    checkAlignment('abc', 'abc', 'whole 012', { fromStart: true });
    checkAlignment('bc', 'abc', 'parts 12', { fromStart: true });
  });

  test('may leave entries over at the end, in one way only', () => {
    checkAlignment('ab', 'xabl', 'whole 12', { extra: 1 });
    checkAlignment('aa', 'xaaa', 'parts --', { extra: 1 });
  });
});
