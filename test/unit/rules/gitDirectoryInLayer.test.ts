import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BuildLiteral, drawRule } from '../../support/measuredBuild';

const check = async (build: BuildLiteral, expected: string[]) =>
  assert.deepEqual(await drawRule('GitDirectoryInLayer', build), expected);

const repository = (at: string) =>
  Object.fromEntries(
    ['HEAD', 'config', 'index', 'objects/pack/a', 'refs/heads/b'].map((name) => [`${at}/.git/${name}`, '12']),
  );

test('a copied repository is told, whatever its size, also when a later line deletes it', () =>
  check(
    {
      text: 'FROM a\nCOPY . /app\nRUN rm -r /app/.git',
      layers: { 2: repository('app'), 3: { 'app/.wh..git': '' } },
    },
    [
      "2: 10 B of a repository's history are in the image: /app/.git; a line .git in .dockerignore keeps it out",
    ],
  ));

test('what a RUN cloned can be deleted there', () =>
  check({ text: 'FROM a\nRUN git clone x /x', layers: { 2: repository('x') } }, [
    "2: 10 B of a repository's history are in the image: /x/.git",
    '  fix: Delete it in this RUN: saves 10 B (review)',
  ]));

test('a file of that name, a folder with less than a repository has, and the base image are not told', async () => {
  await check({ text: 'FROM a\nCOPY . /', layers: { 2: { 'app/.git': 'gitdir: ../x' } } }, []);
  await check({ text: 'FROM a\nCOPY . /', layers: { 2: { 'app/.git/HEAD': 'x' } } }, []);
  await check({ text: 'FROM a\nRUN b', base: [repository('app')], layers: { 2: { b: 'x' } } }, []);
});
