// Measures the image that a build left: what is known at once first (a glance), then every layer's files.
import type { BuildRecord } from '../build/model';
import { engineHistory } from '../image/engineSizes';
import type { Image, MeasuredImage } from '../image/model';
import { openImage } from '../image/open';
import { unmeasured } from '../image/unmeasured';
import type { Indexer } from '../layers/indexer';
import {
  type Measured,
  type MeasureOptions,
  type MeasureProgress,
  measureImage,
} from '../layers/measureImage';
import type { IndexStore } from '../layers/store';
import { isCancelled, StrataError } from '../primitives/errors';
import { filesByUse } from '../primitives/filesByUse';
import type { Host } from '../primitives/host';

export interface MeasureTools {
  host: Host;
  indexer: Indexer;
  store: IndexStore | null;
  /** The docker program; default: STRATA_DOCKER, else docker on PATH. */
  docker?: string;
  /** The podman program; default: STRATA_PODMAN, else podman on PATH. */
  podman?: string;
  /** Folder for the configs of engines' images, so that known ones are not saved again. Default: `keep`. */
  configs?: string;
  /** Folder in which what the engine saved is kept, one for each Dockerfile; without it nothing is. */
  keep?: string;
}

export interface MeasureCallbacks {
  /** Sizes that are known before any layer is read: compressed ones, or as the engine counts. */
  onGlance?: (record: BuildRecord) => void;
  onProgress?: (progress: MeasureProgress) => void;
  signal?: AbortSignal;
}

/**
 * The record with its image measured; the same record when the builder kept no image. A layer that cannot be read is a
 * problem of the image, not an error.
 * @throws StrataError when the image itself cannot be opened, or 'cancelled'
 */
export async function measureRecord(
  tools: MeasureTools,
  record: BuildRecord,
  callbacks: MeasureCallbacks = {},
): Promise<BuildRecord> {
  const { imageReference } = record;
  if (imageReference === null) return record;
  const { signal } = callbacks;
  const platform = record.choice.platform ?? undefined;
  if (imageReference.startsWith('docker-daemon:')) {
    const glance = await glanceAtEngine(tools, imageReference, platform, signal);
    if (glance) callbacks.onGlance?.({ ...record, image: glance });
  }
  const { docker, podman, keep, configs } = tools;
  const image = await openImage(tools.host, imageReference, {
    platform,
    signal,
    docker,
    podman,
    keep,
    configs,
  });
  try {
    if (!imageReference.startsWith('docker-daemon:')) {
      callbacks.onGlance?.({ ...record, image: unmeasured(image) });
    }
    // The builder made these layers itself.
    const { measured } = await measureOpened(tools, image, {
      ...callbacks,
      trust: 'verified',
      findings: true,
    });
    if (keep !== undefined) await forgetOlder(tools.host, keep);
    return { ...record, image: measured };
  } finally {
    await image.close();
  }
}

/** Only the newest saved image stays: its file was used last. */
async function forgetOlder({ files }: Host, keep: string): Promise<void> {
  const saved = await filesByUse(files, keep, (name) => name.endsWith('.tar'));
  for (const { path } of saved.slice(1)) await files.remove(path);
}

/** Measures an image that is open; the caller closes it. */
export function measureOpened(
  { host, indexer, store }: MeasureTools,
  image: Image,
  options: Omit<MeasureOptions, 'store' | 'indexer'> = {},
): Promise<Measured> {
  return measureImage(host, image, { ...options, store, indexer });
}

async function glanceAtEngine(
  { host, docker }: MeasureTools,
  reference: string,
  platform: string | undefined,
  signal: AbortSignal | undefined,
): Promise<MeasuredImage | null> {
  try {
    return await engineHistory(host, reference, { docker, platform, signal });
  } catch (error) {
    if (isCancelled(error) || !(error instanceof StrataError)) throw error;
    return null;
  }
}
