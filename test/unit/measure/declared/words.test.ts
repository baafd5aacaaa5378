// The words of others' command lines and variables: what they mean, and that no text brings an exception.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readWords } from '../../../../server/src/measure/declared/buildWords';
import { commandWords } from '../../../../server/src/measure/declared/commandWords';
import { interpolate } from '../../../../server/src/measure/declared/interpolate';
import { seededRandom } from '../../../support/random';

const lookup = (name: string) => ({ A: 'a', SPACE: 'x y' })[name];

test('a plain command is its words; more than that is none', () => {
  const lines: [string, string[] | null][] = [
    ['docker build .', ['docker', 'build', '.']],
    [`a 'b c' "d \\"e" f\\ g ''`, ['a', 'b c', 'd "e', 'f g', '']],
    ['x=$A y="${SPACE}" \'$A\'', ['x=a', 'y=x y', '$A']],
    ['', []],
    ['a && b', null],
    ['a | b', null],
    ['a > b', null],
    ['a $(b)', null],
    ['a `b`', null],
    ['a; b', null],
    ['a "b', null],
    ['a\nb', null],
  ];
  for (const [line, words] of lines) assert.deepEqual(commandWords(line, lookup), words, line);
});

test('flags with values in the same word and in the next, what is ours left out', () => {
  const line =
    '-f D --target=t --platform linux/a,linux/b --build-arg K --build-arg L=1=2 -t x --tag=y --push -q --output type=local ' +
    '--secret id=s,source=k/s --ssh default=k/a --cache-from=type=local,src=c --cache-to c/d --build-context l=lib ' +
    '--ulimit nofile=1 --squash ctx';
  assert.deepEqual(readWords(line.split(' '), '/w'), {
    dockerfile: 'D',
    context: 'ctx',
    target: 't',
    platforms: ['linux/a', 'linux/b'],
    buildArgs: [
      ['K', null],
      ['L', '1=2'],
    ],
    extras: {
      secrets: [{ id: 's', src: '/w/k/s', env: null }],
      ssh: ['default=/w/k/a'],
      namedContexts: { l: '/w/lib' },
      cacheFrom: ['type=local,src=/w/c'],
      cacheTo: ['c/d'],
      extraArguments: ['--ulimit', 'nofile=1', '--squash'],
    },
    problems: [],
  });
  assert.deepEqual(readWords(['a', 'b'], '/w').problems, ["'b' is one context too many."]);
});

test('no text brings an exception, and none grows without end', () => {
  const parts = [
    '$',
    '{',
    '}',
    '$A',
    '${A',
    ':-',
    ':?',
    ':+',
    '"',
    "'",
    '\\',
    ' ',
    '=',
    ',',
    '--secret',
    '--ssh',
    'id=',
    '\0',
    '$$',
    '-',
    '\u{1f600}',
    '__proto__=',
  ];
  const random = seededRandom(7);
  const next = (most: number) => Math.floor(random() * most);
  for (let round = 0; round < 3_000; round++) {
    const text = Array.from({ length: next(20) }, () => parts[next(parts.length)]).join('');
    assert.ok(interpolate(text, lookup, () => {}).length <= 4 * text.length + 8, text);
    const words = commandWords(text, lookup);
    readWords(words ?? text.split(' '), '/w');
  }
  assert.ok(interpolate('${'.repeat(8_000), lookup, () => {}).length <= 16_000);
});
