// An image of the local engine: `docker save` writes it to a file, which is then read as an archive. The engine needs
// some 20 s for 3 GB before its first byte (docs/performance.md), so a file may be kept, named by the image's id;
// sizes can be had at once, from engineSizes.ts.
import { isDigest, sha256 } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { object, parseJson, text } from './config';
import { openDockerArchive } from './dockerArchive';
import { type DockerOptions, runDocker } from './dockerCli';
import type { Image } from './model';

export interface DaemonOptions extends DockerOptions {
  reference: string;
  platform?: string;
  /** A folder in which the saved file is kept for the next time; without it, `close` removes it. */
  keep?: string;
}

/** Throws StrataError('no-daemon' | 'not-found' | 'no-space' | 'unreadable'). */
export async function openDockerDaemon(host: Host, name: string, options: DaemonOptions): Promise<Image> {
  if (name.startsWith('-')) throw new StrataError('usage', `'${name}' is no name of an image.`);
  const id = await imageId(host, name, options);
  const { reference, platform, keep, signal } = options;
  if (keep === undefined) {
    const folder = await host.files.makeTemporary('strata-');
    const close = (): Promise<void> => host.files.remove(folder);
    try {
      const path = `${folder}/image.tar`;
      await save(host, name, path, options);
      return await openDockerArchive(host, path, { reference, choice: null, platform, close }, signal);
    } catch (error) {
      await close();
      throw error;
    }
  }
  await host.files.makeDirectory(keep);
  const path = `${keep}/${sha256(`${id} ${platform ?? ''}`).slice('sha256:'.length)}.tar`;
  if (await host.files.stat(path)) await host.files.touch(path);
  // docker itself writes to a temporary file beside it and renames (docker/cli: command.CopyToFile).
  else await save(host, name, path, options);
  return openDockerArchive(host, path, { reference, choice: null, platform }, signal);
}

async function imageId(host: Host, name: string, options: DaemonOptions): Promise<string> {
  const output = await runDocker(host, ['image', 'inspect', name], `Looking for the image ${name}`, options);
  const json = parseJson(Buffer.from(output, 'utf8'));
  const id = text(object(Array.isArray(json) ? json[0] : null)?.Id);
  if (!isDigest(id))
    throw new StrataError('unreadable', `docker image inspect ${name} did not tell the image's id.`);
  return id;
}

async function save(host: Host, name: string, path: string, options: DaemonOptions): Promise<void> {
  const platform = options.platform === undefined ? [] : ['--platform', options.platform];
  // By name, not by id: an id leaves the archive without tags, and with containerd's store names no platform.
  await runDocker(host, ['save', '--output', path, ...platform, name], `Saving the image ${name}`, options);
}
