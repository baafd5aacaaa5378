import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MeasuredImage } from '../../../server/src/image/model';
import { comparePromise } from '../../../server/src/rules/promise';
import { measureLiteral } from '../../support/measuredBuild';

const image = (...bytes: number[]) =>
  measureLiteral(bytes.map((size, i) => ({ [`f${i}`]: new Uint8Array(size) })));
const unknown = (measured: MeasuredImage): MeasuredImage => ({
  ...measured,
  layers: measured.layers.map((layer) => ({ ...layer, unpackedBytes: null })),
});

test('what was saved is told against what was promised', async () => {
  const before = await image(1000, 5000, 400);
  const say = async (promised: number, ...after: number[]) =>
    comparePromise(before, await image(...after), promised);
  assert.deepEqual(await say(5000, 1000, 400), {
    promisedBytes: 5000,
    savedBytes: 5000,
    sentence: '5.00 kB saved, as promised.',
  });
  assert.equal((await say(5000, 1000, 1400)).sentence, '4.00 kB saved, where 5.00 kB were promised.');
  assert.equal((await say(5000, 6400)).sentence, 'Nothing was saved, though 5.00 kB were promised.');
  assert.deepEqual(await say(5000, 8400), {
    promisedBytes: 5000,
    savedBytes: -2000,
    sentence: 'The image grew by 2.00 kB, though 5.00 kB were to be saved.',
  });
});

test('nothing is claimed when a layer was not measured, or when the base image changed too', async () => {
  const [before, after] = [await image(1000, 5000), await image(999, 400)];
  assert.equal(comparePromise(before, unknown(after), 5000).savedBytes, null);
  assert.deepEqual(comparePromise(before, after, 5000, 1), {
    promisedBytes: 5000,
    savedBytes: null,
    sentence: 'Whether the promised 5.00 kB were saved cannot be told: the base image changed too.',
  });
  assert.equal(comparePromise(before, after, 5000).savedBytes, 4601);
});
