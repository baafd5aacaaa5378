// YAML and JSON with comments from a stranger's repository: data or a message, whatever the text.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readJsonc } from '../../../server/src/measure/readJsonc';
import { readYamlValue } from '../../../server/src/measure/readYaml';

const deep = 20_000;

test('YAML that is nested deeply is refused before it is composed', () => {
  for (const part of ['- ', '? ', ': ', '[', '{', '{a: ', '- ? ', '[{']) {
    assert.match(readYamlValue(part.repeat(deep)).problem?.message ?? '', /too many lists/, part);
  }
  const steps = Array.from({ length: 700 }, (_, i) => `${' '.repeat(i)}a:`).join('\n');
  assert.match(readYamlValue(steps).problem?.message ?? '', /too many lists/);
});

test('a long YAML that is not deep is read', () => {
  const list = Array.from({ length: 500 }, (_, i) => `- a: ${i}\n  b: [1, 2]`).join('\n');
  assert.equal((readYamlValue(list).value as unknown[]).length, 500);
  assert.equal((readYamlValue(`[${'{ a: 1 }, '.repeat(500)}]`).value as unknown[]).length, 500);
});

test('aliases do not multiply, merge keys are put in, and names are names', () => {
  const bomb = Array.from({ length: 20 }, (_, i) => `a${i}: &a${i} [${Array(9).fill(i ? `*a${i - 1}` : 1)}]`);
  assert.match(readYamlValue(bomb.join('\n')).problem?.message ?? '', /^it is no YAML: /);
  assert.deepEqual(readYamlValue('a: &a { x: 1 }\nb: { <<: *a, y: 2 }').value, {
    a: { x: 1 },
    b: { x: 1, y: 2 },
  });
  const { value } = readYamlValue('__proto__: { polluted: 1 }');
  assert.deepEqual(Object.keys(value as object), ['__proto__']);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

test('JSON may have comments and trailing commas; what is broken is told and read as far as it goes', () => {
  assert.deepEqual(readJsonc('// a\n{ "a": [1, 2,], /* b */ }'), { value: { a: [1, 2] }, problem: null });
  const broken = readJsonc('{ "a": 1,\n  "b": }');
  assert.deepEqual(broken.value, { a: 1 });
  assert.match(broken.problem ?? '', /^it is no JSON: ValueExpected in line 2$/);
  for (const part of ['[', '{"a":'])
    assert.match(readJsonc(part.repeat(deep)).problem ?? '', /too many/, part);
  assert.equal(readJsonc(`[${'[],'.repeat(5_000)}]`).problem, null);
});
