import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { matchSequences } from '../../../server/src/mapping/sequenceMatch';
import { seededBelow } from '../../support/random';

/** Length of the longest common subsequence, the slow and plain way. */
function longest(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      table[i]![j] = same ? table[i - 1]![j - 1]! + 1 : Math.max(table[i - 1]![j]!, table[i]![j - 1]!);
    }
  }
  return table[a.length]![b.length]!;
}

/** Pairs are equal elements in increasing order; returns how many there are. */
function checkPairs(before: string[], after: string[]): number {
  let last = -1;
  let pairs = 0;
  matchSequences(before, after).forEach((from, at) => {
    if (from < 0) return;
    assert.equal(before[from], after[at]);
    assert.ok(from > last);
    last = from;
    pairs++;
  });
  return pairs;
}

describe('matchSequences', () => {
  test('finds a longest common subsequence in short lists', () => {
    for (let seed = 1; seed <= 2_000; seed++) {
      const random = seededBelow(seed);
      const word = () => Array.from({ length: random(12) }, () => 'abc'[random(3)]!).join('');
      const [a, b] = [word(), word()];
      assert.equal(checkPairs([...a], [...b]), longest(a, b), `${a} ${b}`);
    }
  });

  test('takes the first of equal elements when one was removed', () => {
    assert.deepEqual([...matchSequences(['x', 'x', 'x'], ['x', 'x'])], [0, 1]);
  });

  test('stays in order on long lists that have much in common', () => {
    const long = Array.from({ length: 20_000 }, (_, i) => (i % 3 === 0 ? 'same' : `line ${i}`));
    const edited = [...long.slice(100, 9_000), 'new', ...long.slice(15_000), ...long.slice(9_000, 12_000)];
    const pairs = checkPairs(long, edited);
    assert.ok(pairs > 12_000, String(pairs));
  });

  test('pairs nothing in a long stretch without a unique element', () => {
    const list = (n: number, first: string) => [
      first,
      ...Array.from({ length: n }, (_, i) => 'ab'[i % 2]!),
      first,
    ];
    assert.equal(checkPairs(list(2_000, 'x'), list(1_001, 'y')), 0);
  });
});
