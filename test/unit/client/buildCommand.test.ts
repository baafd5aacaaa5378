// Which command lines of a terminal are taken for a build.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildsImage } from '../../../client/src/buildCommand';

const builds = [
  'docker build .',
  'docker build -t app -f web/Dockerfile web',
  'docker buildx build --load .',
  'docker buildx bake app',
  'docker --context remote build .',
  'docker image build .',
  'docker compose build',
  'docker compose -f dev.yml up -d --build',
  'docker-compose build web',
  'DOCKER_BUILDKIT=1 docker build .',
  'sudo docker build .',
  '/usr/bin/docker build .',
  'cd web && docker build .',
  'echo one; docker build .',
];
const others = [
  '',
  'docker ps',
  'docker run build',
  'docker run --rm app build',
  'docker compose up',
  'docker buildx ls',
  'docker pull build',
  'echo docker build .',
  'npm run docker build',
  'dockerx build .',
  'git commit -m "docker build"',
];

for (const line of builds) test(`a build: ${line}`, () => assert.equal(buildsImage(line), true));
for (const line of others) test(`none: ${line}`, () => assert.equal(buildsImage(line), false));

test('a hostile line costs little', () => {
  assert.equal(buildsImage('docker '.repeat(100_000)), false);
  assert.equal(buildsImage(`${'a=b '.repeat(100_000)}x`), false);
});
