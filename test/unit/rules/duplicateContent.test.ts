import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BuildLiteral, drawRule, measureLiteral, noise } from '../../support/measuredBuild';

const check = async (build: BuildLiteral, expected: string[]) =>
  assert.deepEqual(await drawRule('DuplicateContent', build), expected);

const a = noise(200_000);

for (const compression of ['none', 'gzip'] as const) {
  test(`the same content at another path is told, from ${compression} layers`, () =>
    check(
      {
        text: 'FROM a\nCOPY a /a\nCOPY b /b',
        layers: { 2: { a }, 3: { b: a, c: noise(200_000, 2) } },
        compression,
      },
      [
        '3: 200 kB written here are in the image already: /b is the same as /a of line 2',
        '  2: /a is the same as /b, 200 kB',
      ],
    ));
}

test('files of one line and of the base image count, each line is one finding', async () => {
  await check({ text: 'FROM a\nCOPY . /', layers: { 2: { a, b: a, c: a } } }, [
    '2: 400 kB written here are in the image already: 2 files, the largest /b is the same as /a',
  ]);
  await check({ text: 'FROM a\nCOPY . /', base: [{ a }], layers: { 2: { b: a } } }, [
    '2: 200 kB written here are in the image already: /b is the same as /a of the base image',
  ]);
});

test('equal size alone, small files, hidden ones and hard links are no duplicates', async () => {
  const text = 'FROM a\nCOPY . /\nRUN b';
  await check({ text, layers: { 2: { a, b: noise(200_000, 2) } } }, []);
  await check({ text, layers: { 2: { a: noise(60_000), b: noise(60_000), c: noise(60_000) } } }, []);
  await check({ text, layers: { 2: { a, b: a }, 3: { '.wh.b': '' } } }, []);
  await check({ text, layers: { 2: { a, b: { type: 'hardlink', link: 'a' } } } }, []);
});

test('groups of one size are told apart by content', async () => {
  const b = noise(200_000, 2);
  const { duplicates } = await measureLiteral([
    { a1: a, b1: b, c: noise(200_000, 3) },
    { a2: a, b2: b, a3: a },
  ]);
  assert.deepEqual(
    duplicates!.map(({ bytes, count, copies }) => `${bytes} ${count} ${copies.map(({ path }) => path)}`),
    ['200000 3 a1,a2,a3', '200000 2 b1,b2'],
  );
});
