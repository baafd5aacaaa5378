// Go's filepath.Match, case by case as its own tests have them (path/filepath/match_test.go).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasWildcard, matchPath } from '../../../server/src/context/filepathMatch';

const cases: [pattern: string, name: string, expected: boolean | null][] = [
  ['abc', 'abc', true],
  ['*', 'abc', true],
  ['*c', 'abc', true],
  ['a*', 'a', true],
  ['a*', 'ab/c', false],
  ['a*/b', 'abc/b', true],
  ['a*/b', 'a/c/b', false],
  ['a*b*c*d*e*/f', 'axbxcxdxe/f', true],
  ['a*b*c*d*e*/f', 'axbxcxdxexxx/f', true],
  ['a*b*c*d*e*/f', 'axbxcxdxe/xxx/f', false],
  ['a*b?c*x', 'abxbbxdbxebxczzx', true],
  ['a*b?c*x', 'abxbbxdbxebxczzy', false],
  ['ab[c]', 'abc', true],
  ['ab[b-d]', 'abc', true],
  ['ab[e-g]', 'abc', false],
  ['ab[^c]', 'abc', false],
  ['ab[^e-g]', 'abc', true],
  ['a\\*b', 'a*b', true],
  ['a\\*b', 'ab', false],
  ['a?b', 'a☺b', true],
  ['a[^a]b', 'a☺b', true],
  ['a???b', 'a☺b', false],
  ['[a-ζ]*', 'α', true],
  ['*[a-ζ]', 'A', false],
  ['a?b', 'a/b', false],
  ['a*b', 'a/b', false],
  ['a[^b]b', 'a/b', true],
  ['[\\]a]', ']', true],
  ['[\\-]', '-', true],
  ['[x\\-]', 'x', true],
  ['[]a]', ']', null],
  ['[-]', '-', null],
  ['[x-]', 'x', null],
  ['[-x]', 'x', null],
  ['\\', 'a', null],
  ['[a-b-c]', 'a', null],
  ['[', 'a', null],
  ['[^', 'a', null],
  ['[^bc', 'a', null],
  ['a[', 'a', null],
  ['a[', 'ab', null],
  ['*x', 'xxx', true],
  ['**', 'a/b', false],
  ['', '', true],
  ['', 'a', false],
];

for (const [pattern, name, expected] of cases) {
  test(`${pattern} against ${name}`, () => assert.equal(matchPath(pattern, name), expected));
}

test('a wildcard behind a backslash is none', () => {
  assert.deepEqual(['a*', '?', '[a]', 'a\\*', 'a\\\\*', 'ab'].map(hasWildcard), [
    true,
    true,
    true,
    false,
    true,
    false,
  ]);
});

test('many stars cost no more than the length of the name times that of the pattern', () => {
  assert.equal(matchPath(`${'*a'.repeat(2000)}b`, 'a'.repeat(10_000)), false);
});
