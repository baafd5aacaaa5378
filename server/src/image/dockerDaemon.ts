// An image of the local Docker engine. The engine needs some 20 s for 3 GB before the first byte of `docker save`
// (docs/performance.md), so savedImages.ts saves only what has to be read; sizes can be had at once, from
// engineSizes.ts.
import { isDigest } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { array, object, parseJson, text } from './config';
import { type DockerOptions, runDocker } from './dockerCli';
import type { EngineImage } from './keptConfigs';
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
      inspect: () => inspectImage(host, name, options),
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

async function inspectImage(host: Host, name: string, options: DaemonOptions): Promise<EngineImage> {
  const output = await runDocker(host, ['image', 'inspect', name], `Looking for the image ${name}`, options);
  const image = parseInspected(output);
  if (!image)
    throw new StrataError('unreadable', `docker image inspect ${name} did not tell the image's id.`);
  return image;
}

/** What `docker image inspect` and `podman image inspect` print of one image; null when it has no id. */
export function parseInspected(output: string): EngineImage | null {
  const json = parseJson(Buffer.from(output, 'utf8'));
  const image = object(Array.isArray(json) ? json[0] : null);
  const told = text(image?.Id) ?? '';
  // podman leaves the algorithm out.
  const id = /^[0-9a-f]{64}$/.test(told) ? `sha256:${told}` : told;
  const diffIds = array(object(image?.RootFS)?.Layers);
  if (!isDigest(id)) return null;
  return { id, diffIds: diffIds.length > 0 && diffIds.every(isDigest) ? diffIds : null };
}
