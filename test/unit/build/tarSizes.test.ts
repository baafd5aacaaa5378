// What podman tells of the layers that stages left, and what is made of it. A real podman: test/live/buildah.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BuildStep } from '../../../server/src/build/model';
import { newStep } from '../../../server/src/build/stepName';
import { withTarSizes } from '../../../server/src/build/tarSizes';
import { sha256 } from '../../../server/src/primitives/digest';

const id = (name: string) => sha256(name).slice(7);

/** `stage image layer,layer`: a step, its image and that one's layers; `-` for no image. */
function stepOf(drawn: string): BuildStep {
  const [stage = '', image = '-', names = ''] = drawn.split(' ');
  const layers = names.split(',').filter(Boolean);
  return {
    ...newStep('RUN x'),
    ...{ stage: stage === '' ? null : stage, imageId: image === '-' ? null : id(image) },
    imageLayers: { count: layers.length, top: layers.length === 0 ? null : sha256(layers.at(-1)!) },
  };
}

interface Image {
  layers: string[];
  /** Oldest first, `null` for metadata, which podman gives a size of 0. */
  sizes: (number | null)[];
}

/** What the steps' images have in bytes of tars, and which images podman was asked the history of. */
async function check(
  steps: string[],
  images: Record<string, Image>,
  expected: (number | undefined)[],
  asked: string[] = Object.keys(images),
): Promise<void> {
  const questions: string[] = [];
  const named = (argument: string) => Object.keys(images).find((name) => id(name) === argument);
  const told = await withTarSizes(steps.map(stepOf), async ([command, ...rest]) => {
    if (command === 'image') {
      const all = rest.slice(1).flatMap((one) => named(one) ?? []);
      return JSON.stringify(
        all.map((name) => ({
          Id: id(name),
          RootFS: { Layers: images[name]!.layers.map((layer) => sha256(layer)) },
          History: images[name]!.sizes.map((size) => (size === null ? { empty_layer: true } : {})),
        })),
      );
    }
    const name = named(rest.at(-1)!);
    questions.push(name ?? 'gone');
    if (!name) return '';
    return JSON.stringify(images[name]!.sizes.map((size) => ({ size: size ?? 0 })).reverse());
  });
  assert.deepEqual(
    told.map(({ imageLayers }) => imageLayers?.tarBytes),
    expected,
  );
  assert.deepEqual(questions, asked);
}

test('one image of each stage tells of all its steps, the one below them too', () =>
  check(
    ['1/2 - base', '1/2 a base,a', '1/2 label base,a', '1/2 b base,a,b', '2/2 - base', '2/2 c base,c'],
    { b: { layers: ['base', 'a', 'b'], sizes: [2048, 1536, null, 4096] } },
    [2048, 3584, 3584, 7680, undefined, undefined],
  ));

describe('nothing is told', () => {
  const b = { layers: ['base', 'b'], sizes: [2048, 1536] };
  const steps = ['1/2 - base', '1/2 b base,b', '2/2 c base,c'];
  const nothing = [undefined, undefined, undefined];

  test('of a build with one stage: its layers are in the image', () =>
    check([' - base', ' b base,b'], {}, [undefined, undefined], []));
  test('where a layer has no size', () => check(steps, { b: { ...b, sizes: [2048, 0] } }, nothing));
  test('where the history has more or fewer entries than there are layers', () =>
    check(steps, { b: { ...b, sizes: [2048, null] } }, nothing));
  test('where the image of a step is not below the last one', () =>
    check(steps, { b: { ...b, layers: ['other', 'b'] } }, [undefined, 3584, undefined]));
  test('where the image is gone', () => check(steps, {}, nothing, ['gone']));
});

test('whatever podman says, nothing is thrown', async () => {
  for (const answer of [
    '',
    'null',
    '[]',
    '{}',
    '[null]',
    '[{"Id":1}]',
    '[{"RootFS":{"Layers":5},"History":{}}]',
  ]) {
    const steps = ['1/2 b base,b', '2/2 c base'].map(stepOf);
    assert.deepEqual(await withTarSizes(steps, async () => answer), steps);
  }
});
