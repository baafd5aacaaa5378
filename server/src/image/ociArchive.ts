// An OCI layout in a tar: what buildx `-o type=oci`, `skopeo copy … oci-archive:` and podman write.
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { imageOfArchive, openArchive } from './archive';
import type { Image } from './model';
import { nameAnImage } from './noArchive';
import { type OciOptions, readOciImage } from './ociLayout';
import type { Archive } from './plainArchive';

export async function openOciArchive(
  host: Host,
  path: string,
  options: OciOptions,
  signal?: AbortSignal,
): Promise<Image> {
  const archive = await openArchive(host, path, signal);
  return imageOfArchive(archive, () => readOciArchive(host, archive, options));
}

/** The same for an archive that has been opened already, and that its opener closes. */
export async function readOciArchive(host: Host, archive: Archive, options: OciOptions): Promise<Image> {
  if (!archive.has('index.json')) {
    const hint = archive.has('manifest.json')
      ? 'It is an archive of docker save: write docker-archive:FILE.'
      : nameAnImage;
    throw new StrataError(
      'unreadable',
      `${options.reference} has no index.json, so it is no OCI archive.`,
      hint,
    );
  }
  return readOciImage(host, archive, options);
}
