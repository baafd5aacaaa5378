// From what a person wrote to an open image, whatever its source. Sniffs bare paths; everything else is in the source's
// own file.
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { imageOfArchive, openArchive } from './archive';
import { openContainersStorage } from './containersStorage';
import { openDockerArchive, readDockerArchive } from './dockerArchive';
import { openDockerDaemon } from './dockerDaemon';
import type { Image } from './model';
import { openOciArchive, readOciArchive } from './ociArchive';
import { openOciLayout } from './ociLayout';
import { findPath } from './place';
import { type ImageReference, parseReference } from './reference';
import { openRegistryImage } from './registry';

export interface OpenOptions {
  /** `os/arch[/variant]`; default: the host's, else the only one. */
  platform?: string;
  signal?: AbortSignal;
  /** The docker program; default: STRATA_DOCKER, else docker on PATH. */
  docker?: string;
  /** The podman program; default: STRATA_PODMAN, else podman on PATH. */
  podman?: string;
  /** Folder in which what an engine saved is kept for the next time; without it nothing is. */
  keep?: string;
  /**
   * Folder for configs: an engine's image whose config is there is saved only when its layers' bytes are asked for, and
   * of one in a registry that did not change nothing is read again. Default: `keep`.
   */
  configs?: string;
}

/**
 * Opens an image; the caller closes it. Throws StrataError: 'usage' for an unclear reference, 'not-found' when there is
 * no such file or image, 'unreadable' for a broken one, 'no-daemon', 'no-space', 'unsupported', 'hostile', 'cancelled'.
 */
export async function openImage(host: Host, reference: string, options: OpenOptions = {}): Promise<Image> {
  options.signal?.throwIfAborted();
  const parsed = parseReference(reference);
  switch (parsed.kind) {
    case 'file':
      return openFile(host, parsed, options);
    case 'engine':
      return openEngine(host, parsed, options);
    case 'bare':
      return openBare(host, parsed, options);
  }
}

async function openFile(
  host: Host,
  { transport, text, rest }: Extract<ImageReference, { kind: 'file' }>,
  { platform, signal }: OpenOptions,
): Promise<Image> {
  const found = await findPath(host, rest);
  if (!found) throw new StrataError('not-found', `There is no file or folder ${rest}.`);
  const { path, choice, isFolder } = found;
  const source = { reference: text, choice, platform };
  if (transport === 'oci') {
    if (isFolder) return openOciLayout(host, path, source, signal);
    throw new StrataError('unreadable', `${path} is a file, not a folder.`, `Try oci-archive:${path}.`);
  }
  if (isFolder) {
    throw new StrataError('unreadable', `${path} is a folder, not an archive.`, `Try oci:${path}.`);
  }
  return transport === 'oci-archive'
    ? openOciArchive(host, path, source, signal)
    : openDockerArchive(host, path, source, signal);
}

async function openEngine(
  host: Host,
  { transport, text, name }: Extract<ImageReference, { kind: 'engine' }>,
  { platform, signal, docker, podman, keep, configs }: OpenOptions,
): Promise<Image> {
  if (transport === 'docker-daemon') {
    return openDockerDaemon(host, name, { reference: text, platform, signal, docker, keep, configs });
  }
  if (transport === 'docker') {
    return openRegistryImage(host, name, { reference: text, platform, configs: configs ?? keep, signal });
  }
  return openContainersStorage(host, name, { reference: text, platform, signal, podman, keep, configs });
}

async function openBare(
  host: Host,
  { text, certainlyPath }: Extract<ImageReference, { kind: 'bare' }>,
  options: OpenOptions,
): Promise<Image> {
  const found = await findPath(host, text);
  if (found) {
    const { platform, signal } = options;
    if (found.isFolder) {
      const isLayout = (await host.files.stat(`${found.path}/index.json`)) !== null;
      // A folder named like an image is no reason not to ask the engine.
      if (isLayout || certainlyPath) {
        const layout = { reference: `oci:${text}`, choice: found.choice, platform };
        return openOciLayout(host, found.path, layout, signal);
      }
    } else {
      const archive = await openArchive(host, found.path, signal);
      const isDocker = archive.has('manifest.json') || !archive.has('index.json');
      const reference = `${isDocker ? 'docker-archive' : 'oci-archive'}:${text}`;
      const source = { reference, choice: found.choice, platform };
      return imageOfArchive(archive, () =>
        isDocker ? readDockerArchive(host, archive, source) : readOciArchive(host, archive, source),
      );
    }
  } else if (certainlyPath) throw new StrataError('not-found', `There is no file or folder ${text}.`);
  return openDockerDaemon(host, text, { ...options, reference: `docker-daemon:${text}` });
}
