// MissingLineContinuation: lines that plainly go on with the RUN above, and none that could be anything else.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { runRules } from '../../../server/src/rules/rule';
import { applyFix, checkFix, contextOf, drawFindings, drawProblems } from '../../support/dockerfileMarkers';

const article = path.join(
  process.env.STRATA_ROOT ?? process.cwd(),
  'test/fixtures/dockerfiles/article.Dockerfile',
);
const oneLine = 'Add the missing \\ to the line above';

function brokenLines(text: string): number[] {
  return runRules(contextOf(text))
    .filter(({ rule }) => rule === 'MissingLineContinuation')
    .map(({ line }) => line);
}

describe("the article's Dockerfile, as printed", () => {
  const text = readFileSync(article, 'utf8');
  test('gets one clear finding for each broken line', () => {
    const message = 'MissingLineContinuation: this line continues the RUN above; a \\ is missing';
    assert.deepEqual(
      drawFindings(text),
      [4, 5, 10, 11, 12, 13].map((line) => `${line} ${message}`),
    );
  });
  test('each finding explains the problem of its line, so that nothing is said twice', () => {
    const { dockerfile } = contextOf(text);
    const explained = new Set(runRules(contextOf(text)).flatMap(({ explains }) => explains ?? []));
    assert.equal(dockerfile.problems.length, 6);
    assert.deepEqual(
      dockerfile.problems.filter(({ line }) => line === null || !explained.has(line)),
      [],
    );
  });
  test('one fix mends each block, and then the file is what the author meant', () => {
    const first = runRules(contextOf(text))[0]!;
    assert.equal(first.severity, 'error');
    assert.deepEqual(
      first.fixes.map(({ title, effect, isPreferred }) => [title, effect, isPreferred]),
      [
        ['Add the missing \\ to 2 lines', 'review', true],
        [oneLine, 'review', false],
      ],
    );
    const once = applyFix(text, first.fixes[0]!);
    const second = runRules(contextOf(once)).find(({ severity }) => severity === 'error')!;
    assert.equal(second.fixes[0]!.title, 'Add the missing \\ to 4 lines');
    const mended = parseDockerfile(applyFix(once, second.fixes[0]!));
    assert.deepEqual(mended.problems, []);
    assert.deepEqual(
      mended.instructions.map(({ keyword }) => keyword),
      ['FROM', 'RUN', 'ADD', 'RUN', 'EXPOSE', 'USER', 'CMD'],
    );
    assert.deepEqual(drawFindings(mended.text), []);
  });
});

describe('broken lines', () => {
  test('start with an operator', () => {
    for (const operator of ['&&', '||', '|', ';']) {
      assert.deepEqual(brokenLines(`FROM a\nRUN b\n${operator} c`), [3], operator);
    }
    assert.deepEqual(brokenLines('FROM a\nRUN b\n&&c\n\n# d\n&& e'), [3, 6]);
  });
  test('or stand indented right below the RUN', () => {
    assert.deepEqual(brokenLines('FROM a\nRUN b \\\n    c\n    d\n    e'), [4, 5]);
  });
  test('can be continued themselves', () => {
    checkFix(
      'FROM a\nRUN b\n  <|>&& c \\\n  && d\n  && e\n',
      'Add the missing \\ to 2 lines',
      'FROM a\nRUN b \\\n  && c \\\n  && d \\\n  && e\n',
    );
  });
  test('are no lines of another instruction, nor of an exec form or a heredoc', () => {
    assert.deepEqual(brokenLines('FROM a\nENV B=1\n  C=2'), []);
    assert.deepEqual(brokenLines('FROM a\nRUN ["b"]\n&& c'), []);
    assert.deepEqual(brokenLines('FROM a\nRUN <<E\nb\nE\n&& c'), []);
    assert.deepEqual(brokenLines('FROM a\nRUN\n&& c'), []);
  });
  test('end where a known instruction stands, whatever its indentation', () => {
    assert.deepEqual(brokenLines('FROM a\nRUN b\n  && c\n  USER d\n  && e'), [3]);
  });
  test('are not guessed: text that is not indented, after a blank line, or near a keyword', () => {
    assert.deepEqual(brokenLines('FROM a\nRUN b\nfoo c'), []);
    assert.deepEqual(brokenLines('FROM a\n  RUN b\n  foo c'), []);
    assert.deepEqual(brokenLines('FROM a\nRUN b\n\n  foo c'), []);
    assert.deepEqual(brokenLines('FROM a\nRUN b\n  COPYY c d'), []);
    assert.deepEqual(brokenLines('FROM a\nRUN b\nfoo c\n  && d'), []);
  });
});

describe('the fix', () => {
  test("of all lines is the first line's alone where they are very many", () => {
    const fixes = (broken: number) =>
      runRules(contextOf(`FROM a\nRUN b\n${'&& c\n'.repeat(broken)}`)).map((finding) => finding.fixes.length);
    assert.deepEqual(fixes(16), Array(16).fill(2));
    assert.deepEqual(fixes(17), [2, ...Array(16).fill(1)]);
  });
  test('of one line mends that line alone', () => {
    checkFix('FROM a\nRUN b\n<|>  && c\n', oneLine, 'FROM a\nRUN b \\\n  && c\n');
    checkFix('FROM a\nRUN b\n&& c\n<|>&& d\n', oneLine, 'FROM a\nRUN b\n&& c \\\n&& d\n');
  });
  test('adds no second blank, keeps CRLF and uses the escape character of the file', () => {
    checkFix('FROM a\r\nRUN b \r\n<|>&& c\r\n', oneLine, 'FROM a\r\nRUN b \\\r\n&& c\r\n');
    checkFix(
      '# escape=`\nFROM a\nRUN b\n<|>&& c',
      'Add the missing ` to the line above',
      '# escape=`\nFROM a\nRUN b `\n&& c',
    );
  });
  test('takes a line that ends in two backslashes, which is no continuation', () => {
    checkFix('FROM a\nRUN b \\\\\n<|>&& c', oneLine, 'FROM a\nRUN b \\\\ \\\n&& c');
  });
  test('is not offered where a comment would swallow the line', () => {
    const [finding] = runRules(contextOf('FROM a\nRUN b # why\n&& c'));
    assert.deepEqual([finding!.line, finding!.fixes], [3, []]);
    checkFix(`FROM a\nRUN echo '# b'\n<|>&& c`, oneLine, `FROM a\nRUN echo '# b' \\\n&& c`);
  });
  test('leaves no problem behind', () => {
    const text = 'FROM a\nRUN b\n  && c\n\n  && d\n# e\n  && f\n';
    const fixed = applyFix(text, runRules(contextOf(text))[0]!.fixes[0]!);
    assert.deepEqual(drawProblems(fixed), []);
    assert.equal(parseDockerfile(fixed).instructions.length, 2);
  });
});
