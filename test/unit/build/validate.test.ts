import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBuildRecord } from '../../../server/src/build/validate';
import { sampleRecord } from './sampleRecord';

const copy = (value: unknown) => JSON.parse(JSON.stringify(value));

test('a record comes back as it was written', () => {
  assert.deepEqual(readBuildRecord(copy(sampleRecord())), sampleRecord());
  const failed = sampleRecord({
    outcome: 'failed',
    failure: { code: 'no-space', message: 'm', line: 3, lastLines: ['x'], hint: '' },
  });
  assert.deepEqual(readBuildRecord(copy(failed)), failed);
});

test('fields that came later may be missing', () => {
  const old = copy(sampleRecord({ failure: { message: 'm', line: null, lastLines: [], hint: '' } }));
  delete old.imageId;
  delete old.steps[0].platform;
  const read = readBuildRecord(old);
  assert.equal(read?.imageId, null);
  assert.equal(read?.steps[0]?.platform, null);
  assert.equal(read?.failure?.code, 'build-failed');
});

test('unknown fields are left out', () => {
  const more = { ...copy(sampleRecord()), command: 'rm', steps: [] };
  assert.deepEqual(readBuildRecord(more), sampleRecord({ steps: [] }));
});

test('a record with any one field of another shape is none', () => {
  const paths: (string | number)[][] = [];
  const walk = (value: unknown, path: (string | number)[]) => {
    if (path.length > 0) paths.push(path);
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) walk((value as Record<string, unknown>)[key], [...path, key]);
  };
  walk(sampleRecord(), []);
  assert.ok(paths.length > 80);
  for (const path of paths) {
    const record = copy(sampleRecord());
    const last = path.at(-1) ?? '';
    const holder = path.slice(0, -1).reduce((value, key) => value[key], record);
    const value = holder[last];
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    holder[last] = isObject ? 7 : { wrong: true };
    assert.equal(readBuildRecord(record), null, path.join('.'));
  }
});

test('bounds hold', () => {
  const endless = 'x'.repeat(1024 * 1024 + 1);
  assert.equal(readBuildRecord(copy(sampleRecord({ text: endless }))), null);
  assert.equal(readBuildRecord(copy(sampleRecord({ id: '../../etc/passwd' }))), null);
  assert.equal(readBuildRecord(copy(sampleRecord({ durationMs: -1 }))), null);
  assert.equal(readBuildRecord(copy(sampleRecord({ started: 'yesterday' }))), null);
  const [step] = sampleRecord().steps;
  assert.ok(step);
  assert.equal(readBuildRecord(copy(sampleRecord({ steps: Array(20_001).fill(step) }))), null);
});

test('names that JavaScript has uses for are names', () => {
  const text = JSON.stringify(sampleRecord()).replace('"VERSION"', '"__proto__"');
  const read = readBuildRecord(JSON.parse(text));
  assert.deepEqual(Object.entries(read?.choice.buildArgs ?? {}), [['__proto__', '1']]);
  assert.equal(readBuildRecord(JSON.parse('{"__proto__":{"schema":1}}')), null);
});

test('what is no object is no record', () => {
  for (const value of [null, undefined, 7, 'x', [], {}, [sampleRecord()]]) {
    assert.equal(readBuildRecord(value), null);
  }
});
