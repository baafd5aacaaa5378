import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStepName } from '../../../server/src/build/stepName';

/** `platform stage number/total [ONBUILD] [LINK] KEYWORD`; `-` for what a name does not say. */
function checkName(name: string, expected: string) {
  const { platform, stage, number, total, onBuild, linkMerge, keyword } = parseStepName(name);
  const words = [platform ?? '-', stage ?? '-', `${number ?? '-'}/${total ?? '-'}`];
  if (onBuild) words.push('ONBUILD');
  if (linkMerge) words.push('LINK');
  assert.equal([...words, keyword ?? '-'].join(' '), expected);
}

test('names of instructions', () => {
  checkName('[2/3] RUN echo hi', '- - 2/3 RUN');
  checkName('[ 2/12] COPY . .', '- - 2/12 COPY');
  checkName('[build 1/6] FROM docker.io/library/base', '- build 1/6 FROM');
  checkName('[stage-1  2/10] WORKDIR /app', '- stage-1 2/10 WORKDIR');
  checkName('[build 5/6] RUN <<EOF (set -e...)', '- build 5/6 RUN');
});

test('a trigger and the merge of COPY --link are marked', () => {
  checkName('[stage-1 2/5] ONBUILD RUN make', '- stage-1 2/5 ONBUILD RUN');
  checkName('[stage-2 2/5] LINK COPY --link a b', '- stage-2 2/5 LINK COPY');
  checkName('[2/5] ONBUILD LINK COPY --link a b', '- - 2/5 ONBUILD LINK COPY');
});

test('the platform stands in front when several were asked for', () => {
  checkName('[linux/amd64 2/5] RUN true', 'linux/amd64 - 2/5 RUN');
  checkName('[linux/amd64->arm64 build 2/5] RUN true', 'linux/amd64->arm64 build 2/5 RUN');
  checkName('[linux/arm/v7 build 2/5] RUN true', 'linux/arm/v7 build 2/5 RUN');
});

test('BuildKit 0.8 counts triggers on beyond the total', () => {
  checkName('[6/5] RUN true', '- - 6/5 RUN');
});

test('steps of no instruction say nothing', () => {
  for (const name of [
    '[internal] load build definition from Dockerfile',
    '[internal] load metadata for docker.io/library/alpine:3',
    '[auth] library/alpine:pull token for registry-1.docker.io',
    '[context base] OCI load from client',
    'exporting to image',
    'resolve image config for docker-image://docker.io/docker/dockerfile:1',
    '[a b c 1/2] RUN',
    '[1/2',
    '',
  ]) {
    checkName(name, '- - -/- -');
  }
});
