// All fixes of a text: which is taken of several, what happens where two overlap, and that it always ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyze } from '../../../server/src/analysis/analyze';
import { fixAll } from '../../../server/src/analysis/fixAll';
import type { Analysis, FindingView, FixView } from '../../../server/src/analysis/model';

const all = { rules: null, review: false };

function finding(rule: string, start: number, fixes: Partial<FixView>[]): FindingView {
  const whole = fixes.map((fix) => ({
    title: rule,
    effect: 'same-result' as const,
    edits: [],
    isPreferred: false,
    ...fix,
  }));
  return {
    rule,
    severity: 'hint',
    line: 1,
    endLine: 1,
    start,
    end: start,
    message: '',
    bytes: null,
    fixes: whole,
  };
}

/** An analysis that finds what `find` tells. */
function finds(find: (text: string) => FindingView[]): (text: string) => Analysis {
  return (text) => ({ ...analyze(''), findings: find(text) });
}

/** A finding on each occurrence of a word, whose fix puts another in its place. */
function replaces(from: string, to: string): (text: string) => FindingView[] {
  return (text) =>
    [...text.matchAll(new RegExp(from, 'g'))].map(({ index }) =>
      finding(`${from}to${to}`, index, [{ edits: [{ start: index, end: index + from.length, text: to }] }]),
    );
}

test('three RUNs become one, and what cannot be merged stays as it is', () => {
  const text = 'FROM a\nRUN one\nRUN two\nRUN three\nCOPY x /\nRUN four\n';
  const fixed = fixAll(text, all, (now) => analyze(now));
  assert.equal(fixed.settled, true);
  assert.deepEqual(
    analyze(fixed.text).stages[0]!.instructions.map(({ keyword }) => keyword),
    ['FROM', 'RUN', 'COPY', 'RUN'],
  );
  assert.ok(fixed.applied.every(({ rule }) => rule === 'MergeConsecutiveRuns'));
});

test('a text without findings is the same text', () => {
  for (const text of ['', '\uFEFFFROM a\r\nCMD b', 'FROM a\nRUN x']) {
    assert.deepEqual(
      fixAll(text, all, (now) => analyze(now)),
      { text, applied: [], settled: true },
    );
  }
});

test('several fixes apply at once; of two that overlap the first wins and the rest is looked at anew', () => {
  assert.equal(fixAll('a b a', all, finds(replaces('a', 'x'))).text, 'x b x');
  const both = finds((text) => [...replaces('ab', 'c')(text), ...replaces('bd', 'e')(text)]);
  assert.equal(fixAll('abd-bd', all, both).text, 'cd-e');
});

test('insertions at one place are not mixed', () => {
  const insert = (rule: string, word: string) => (text: string) =>
    text.includes(word) ? [] : [finding(rule, 0, [{ edits: [{ start: 0, end: 0, text: word }] }])];
  const two = finds((text) => [...insert('A', 'one ')(text), ...insert('B', 'two ')(text)]);
  const fixed = fixAll('', all, two);
  assert.equal(fixed.text, 'two one ');
  assert.deepEqual(
    fixed.applied.map(({ rule }) => rule),
    ['A', 'B'],
  );
});

test('the preferred fix is taken, else the first; those to be reviewed only when asked for', () => {
  const fixes: Partial<FixView>[] = [
    { effect: 'review', edits: [{ start: 0, end: 1, text: 'review' }], isPreferred: true },
    { edits: [{ start: 0, end: 1, text: 'plain' }] },
    { edits: [{ start: 0, end: 1, text: 'preferred' }], isPreferred: true },
  ];
  const once = (some: Partial<FixView>[]) => finds((text) => (text === 'x' ? [finding('A', 0, some)] : []));
  assert.equal(fixAll('x', all, once(fixes)).text, 'preferred');
  assert.equal(fixAll('x', all, once(fixes.slice(0, 2))).text, 'plain');
  assert.equal(fixAll('x', all, once(fixes.slice(0, 1))).text, 'x');
  assert.equal(fixAll('x', { rules: null, review: true }, once(fixes)).text, 'review');
});

test('only the named rules apply', () => {
  const both = finds((text) => [...replaces('a', 'x')(text), ...replaces('b', 'y')(text)]);
  assert.equal(fixAll('a b', { rules: new Set(['btoy']), review: false }, both).text, 'a y');
});

test('rules that undo each other, or never have enough, come to an end', () => {
  const swing = finds((text) => (text === 'a' ? replaces('a', 'b')(text) : replaces('b', 'a')(text)));
  assert.deepEqual(fixAll('a', all, swing).settled, false);
  const grow = finds((text) => [
    finding('Grow', 0, [{ edits: [{ start: 0, end: 0, text: `${text.length}` }] }]),
  ]);
  assert.equal(fixAll('', all, grow).settled, false);
});
