import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leavesEngine } from '../../../server/src/build/outputs';

function check(words: string, leaves: boolean) {
  assert.equal(leavesEngine(words.split(' ').filter(Boolean)), leaves, words);
}

test('without an output the engine gets the image', () => {
  for (const words of ['', '--tag app:1', '--push', '--load', '--provenance=false', '--output'])
    check(words, false);
});

test('files, folders and the cache alone are elsewhere, however they are written', () => {
  for (const output of [
    'type=local,dest=out',
    'type=oci,dest=a.tar',
    'type=tar,dest=-',
    'type=cacheonly',
    'out',
    '-',
  ])
    for (const flag of ['--output ', '--output=', '-o ', '-o', '-o=']) check(flag + output, true);
  check('--output type=docker,dest=a.tar', true);
  check('--output type=image,name=x,store=false', true);
});

test('an image, a push and docker without a file go to the engine, also beside others', () => {
  for (const output of [
    'type=docker',
    'type=image',
    'type=image,name=x,push=true',
    'type=registry',
    '"type=image"',
  ])
    check(`-o ${output}`, false);
  check('-o type=local,dest=out -o type=docker', false);
  check('-o out --load', false);
  check('-o out --load=false', true);
});
