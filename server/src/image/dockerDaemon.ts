// An image of the local Docker engine. The engine needs some 20 s for 3 GB before the first byte of `docker save`
// (docs/performance.md), so containerd's own files are read where that can be (contentStore.ts), and else savedImages.ts
// saves only what has to be read; sizes can be had at once, from engineSizes.ts.
import type { Digest } from '../primitives/digest';
import { isCancelled, StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { openStoredImage, type StoredImage, storedPlace } from './contentStore';
import { type DockerOptions, runDocker } from './dockerCli';
import { type InspectedImage, inspectImage } from './engineInspect';
import { engineStore } from './engineStore';
import type { Image } from './model';
import type { Place } from './place';
import { openSaved, type SavedOptions } from './savedImages';

export interface DaemonOptions extends DockerOptions, SavedOptions {}

/** Throws StrataError('no-daemon' | 'not-found' | 'no-space' | 'unreadable'). */
export async function openDockerDaemon(host: Host, name: string, options: DaemonOptions): Promise<Image> {
  const told = await inspectNamed(host, name, options);
  const { docker, platform } = options;
  const stored = told.inContainerd
    ? await openStoredImage(host, storedAs(host, told.id, options), options)
    : null;
  if (stored) return stored;
  const flags = platform === undefined ? [] : ['--platform', platform];
  return openSaved(
    host,
    {
      inspect: async () => told,
      // By name, not by id: an id leaves the archive without tags, and with containerd's store names no platform.
      // docker itself writes to a temporary file beside it and renames (docker/cli: command.CopyToFile).
      save: async (path, signal) => {
        const args = ['save', '--output', path, ...flags, name];
        await runDocker(host, args, `Saving the image ${name}`, { docker, signal });
      },
    },
    options,
  );
}

/**
 * What containerd's own files hold of an image, attestations included; null where they cannot be read or docker does not
 * answer. Throws StrataError('cancelled').
 */
export async function dockerDaemonPlace(
  host: Host,
  name: string,
  options: DockerOptions & { reference: string },
): Promise<Place | null> {
  const { reference, signal } = options;
  try {
    const { id, inContainerd } = await inspectNamed(host, name, options);
    return inContainerd ? await storedPlace(host, storedAs(host, id, options), reference, signal) : null;
  } catch (error) {
    if (isCancelled(error) || !(error instanceof StrataError)) throw error;
    return null;
  }
}

async function inspectNamed(host: Host, name: string, options: DockerOptions): Promise<InspectedImage> {
  if (name.startsWith('-')) throw new StrataError('usage', `'${name}' is no name of an image.`);
  return inspectImage(host, 'docker', name, options);
}

function storedAs(host: Host, id: Digest, { docker, signal }: DockerOptions): StoredImage {
  return { id, dataFolder: async () => (await engineStore(host, { docker, signal }))?.dataFolder ?? null };
}
