// Running rules: ignore comments, rules that are off, and the promises that every rule keeps.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { allRules } from '../../../server/src/rules/all';
import { runRules } from '../../../server/src/rules/rule';
import { checkFix, contextOf, drawFindings, readMarked } from '../../support/dockerfileMarkers';

const broken = 'MissingLineContinuation: this line continues the RUN above; a \\ is missing';
const merge = (line: number) => `MergeConsecutiveRuns: this RUN and the one of line ${line} can be one layer`;

describe('ignore comments', () => {
  test('take out the findings of the instruction below', () => {
    const text = 'FROM a\nRUN b\n# strata: ignore=MissingLineContinuation\n&& c\n&& d';
    assert.deepEqual(drawFindings(text), [`5 ${broken}`]);
  });
  test('may stand anywhere in the comments right above, with several names and blanks', () => {
    const comment = '  #strata:ignore = MergeConsecutiveRuns , MissingLineContinuation';
    assert.deepEqual(drawFindings(`FROM a\nRUN b\n${comment}\n# more\n&& c`), []);
  });
  test('name the rules that they take out, no others', () => {
    assert.deepEqual(drawFindings('FROM a\nRUN b\n# strata: ignore=MergeConsecutiveRuns\n&& c'), [
      `4 ${broken}`,
    ]);
  });
  test('do not reach over a blank line', () => {
    const text = 'FROM a\nRUN b\n# strata: ignore=MissingLineContinuation\n\n&& c';
    assert.deepEqual(drawFindings(text), [`5 ${broken}`]);
  });
  test('are comments of the file, not of a continuation or a heredoc', () => {
    const inside = 'FROM a\nRUN b \\\n# strata: ignore=MissingLineContinuation\n  c\n&& d';
    assert.deepEqual(drawFindings(inside), [`5 ${broken}`]);
    assert.deepEqual(drawFindings('FROM a\nRUN <<E\n# strata: ignore=Nothing\nE\nRUN b'), []);
  });
  test('above a RUN keep it from being merged, as any comment does', () => {
    const text = 'FROM a\nRUN b\nRUN c\n# strata: ignore=MergeConsecutiveRuns\nRUN d\nRUN e';
    assert.deepEqual(drawFindings(text), [`3 ${merge(2)}`, `6 ${merge(5)}`]);
  });
  test('with a name that is no rule are a hint, with the name that was meant as its fix', () => {
    const text = 'FROM a\n# strata: ignore=Nonsense,mergeconsecutiveruns\nRUN b';
    assert.deepEqual(drawFindings(text), [
      '2 IgnoreComment: Nonsense is no rule of Strata',
      '2 IgnoreComment: mergeconsecutiveruns is no rule of Strata; did you mean MergeConsecutiveRuns?',
    ]);
    const [first, second] = runRules(contextOf(text));
    assert.equal(text.slice(first!.start, first!.end), 'Nonsense');
    assert.equal(second!.fixes[0]!.title, 'Change to MergeConsecutiveRuns');
    assert.equal(text.slice(second!.start, second!.end), 'mergeconsecutiveruns');
  });
});

test('a rule that is off finds nothing, and its name may still be ignored', () => {
  const context = contextOf('FROM a\n# strata: ignore=MergeConsecutiveRuns\nRUN b\nRUN c');
  assert.deepEqual(runRules({ ...context, off: new Set(['MergeConsecutiveRuns']) }), []);
});

test('findings come in the order of the text', () => {
  assert.deepEqual(drawFindings('FROM a\nRUN b\n&& c\nFROM e\nRUN f\nRUN g'), [
    `3 ${broken}`,
    `6 ${merge(5)}`,
  ]);
});

test('rules have different names, in the form of a diagnostic code, and say what they find', () => {
  const names = allRules.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { name, summary } of allRules) {
    assert.match(name, /^[A-Z][A-Za-z]+$/);
    assert.match(summary, /^[A-Z].*\.$/);
  }
});

test('marked texts read as they are drawn', () => {
  assert.deepEqual(readMarked('\nFROM a\n#= base\nRUN<|> b'), {
    text: 'FROM a\nRUN b',
    cursor: 10,
    labels: new Map([[1, 'base']]),
  });
  checkFix('FROM a\nRUN b\n<|>RUN c', 'Merge with the RUN above', '\nFROM a\nRUN b \\\n    && c');
});
