// What rules are told of the last build: only what still stands, and only what is certain.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ruleContext } from '../../../server/src/analysis/ruleContext';
import { defaultChoice } from '../../../server/src/dockerfile/model';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { carryForward } from '../../../server/src/mapping/carryForward';
import type { Evidence } from '../../../server/src/mapping/model';
import { type BuildLiteral, measuredBuild, measureLiteral } from '../../support/measuredBuild';

const build: BuildLiteral = {
  text: 'FROM a\nRUN b\nRUN c\n',
  base: [{ base: 'x' }],
  layers: { 2: { b: 'bb' }, 3: { c: 'ccc' } },
  ran: { 3: 1200 },
};

test('lines that stand have their layers, duration and cache fact', async () => {
  const context = await measuredBuild(build);
  assert.deepEqual(
    [1, 2].map((line) => [context.layersOf!(line), context.durationMs!(line), context.cache!(line)]),
    [
      [[1], 0, 'hit'],
      [[2], 1200, 'miss'],
    ],
  );
  assert.deepEqual([0, 1, 2].map(context.instructionOf!), [null, 1, 2]);
  assert.deepEqual([0, 1, 2].map(context.isBase!), [true, false, false]);
});

test('a line that moved is still the one; an edited line and those below it are not', async () => {
  const moved = await measuredBuild({ ...build, edited: 'FROM a\n# note\nRUN b\n\nRUN c\n' });
  assert.deepEqual([1, 2].map(moved.instructionOf!), [1, 2]);
  const edited = await measuredBuild({ ...build, edited: 'FROM a\nRUN new\nRUN c\n' });
  assert.deepEqual([1, 2].map(edited.instructionOf!), [null, null]);
  assert.deepEqual([edited.layersOf!(2), edited.durationMs!(2), edited.cache!(2)], [[], null, 'unknown']);
});

test('layers of triggers at FROM, and ties by order alone, are blamed on nobody', async () => {
  const dockerfile = parseDockerfile(build.text);
  const image = await measureLiteral([{ a: 'x' }, { b: 'x' }, { c: 'x' }]);
  const facts = (instruction: number, evidence: Evidence) => ({
    ...{ instruction, layers: [instruction], evidence, why: null, cache: 'miss' as const },
    ...{ durationMs: null, error: null },
  });
  const lines = [facts(0, 'steps'), facts(1, 'order'), facts(2, 'history')];
  const mapping = { lines, baseLayers: [], unmapped: [], disagreements: [] };
  const knowledge = { record: null, image, built: dockerfile, mapping, rules: 'buildkit' as const };
  const context = ruleContext(dockerfile, defaultChoice, knowledge, carryForward(dockerfile, dockerfile));
  assert.deepEqual([0, 1, 2].map(context.instructionOf!), [null, null, 2]);
});

test('without a build nothing is known, and nothing throws', () => {
  const dockerfile = parseDockerfile('RUN a');
  const knowledge = { record: null, image: null, built: null, mapping: null, rules: 'buildkit' as const };
  const context = ruleContext(dockerfile, defaultChoice, knowledge, []);
  assert.deepEqual([context.image, context.layersOf!(0), context.instructionOf!(0)], [null, [], null]);
});
