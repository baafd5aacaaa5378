// Which instructions make layers, by builder. The BuildKit cases were checked against the history that BuildKit 0.34 makes.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BuildRules } from '../../../server/src/build/model';
import { type BuildChoice, defaultChoice } from '../../../server/src/dockerfile/model';
import { certainEffectOf, effectOf } from '../../../server/src/forecast/whichLayers';
import { checkLabels } from '../../support/dockerfileMarkers';

/** Labels are the effect, with a `?` where it is not certain. */
function checkEffects(marked: string, rules: BuildRules = 'buildkit', choice: Partial<BuildChoice> = {}): void {
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
