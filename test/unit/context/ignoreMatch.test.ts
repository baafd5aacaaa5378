import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMatcher } from '../../../server/src/context/ignoreMatch';
import { readBuildahPatterns, readIgnorePatterns } from '../../../server/src/context/ignorePatterns';
import { compileExpression, compileSearch } from '../../../server/src/context/patternSearch';
import { patternForm } from '../../../server/src/context/patternSyntax';

/** Each row: the lines of an ignore file parted by blanks, paths that it takes out, paths that it leaves. */
function checkMatches(rows: [lines: string, out: string, left: string][]): void {
  for (const [lines, out, left] of rows) {
    const matcher = createMatcher(readIgnorePatterns(lines.replaceAll(' ', '\n')).patterns);
    const matched = (path: string) => matcher.matches(path);
    assert.deepEqual(
      out.split(' ').filter((path) => path !== '' && !matched(path)),
      [],
      `${lines} takes out`,
    );
    assert.deepEqual(
      left.split(' ').filter((path) => path !== '' && matched(path)),
      [],
      `${lines} leaves`,
    );
    assert.equal(matcher.problem, null);
  }
}

function checkRefused(text: string, problem: RegExp): void {
  const read = readIgnorePatterns(text);
  const matcher = createMatcher(read.patterns);
  for (const path of ['a', 'a/b', '1']) matcher.matches(path);
  assert.match(read.problem ?? matcher.problem ?? '', problem);
}

describe('the lines of an ignore file', () => {
  const checkLines = (text: string, ...patterns: string[]) =>
    assert.deepEqual(readIgnorePatterns(text), { patterns, problem: null });

  test('are trimmed, cleaned and freed of one slash in front', () => {
    checkLines('  a  \r\n/b/\n./c//d/../e\n\n//f\n', 'a', 'b', 'c/e', 'f');
  });
  test('keep their ! through that', () => {
    checkLines('! a/ \n!/b\n!!c\n!./\n', '!a', '!b', '!!c', '!.');
  });
  test('are comments when # is their very first character', () => {
    checkLines('#a\n #b\n\\#c\n', '#b', '\\#c');
  });
  test('lose one byte order mark', () => {
    checkLines('\ufeff#a\n\ufeffb\n', '\ufeffb');
  });
  test('lose blanks of Unicode as Go knows them', () => {
    checkLines('\u0085a\u00a0\n\ufeff b\n', 'a', '\ufeff b');
  });
});

describe('patterns match', () => {
  test('from the root, with what lies below', () => {
    checkMatches([
      ['a', 'a a/b a/b/c', 'b b/a ab A'],
      ['a/b', 'a/b a/b/c', 'a a/c b'],
      ['*.log', 'x.log .log x.log/a', 'a/x.log xlog'],
      ['a?c', 'abc a.c', 'ac abbc a/c'],
    ]);
  });
  test('across folders with two stars', () => {
    checkMatches([
      ['**', 'a a/b', ''],
      ['**/a', 'a b/a b/c/a b/a/c', 'ab b/ab'],
      ['a/**', 'a/b a/b/c', 'a ab'],
      ['a/**/b', 'a/b a/x/b a/x/y/b', 'ab a/xb'],
      ['**a', 'a ba x/ba', 'ab'],
      ['a**', 'a ab a/b', 'b'],
      ['**/*.log', 'x.log a/x.log', 'a/xlog'],
    ]);
  });
  test('with classes and escapes as the expression that they become', () => {
    checkMatches([
      ['[a-c]', 'a c', 'd'],
      ['[^a]', 'b', 'a'],
      ['[!a]', '! a', 'b'],
      ['\\*', '*', 'a'],
      ['\\d', '7', 'd'],
      ['[[:alpha:]]', 'a', '1 :'],
      ['a.b', 'a.b', 'axb'],
      ['(a)', '(a)', 'a'],
    ]);
  });
  test('with what patternmatcher forgets to escape once a wildcard is there', () => {
    checkMatches([
      ['a|b', 'a|b', 'a b'],
      ['a*|b', 'ax axe xb b', 'xa'],
      ['a{2}*', 'aab', 'a{2} ab'],
      ['*.{js,ts}', 'x.{js,ts}', 'x.js'],
    ]);
  });
  test('so that the last line that fits decides', () => {
    checkMatches([
      ['* !a', 'b', 'a a/b'],
      ['a !a/b', 'a a/c', 'a/b a/b/c'],
      ['a !a/b a/b/c', 'a/c a/b/c', 'a/b a/b/d'],
      ['!a a', 'a', ''],
      ['**/*.md !README.md', 'a.md a/README.md', 'README.md'],
    ]);
  });
});

describe('patterns are refused', () => {
  test('before a walk', () => {
    checkRefused('!\n', /! and no pattern/);
    checkRefused('!/\n', /! and no pattern/);
    for (const bad of ['[', 'a[', '[]a]', '[a-]', '[-a]', '\\']) checkRefused(`${bad}\n`, /syntax error/);
  });
  test('when they are met', () => {
    for (const bad of ['a*[', '[z-a]', '\\1', '[[:foo:]]', '*{2}', 'a{2}{3}*'])
      checkRefused(`${bad}\n`, /syntax error/);
  });
  test('for a line of more than 64 KiB', () => {
    checkRefused(`${'a'.repeat(65_536)}\n`, /64 KiB/);
    assert.equal(readIgnorePatterns('a'.repeat(65_535)).problem, null);
  });
  test('not when nothing asks them', () => {
    const matcher = createMatcher(['![z-a]']);
    assert.equal(matcher.matches('a'), false);
    assert.equal(matcher.problem, null);
  });
});

test('a walk may list what opening refuses, when a pattern repeats behind an exception', () => {
  const matcher = createMatcher(['a', '!a/b/c', 'a/b']);
  const b = matcher.enter('a/b', matcher.enter('a', matcher.top).below);
  assert.equal(matcher.matches('a/b/c', b.below), false);
  assert.equal(matcher.matches('a/b/c'), true);
  assert.equal(matcher.mayRefuseListed, true);
  assert.equal(createMatcher(['a', '!a/b/c']).mayRefuseListed, false);
});

test('a folder is entered for an exception below it, and for any exception with a wildcard', () => {
  const literal = createMatcher(['*', '!a/b/*']);
  assert.deepEqual(['a', 'a/b', 'c', 'a/c'].map(literal.mayHoldException), [true, true, false, false]);
  const wild = createMatcher(['*', '!**/*.md']);
  assert.equal(wild.mayHoldException('c'), true);
  assert.equal(createMatcher(['*']).mayHoldException('a'), false);
});

test('buildah reads lines and patterns in its own way', () => {
  assert.deepEqual(readBuildahPatterns('/a/\n#b\n!/c\n! d\n\n #e\n'), ['a', '!c', '! d', ' #e']);
  const matcher = createMatcher(['.env/.env', '!.env', 'a|b', 'x+'], { buildah: true });
  const paths = ['.env/.env', 'a', 'ab', 'b', 'xx', 'c'];
  assert.deepEqual(
    paths.map((path) => matcher.matches(path)),
    [false, true, true, true, true, false],
  );
  const grouped = createMatcher(['(a)'], { buildah: true });
  assert.equal(grouped.matches('(a)'), false);
  assert.deepEqual([grouped.isUnfollowed, createMatcher(['[']).isUnfollowed], [true, false]);
});

test('on Windows a backslash parts names and escapes nothing', () => {
  const matcher = createMatcher(['a\\b', 'c\\*.txt'], { windows: true });
  assert.deepEqual(
    ['a/b', 'c/x.txt', 'c'].map((path) => matcher.matches(path)),
    [true, true, false],
  );
});

test('the two ways to search agree, and the second ends in time on what is made to hurt', () => {
  for (const pattern of ['*a*', '**/a?b', 'a{1,3}*', '[^a]\\b*', '\\Qa*', '*|b', '\\w*a']) {
    const form = patternForm(pattern, true);
    assert.ok(form.kind === 'expression' && form.alternatives, pattern);
    for (const path of ['', 'a', 'aa', 'ba', 'x/aab', 'b', 'a*', 'é', '😀a']) {
      assert.equal(
        compileSearch(form.alternatives)(path),
        compileExpression(form.alternatives)(path),
        `${pattern} ${path}`,
      );
    }
  }
  const matcher = createMatcher([`${'*a'.repeat(60)}b`]);
  assert.equal(matcher.matches('a'.repeat(250)), false);
  assert.equal(matcher.matches(`${'a'.repeat(250)}b`), true);
  const endless = createMatcher(['x{1000}'.repeat(600).concat('*')]);
  assert.equal(endless.matches('x'.repeat(4000)), false);
  assert.match(endless.problem ?? '', /too long or too odd to be followed/);
});
