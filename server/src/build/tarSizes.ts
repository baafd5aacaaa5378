// How big the layers are that podman and buildah left of stages that do not ship: `podman history` tells of each layer of
// an image how long its tar is, headers and padding too. One question for each stage, to the image of its last step.
// podman's other sizes are of no use here: that of an image counts its config, so that differences would be wrong.
import { isDigest } from '../primitives/digest';
import { type Fields, fields, list } from './jsonFields';
import type { BuildStep } from './model';

/** What the program prints for these arguments; empty when it refuses. */
export type AskImages = (args: readonly string[]) => Promise<string>;

const mostStages = 40;
const atOnce = 4;

/**
 * The steps, in order, with the tars' bytes of their images, where those are known. The newest stage is not asked about:
 * it is in the image.
 * @throws what `ask` throws
 */
export async function withTarSizes(steps: readonly BuildStep[], ask: AskImages): Promise<BuildStep[]> {
  const lasts = lastImages(steps);
  const ids = [...new Set(lasts.values())];
  const inspected = ids.length === 0 ? [] : objects(await ask(['image', 'inspect', ...ids]));
  const layers = new Map<string, TarLayer[]>();
  for (let from = 0; from < ids.length; from += atOnce) {
    const some = ids.slice(from, from + atOnce);
    const told = await Promise.all(some.map((id) => ask(['history', '--format', 'json', '--no-trunc', id])));
    some.forEach((id, at) => {
      const image = inspected.find(({ Id }) => typeof Id === 'string' && Id.startsWith(id));
      const found = image && tarLayers(image, objects(told[at]!));
      if (found) layers.set(id, found);
    });
  }
  return steps.map((step) => withTar(step, layers.get(lasts.get(step.stage ?? '') ?? '') ?? []));
}

/** Of each stage but the newest, the image that its last step left. */
function lastImages(steps: readonly BuildStep[]): Map<string, string> {
  const lasts = new Map<string, string>();
  const numbers = new Map<string, number>();
  for (const { stage, imageId } of steps) {
    if (stage === null) continue;
    numbers.set(stage, Number(/^\d+/.exec(stage)?.[0] ?? 0));
    if (imageId !== null && /^[0-9a-f]{11,64}$/.test(imageId)) lasts.set(stage, imageId);
  }
  const newest = Math.max(...numbers.values());
  return new Map([...lasts].filter(([stage]) => numbers.get(stage)! < newest).slice(0, mostStages));
}

interface TarLayer {
  diffId: string;
  bytes: number;
}

/** Oldest first; null unless history and layers are told alike. */
function tarLayers({ RootFS, History }: Fields, newestFirst: readonly Fields[]): TarLayer[] | null {
  const diffIds = list(fields(RootFS).Layers);
  const entries = list(History).map(fields);
  if (entries.length !== newestFirst.length) return null;
  // podman gives metadata a size of 0, and a layer that it knows no size of -1 or 0: an empty tar has 1,024 bytes.
  const sizes = newestFirst
    .toReversed()
    .flatMap(({ size }, at) => (entries[at]!.empty_layer === true ? [] : [size]));
  if (sizes.length !== diffIds.length || !diffIds.every(isDigest)) return null;
  if (!sizes.every((size): size is number => Number.isSafeInteger(size) && Number(size) > 0)) return null;
  return diffIds.map((diffId, at) => ({ diffId, bytes: sizes[at]! }));
}

function withTar(step: BuildStep, layers: readonly TarLayer[]): BuildStep {
  const { imageLayers } = step;
  if (!imageLayers || imageLayers.count > layers.length) return step;
  const own = layers.slice(0, imageLayers.count);
  if (layers.length === 0 || (own.at(-1)?.diffId ?? null) !== imageLayers.top) return step;
  const tarBytes = own.reduce((sum, { bytes }) => sum + bytes, 0);
  return { ...step, imageLayers: { ...imageLayers, tarBytes } };
}

function objects(json: string): Fields[] {
  try {
    return list(JSON.parse(json)).map(fields);
  } catch {
    return [];
  }
}
