// Which stages a builder runs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtStages } from '../../../server/src/build/builtStages';
import type { BuildRules } from '../../../server/src/build/model';
import { defaultChoice } from '../../../server/src/dockerfile/model';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';

const text = 'FROM a AS one\nFROM b AS two\nFROM c AS three\nCOPY --from=one x y\nFROM d AS four\n';

function check(rules: BuildRules, target: string | null, expected: number[]): void {
  const built = builtStages(parseDockerfile(text), { ...defaultChoice, target }, rules);
  assert.deepEqual(
    [...built].sort((a, b) => a - b),
    expected,
  );
}

test('BuildKit and buildah run what the target needs', () => {
  check('buildkit', 'three', [0, 2]);
  check('buildah', 'three', [0, 2]);
  check('buildkit', null, [3]);
});

test('the classic builder runs all stages up to the target', () => {
  check('classic', 'three', [0, 1, 2]);
  check('classic', null, [0, 1, 2, 3]);
});

test('a target that is not there leaves nothing to run but for the classic builder, of which no stage is ruled out', () => {
  check('buildkit', 'none', []);
  check('classic', 'none', [0, 1, 2, 3]);
});
