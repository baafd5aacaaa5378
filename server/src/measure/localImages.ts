// The images of the local engines as what they share: listed by the engines, sizes from indexes that are kept already.
// Nothing is read anew for it; a layer that was never indexed has no size.

import { type LocalImage, listImages } from '../image/engineImages';
import type { Engine } from '../image/engines';
import { type Sharing, sharingOf } from '../layers/sharing';
import type { Digest } from '../primitives/digest';
import type { StrataError } from '../primitives/errors';
import { everyEngine } from './everyEngine';
import type { MeasureTools } from './measureRecord';

export interface LocalImages {
  images: LocalImage[];
  sharing: Sharing;
  /** Why engines did not answer. */
  refusals: StrataError[];
}

/** Throws StrataError('cancelled'). */
export async function localImages(
  tools: Pick<MeasureTools, 'host' | 'store' | 'docker' | 'podman'>,
  engines: readonly Engine[] = ['docker', 'podman'],
  signal?: AbortSignal,
): Promise<LocalImages> {
  const { host, docker, podman } = tools;
  const { found: images, refusals } = await everyEngine(engines, (engine) =>
    listImages(host, engine, { docker, podman, signal }),
  );
  const sizes = await knownSizes(tools, images);
  const shared = images.map((image) => ({
    name: nameOf(image),
    layers: image.diffIds.map((diffId, i) => ({
      diffId,
      chainId: image.chainIds[i]!,
      bytes: sizes.get(diffId) ?? null,
    })),
  }));
  return { images, sharing: sharingOf(shared), refusals };
}

/** `app:1`, all its names, or the beginning of the id of an image without a name. */
export function nameOf({ names, id }: LocalImage): string {
  return names.length > 0 ? names.join(', ') : id.slice(0, 12);
}

async function knownSizes(
  { store }: Pick<MeasureTools, 'store'>,
  images: readonly LocalImage[],
): Promise<Map<Digest, number>> {
  const sizes = new Map<Digest, number>();
  if (!store) return sizes;
  for (const diffId of new Set(images.flatMap(({ diffIds }) => diffIds))) {
    const index = await store.get(diffId);
    if (index) sizes.set(diffId, index.unpackedBytes);
  }
  return sizes;
}
