// What lines of stages that do not ship left with the classic builder and with buildah: what each step's image has above
// the one below it.
// With BuildKit: test/live/imports.test.ts and test/live/unshipped.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BuildStep, StepLayers } from '../../../server/src/build/model';
import { newStep } from '../../../server/src/build/stepName';
import { defaultChoice } from '../../../server/src/dockerfile/model';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { unshippedSizes } from '../../../server/src/mapping/unshippedSizes';

const dockerfile = parseDockerfile(
  'FROM base AS build\nRUN a\nLABEL b=c\nRUN d\nFROM base\nCOPY --from=build e e\n',
);

/** Of the first stage's lines, what the engine told of the image after each: `layers bytes`. */
function check(told: (string | null)[], expected: string[], rules: 'classic' | 'buildah' = 'classic') {
  const key = rules === 'classic' ? 'bytes' : 'tarBytes';
  const steps = new Map<number, BuildStep[]>();
  told.forEach((image, line) => {
    const [count, bytes] = (image ?? '').split(' ').map(Number);
    const top = null;
    const imageLayers: StepLayers | null =
      image === null ? null : { count: count!, top, ...(bytes === undefined ? {} : { [key]: bytes }) };
    steps.set(line, [{ ...newStep('step'), imageLayers }]);
  });
  const found = unshippedSizes(dockerfile, null, defaultChoice, rules, steps);
  assert.deepEqual(
    [...found].map(([line, { engineBytes, tarBytes, compressedBytes, why }]) => {
      const [own, other] = rules === 'classic' ? [engineBytes, tarBytes] : [tarBytes, engineBytes];
      assert.deepEqual([compressedBytes, other], [null, null]);
      assert.equal(own === null, why !== null);
      return `${line} ${own}`;
    }),
    expected,
  );
}

describe('the classic builder', () => {
  test('a line has what its image has above the line before, of whatever kind that is', () => {
    check(['1 100', '2 150', '2 150', '3 157'], ['1 50', '3 7']);
  });

  test('a line that changed no file has nothing', () => {
    check(['1 100', '1 100', '1 100', '2 101'], ['1 0', '3 1']);
  });

  test('what the engine did not tell is not known, of the line itself and of the one above', () => {
    check(['1 100', '2 150', null, '3 157'], ['1 50', '3 null']);
    check(['1 100', '2', '2', '3 157'], ['1 null', '3 null']);
    check([null, '2 150', '2 150', null], ['1 null', '3 null']);
  });

  test('an image that does not stand on the one before tells nothing', () => {
    check(['1 100', '3 150', '2 150', '2 90'], ['1 null', '3 null']);
  });
});

describe('buildah', () => {
  test('a line has the tar that its image has above the line before', () => {
    check(['1 2048', '2 4096', '2 4096', '3 5632'], ['1 2048', '3 1536'], 'buildah');
  });

  test('what podman did not tell is not known', () => {
    check(['1', '2', '2', '3'], ['1 null', '3 null'], 'buildah');
    check(['1 2048', '2 4096', null, '3 5632'], ['1 2048', '3 null'], 'buildah');
  });
});
