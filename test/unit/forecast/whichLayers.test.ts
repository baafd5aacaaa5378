// Which instructions make layers, by builder. The BuildKit cases were checked against the history that BuildKit 0.34 makes.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BuildRules } from '../../../server/src/build/model';
import { type BuildChoice, defaultChoice } from '../../../server/src/dockerfile/model';
import { certainEffectOf, effectOf } from '../../../server/src/forecast/whichLayers';
import { checkLabels } from '../../support/dockerfileMarkers';

/** Labels are the effect, with a `?` where it is not certain. */
function checkEffects(
  marked: string,
  rules: BuildRules = 'buildkit',
  choice: Partial<BuildChoice> = {},
): void {
  checkLabels(marked, (dockerfile, instruction) => {
    const whole = { ...defaultChoice, ...choice };
    const { effect, certain } = certainEffectOf(dockerfile, instruction, rules, whole);
    assert.equal(effectOf(dockerfile, instruction, rules, whole), effect);
    return effect + (certain ? '' : ' ?');
  });
}

describe('BuildKit', () => {
  test('RUN, COPY, ADD and WORKDIR make a layer, the rest is metadata', () => {
    checkEffects(`
ARG A
#= none
FROM debian
#= base
RUN a
#= layer
COPY a b
#= layer
ADD a b
#= layer
COPY <<EOF /x
EOF
#= layer
WORKDIR /w
#= layer
ENV A=1
#= metadata
ARG B
#= metadata
LABEL a=b
#= metadata
USER a
#= metadata
EXPOSE 1
#= metadata
VOLUME /v
#= metadata
CMD a
#= metadata
ENTRYPOINT a
#= metadata
HEALTHCHECK NONE
#= metadata
STOPSIGNAL 9
#= metadata
SHELL ["a"]
#= metadata
MAINTAINER a
#= metadata
ONBUILD RUN a
#= none
NONSENSE
#= none`);
  });
  test('what stands before the first FROM leaves nothing', () => {
    checkEffects('RUN a\n#= none\nFROM b\n#= base');
  });
});

describe('WORKDIR', () => {
  test('makes no layer where it leads to the root', () => {
    checkEffects('FROM scratch\nWORKDIR /\n#= metadata\nWORKDIR .\n#= metadata\nWORKDIR ..\n#= metadata');
  });
  test('is joined to the one before', () => {
    checkEffects(`
FROM scratch
WORKDIR a
#= layer
WORKDIR ..
#= metadata
WORKDIR a/b
#= layer
WORKDIR ../..
#= metadata`);
  });
  test('is compared as written when it is absolute, as BuildKit does it', () => {
    checkEffects(`
FROM scratch
WORKDIR //
#= layer
WORKDIR /.
#= layer
WORKDIR /a/..
#= layer
WORKDIR .
#= metadata`);
  });
  test('takes variables, quotes and build arguments', () => {
    checkEffects('FROM scratch\nARG D=/\nWORKDIR $D\n#= metadata\nWORKDIR "/a b"\n#= layer');
    checkEffects('FROM scratch\nARG D=/\nWORKDIR $D\n#= layer', 'buildkit', { buildArgs: { D: '/x' } });
  });
  test('of an image is not known: below it is never the root, it and its parents may be', () => {
    checkEffects(`
FROM debian
WORKDIR a
#= layer
WORKDIR ..
#= metadata ?
WORKDIR .
#= metadata ?
WORKDIR ../b
#= layer
WORKDIR /
#= metadata
WORKDIR .
#= metadata`);
  });
  test('with a variable of the image is a layer most likely, and surely where a part of it is written', () => {
    checkEffects(`
FROM debian
WORKDIR $HOME
#= layer ?
WORKDIR /srv/$X
#= layer
WORKDIR $HOME/app
#= layer
WORKDIR a
#= layer`);
  });
  test('goes on in a stage on top, ONBUILD triggers first', () => {
    checkEffects('FROM scratch AS a\nWORKDIR /x\n#= layer\nFROM a\nWORKDIR ..\n#= metadata');
    checkEffects(`
FROM scratch AS a
ONBUILD WORKDIR /x
#= none
FROM a
WORKDIR ..
#= metadata
WORKDIR .
#= metadata`);
  });
  test('of Windows loses its drive letter and is cleaned', () => {
    checkEffects(`
# escape=\`
FROM --platform=windows/amd64 scratch
WORKDIR C:\\
#= metadata
WORKDIR C:\\a
#= layer
WORKDIR ..
#= metadata`);
    checkEffects('# escape=`\nFROM scratch\nWORKDIR C:\\\\\n#= metadata', 'buildkit', {
      platform: 'windows/amd64',
    });
  });
  test('longer than any path can be is not followed', () => {
    checkEffects(`FROM scratch\n${'WORKDIR abcdefgh\n'.repeat(600)}WORKDIR /\n#= metadata`);
  });
});

describe('other builders', () => {
  test('the classic builder makes a layer by what a step changed', () => {
    checkEffects(
      `
FROM a
RUN b
#= layer ?
COPY c d
#= layer ?
WORKDIR /e
#= layer ?
WORKDIR /
#= metadata
ENV A=1
#= metadata`,
      'classic',
    );
  });
  test('buildah never makes one for WORKDIR', () => {
    checkEffects(
      `
FROM a
RUN b
#= layer
ADD c d
#= layer
WORKDIR /e
#= metadata
ONBUILD RUN a
#= none`,
      'buildah',
    );
  });
});
