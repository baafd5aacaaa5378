import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BuildLiteral, drawRule } from '../../support/measuredBuild';

const check = async (build: BuildLiteral, expected: string[]) =>
  assert.deepEqual(await drawRule('BuildToolsInFinalStage', build), expected);

const cc1 = { 'usr/lib/gcc/x86_64/12/cc1': new Uint8Array(10_000_000) };

test('a compiler that a line installed is told with its headers', () =>
  check(
    {
      text: 'FROM a\nRUN apk add gcc',
      layers: { 2: { ...cc1, 'usr/include/a.h': new Uint8Array(500_000) } },
    },
    [
      '2: 10.5 MB of compilers and headers are in the shipped image (/usr/lib/gcc, /usr/include); a stage of their own keeps them out, if nothing needs them at run time',
    ],
  ));

test('its run-time library alone, a compiler taken away again and one of the base image are not told', async () => {
  await check(
    { text: 'FROM a\nRUN b', layers: { 2: { 'usr/lib/gcc/x/libgcc_s.so.1': new Uint8Array(100_000) } } },
    [],
  );
  await check({ text: 'FROM a\nRUN b\nRUN c', layers: { 2: cc1, 3: { 'usr/lib/.wh.gcc': '' } } }, []);
  await check({ text: 'FROM a\nRUN b', base: [cc1], layers: { 2: { a: 'x' } } }, []);
});
