// Where declarations are looked for, and what a declared build becomes for one builder.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  choiceOf,
  readDeclaredName,
  wordsFor,
} from '../../../../server/src/measure/declared/declaredRequest';
import { defaultBuild } from '../../../../server/src/measure/declared/model';
import { memoryHost } from '../../../support/memoryHost';
import { declaredOf, drawn } from './declaredOf';

const compose = 'services: { app: { build: { context: ., dockerfile: a/b/Dockerfile } } }';

test('from the Dockerfile up to the root of the repository, the nearest first', async () => {
  const dockerfile = '/w/a/b/Dockerfile';
  const near = 'services: { near: { build: b } }';
  const files = { 'compose.yaml': compose, 'a/compose.yaml': near, 'a/b/Dockerfile': '' };
  const found = await declaredOf({ files, dockerfile, workspaceFolders: [] });
  assert.deepEqual(drawn(found), ['compose:near /w/a/b', 'compose:app /w']);
  assert.deepEqual(found.builds.at(-1), defaultBuild(dockerfile));
});

test('nothing above the folder that is open is read', async () => {
  const files = { 'compose.yaml': compose, 'a/b/Dockerfile': '' };
  const request = { files, dockerfile: '/w/a/b/Dockerfile' };
  assert.deepEqual(drawn(await declaredOf({ ...request, workspaceFolders: ['/w/a'] })), []);
  assert.deepEqual(drawn(await declaredOf({ ...request, workspaceFolders: ['/other', '/w'] })), [
    'compose:app /w',
  ]);
});

test('what a person says wins over what is declared, build arguments name by name', () => {
  const build = {
    ...defaultBuild('/w/Dockerfile'),
    target: 'prod',
    platforms: ['linux/arm64', 'linux/amd64'],
    buildArgs: { A: '1', B: '1' },
    secrets: [{ id: 't', src: null, env: 'TOK' }],
  };
  const silent = { context: null, target: null, platform: null, buildArgs: {}, extraArguments: [] };
  const asked = {
    context: '/x',
    target: 'dev',
    platform: 'linux/386',
    buildArgs: { B: '2' },
    extraArguments: ['--pull'],
  };
  const host = memoryHost({ architecture: 'amd64' });
  assert.deepEqual(choiceOf(host, build, silent), {
    context: '/w',
    choice: { target: 'prod', platform: 'linux/amd64', buildArgs: { A: '1', B: '1' } },
  });
  assert.deepEqual(choiceOf(host, build, asked), {
    context: '/x',
    choice: { target: 'dev', platform: 'linux/386', buildArgs: { A: '1', B: '2' } },
  });
  const buildx = { kind: 'buildx', rules: 'buildkit' } as const;
  assert.deepEqual(wordsFor(build, asked, buildx), {
    extraArguments: ['--secret', 'id=t,type=env,env=TOK', '--pull'],
    remarks: [],
  });
  assert.match(
    wordsFor(build, silent, buildx).remarks.join(),
    /^It is declared for linux\/arm64, linux\/amd64; one/,
  );
  assert.throws(() => wordsFor(build, asked, { kind: 'docker', rules: 'classic' }), {
    code: 'unsupported',
    message: "The classic builder knows no secrets; the build wants 't'.",
  });
});

test('a source may be named with or without a name', () => {
  assert.deepEqual(readDeclaredName('compose:web:1'), { source: 'compose', name: 'web:1' });
  assert.deepEqual(readDeclaredName('devcontainer'), { source: 'devcontainer', name: null });
  assert.equal(readDeclaredName('make:web'), null);
});
