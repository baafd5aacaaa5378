// The files of any image that a person names: opened, measured, and opened again when bytes of a file are wanted.

import type { MeasuredImage } from '../image/model';
import { openImage } from '../image/open';
import { isEngineReference } from '../image/reference';
import type { Contents } from './contents';
import { type MeasureTools, measureOpened } from './measureRecord';

/** Throws StrataError when the image cannot be opened. Layers that cannot be read are unknown in it. */
export async function contentsOfReference(
  tools: MeasureTools,
  reference: string,
  signal?: AbortSignal,
): Promise<Contents & { image: MeasuredImage }> {
  const { host, docker, podman, keep, configs } = tools;
  const open = (stop?: AbortSignal) =>
    openImage(host, reference, { docker, podman, keep, configs, signal: stop });
  const image = await open(signal);
  try {
    const { measured, indexes } = await measureOpened(tools, image, { signal });
    const opensQuickly = image.remote !== true && (!isEngineReference(image.reference) || keep !== undefined);
    return { image: measured, indexes, open, opensQuickly };
  } finally {
    await image.close();
  }
}
