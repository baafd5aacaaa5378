// What podman and buildah have in common beside their arguments: how their two streams are read, and how the images of
// the steps are asked for afterwards.
import type { Host } from '../primitives/host';
import { createBuildahReader } from './buildahProgress';
import type { BuildStep } from './model';
import { placeImages } from './placeImages';
import type { OutputReader } from './run';
import { engineAnswer, imageOf, type StepEngine, stepImages, withLayers } from './stepImages';
import { withTarSizes } from './tarSizes';

export interface BuildahOutput {
  createReader(onText: (line: string) => void): OutputReader;
  /** The steps with the layers of their images. @throws StrataError 'cancelled' */
  steps(engine: StepEngine): Promise<BuildStep[]>;
  /** The last line of stdout, if it is an image's id: 64 digits; null otherwise. */
  lastId(): string | null;
}

export function buildahOutput(host: Host): BuildahOutput {
  const progress = createBuildahReader(host.now);
  let last = '';
  return {
    createReader: (onText) => ({
      stdout(line) {
        onText(line);
        if (line !== '') last = line;
        return progress.take(line);
      },
      stderr(line) {
        onText(line);
        return progress.takeError(line);
      },
      steps: progress.steps,
      failed: (words) =>
        progress.fail(words.findLast((line) => line.startsWith('Error: ')) ?? words.at(-1) ?? ''),
    }),
    async steps(engine) {
      const { steps, loose } = progress.told();
      const names = [...steps.flatMap((step) => imageOf(step) ?? []), ...loose.map(({ id }) => id)];
      const images = await stepImages(host, engine, names);
      const placed = withLayers(placeImages(steps, loose, images), images);
      // buildah itself tells no sizes of layers.
      if (engine.speaks === 'buildah') return placed;
      return withTarSizes(placed, (args) => engineAnswer(host, engine, args));
    },
    lastId: () => (/^[0-9a-f]{64}$/.test(last) ? last : null),
  };
}
