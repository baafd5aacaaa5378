// One word expanded, with every modifier that BuildKit knows. Values were checked against BuildKit 0.34's own lexer.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { expandWord } from '../../../server/src/dockerfile/variables';

const values: Record<string, string> = { x: 'abcabc.txt', y: 'aa*b?c', e: '', p: '/usr/local/bin' };
const lookup = (name: string) => (Object.hasOwn(values, name) ? values[name] : undefined);

function checkExpand(text: string, expected: string, missing: string[] = []): void {
  const { value, missing: holes, error } = expandWord(text, lookup, '\\');
  assert.deepEqual({ value, holes, error }, { value: expected, holes: missing, error: null }, text);
}

function checkError(text: string, expected: string): void {
  const { value, error } = expandWord(text, lookup, '\\');
  assert.deepEqual({ value, error }, { value: text, error: expected });
}

describe('plain variables', () => {
  test('with and without braces, within words and next to each other', () => {
    checkExpand('$x', 'abcabc.txt');
    checkExpand('a${x}b', 'aabcabc.txtb');
    checkExpand('$e$x', 'abcabc.txt');
    checkExpand('$x-$x', 'abcabc.txt-abcabc.txt');
  });
  test('one without a value leaves a hole and is named', () => {
    checkExpand('a$u', 'a', ['u']);
    checkExpand('${u}${v}${u}', '', ['u', 'v']);
  });
  test('a name takes letters, digits and underscores; a number stands alone', () => {
    checkExpand('$x_', '', ['x_']);
    checkExpand('$1x', 'x', ['1']);
    checkExpand('$é', '', ['é']);
  });
  test('a $ before anything else is a $', () => {
    checkExpand('$', '$');
    checkExpand('a$ b', 'a$ b');
    checkExpand('$.', '$.');
    checkExpand('$(x)', '$(x)');
  });
});

describe('quotes and escapes', () => {
  test('single quotes hold variables back, double quotes do not', () => {
    checkExpand("'$x'", '$x');
    checkExpand('"$x"', 'abcabc.txt');
    checkExpand(`"it's"`, "it's");
    checkExpand(`'say "$x"'`, 'say "$x"');
  });
  test('the escape character shields a $, a quote and itself', () => {
    checkExpand('\\$x', '$x');
    checkExpand('\\\\$x', '\\abcabc.txt');
    checkExpand(`\\"a\\'`, `"a'`);
    checkExpand('a\\b', 'ab');
  });
  test('within double quotes it shields only those', () => {
    checkExpand('"\\$x \\" \\\\ \\n"', '$x " \\ \\n');
  });
  test('one at the very end is dropped', () => {
    checkExpand('a\\', 'a');
  });
  test('a backtick can take its place', () => {
    assert.equal(expandWord('`$x \\$x', lookup, '`').value, '$x \\abcabc.txt');
  });
  test('quotes that do not close are an error', () => {
    checkError("it's", "the closing ' is missing");
    checkError('"a', 'the closing " is missing');
  });
});

describe('modifiers', () => {
  test(':- and - give another word', () => {
    checkExpand('${u:-w} ${e:-w} ${x:-w}', 'w w abcabc.txt');
    checkExpand('${u-w} ${e-w} ${x-w}', 'w  abcabc.txt');
  });
  test('a default is no hole, but the name is told to have been looked up in vain', () => {
    const { missing, absent } = expandWord('${u:-$v}', lookup, '\\');
    assert.deepEqual([missing, absent], [['v'], ['v', 'u']]);
  });
  test(':+ and + give a word only where there is a value', () => {
    checkExpand('[${u:+w}] [${e:+w}] [${x:+w}]', '[] [] [w]');
    checkExpand('[${u+w}] [${e+w}] [${x+w}]', '[] [w] [w]');
  });
  test(':? and ? are an error with their word', () => {
    checkExpand('${x:?w}${e?w}', 'abcabc.txt');
    checkError('${e:?is empty}', 'e: is empty');
    checkError('${u?}', 'u: it must have a value');
  });
  test('# and ## take the shortest and the longest start away', () => {
    checkExpand('${x#a*c}', 'abc.txt');
    checkExpand('${x##a*c}', '.txt');
    checkExpand('${p##*/}', 'bin');
    checkExpand('${x#?}', 'bcabc.txt');
    checkExpand('${x#b}', 'abcabc.txt');
  });
  test('% and %% take the shortest and the longest end away', () => {
    checkExpand('${x%.*}', 'abcabc');
    checkExpand('${x%%b*}', 'a');
    checkExpand('${p%/*}', '/usr/local');
    checkExpand('${p%%/*}', '');
  });
  test('/ replaces the first match, // all of them', () => {
    checkExpand('${x/b/-}', 'a-cabc.txt');
    checkExpand('${x//b/-}', 'a-ca-c.txt');
    checkExpand('${x//[a-c]/-}', 'abcabc.txt');
    checkExpand('${x//a*c/-}', '-.txt');
    checkExpand('${p//\\//:}', ':usr:local:bin');
  });
  test('wildcards that are escaped stand for themselves', () => {
    checkExpand('${y%\\?c}', 'aa*b');
    checkExpand('${y#*\\*}', 'b?c');
  });
  test('quotes do not take a wildcard its meaning', () => {
    checkExpand('${y##aa"*"}', '');
  });
  test('any other escape in a pattern is an error', () => {
    checkError('${y#\\a}', 'its pattern escapes "a"');
  });
  test('words nest, with quotes and braces of their own', () => {
    checkExpand('${u:-${v:-${x#abc}}}', 'abc.txt');
    checkExpand('${u:-"a } b"}', 'a } b');
    checkExpand("${u:-'$x'}", '$x');
    checkExpand('${u:-a\\}b}', 'a}b');
    checkExpand('${x/${u:-b}/${p##*/}}', 'abincabc.txt');
  });
  test('what BuildKit does not know is an error', () => {
    checkError('${x', 'a } is missing');
    checkError('${}', '${} names no variable');
    checkError('${:-a}', '${: names no variable');
    checkError('${x^}', '${x^ is no modifier that is known');
    checkError('${x:#a}', '${x:# is no modifier that is known');
    checkError('${x:-a', 'a } is missing in a ${…}');
    checkError('${x/a}', 'a / is missing in a ${…}');
  });
});

describe('bounds', () => {
  test('a nesting that no person writes is an error, not a crash', () => {
    const deep = `${'${u:-'.repeat(100_000)}a${'}'.repeat(100_000)}`;
    assert.equal(expandWord(deep, lookup, '\\').error, 'its variables are nested too deeply');
  });
  test('values that grow without bound are an error', () => {
    const long = 'a'.repeat(1_000_000);
    assert.equal(
      expandWord('$a'.repeat(100_000), () => long, '\\').error,
      'its variables grow too long to follow',
    );
  });
  // One that tries every way would not end before the runner's own limit.
  test('a pattern of many stars ends', () => {
    const { value } = expandWord(`\${a##${'*a'.repeat(300)}b}`, () => 'a'.repeat(5_000), '\\');
    assert.equal(value.length, 5_000);
  });
});
