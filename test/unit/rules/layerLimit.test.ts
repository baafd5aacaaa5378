import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawRule } from '../../support/measuredBuild';

const draw = (own: number) =>
  drawRule('LayerLimit', {
    text: `FROM a\n${'RUN b\n'.repeat(own)}`,
    base: Array.from({ length: 100 }, (_, i) => ({ [`base${i}`]: 'x' })),
    layers: Object.fromEntries(Array.from({ length: own }, (_, i) => [i + 2, { [`own${i}`]: 'x' }])),
  });

test('an image near the limit is told at its last line, layers of the base image included', async () => {
  assert.deepEqual(await draw(9), []);
  assert.deepEqual(await draw(10), [
    '11: the image has 110 layers with this one; Docker Engine takes 125 at most',
  ]);
});
