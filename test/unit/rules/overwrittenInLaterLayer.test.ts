import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BuildLiteral, drawRule, noise } from '../../support/measuredBuild';

const check = async (build: BuildLiteral, expected: string[]) =>
  assert.deepEqual(await drawRule('OverwrittenInLaterLayer', build), expected);

test('what a later line writes again is told at the line whose version nobody sees', () =>
  check(
    {
      text: 'FROM a\nCOPY a /a\nRUN b\nCOPY c /a',
      layers: { 2: { a: noise(200_000) }, 3: { a: noise(300_000, 2) }, 4: { a: noise(400_000, 3) } },
    },
    [
      '2: 200 kB written here are overwritten by line 3 and stay in the image',
      '  3: overwrites 200 kB in 1 file: /a',
      '3: 300 kB written here are overwritten by line 4 and stay in the image',
      '  4: overwrites 300 kB in 1 file: /a',
    ],
  ));

test('two RUNs next to each other can be merged', async () => {
  const layers = { 2: { a: noise(200_000) }, 3: { a: noise(300_000, 2) } };
  const drawn = await drawRule('OverwrittenInLaterLayer', { text: 'FROM a\nRUN b\nRUN c', layers });
  assert.equal(drawn.at(-1), '  fix: Merge with the RUN of line 3: saves 200 kB (same-result)');
});

test('the same file copied twice is told, a change of its mode is another rule', async () => {
  const layers = { 2: { a: noise(200_000) }, 3: { a: noise(200_000) } };
  assert.equal(
    (await drawRule('OverwrittenInLaterLayer', { text: 'FROM a\nCOPY a /\nCOPY . /', layers })).length,
    2,
  );
  await check({ text: 'FROM a\nCOPY a /\nRUN chmod 7 /a', layers }, []);
});

test('small files and those of the base image are not told', async () => {
  await check({ text: 'FROM a\nRUN b\nRUN c', layers: { 2: { a: noise(99_999) }, 3: { a: 'x' } } }, []);
  await check({ text: 'FROM a\nRUN b', base: [{ a: noise(200_000) }], layers: { 2: { a: 'x' } } }, []);
});
