// An image of the local Docker engine. The engine needs some 20 s for 3 GB before the first byte of `docker save`
// (docs/performance.md), so savedImages.ts saves only what has to be read; sizes can be had at once, from
// engineSizes.ts.
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { type DockerOptions, runDocker } from './dockerCli';
import { inspectImage } from './engineInspect';
import type { Image } from './model';
import { openSaved, type SavedOptions } from './savedImages';

export interface DaemonOptions extends DockerOptions, SavedOptions {}

/** Throws StrataError('no-daemon' | 'not-found' | 'no-space' | 'unreadable'). */
export async function openDockerDaemon(host: Host, name: string, options: DaemonOptions): Promise<Image> {
  if (name.startsWith('-')) throw new StrataError('usage', `'${name}' is no name of an image.`);
  const { docker, platform } = options;
  const flags = platform === undefined ? [] : ['--platform', platform];
  return openSaved(
    host,
    {
      inspect: () => inspectImage(host, 'docker', name, options),
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
