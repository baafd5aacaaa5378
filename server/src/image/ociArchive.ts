// An OCI layout in a tar: what buildx `-o type=oci`, `skopeo copy … oci-archive:` and podman write.
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { type Archive, openArchive } from './archive';
import type { Image } from './model';
import { type OciOptions, readOciImage } from './ociLayout';

export async function openOciArchive(
  host: Host,
  path: string,
  options: OciOptions,
  signal?: AbortSignal,
): Promise<Image> {
  return readOciArchive(host, await openArchive(host, path, signal), options);
}

/** The same for an archive that has been opened already. */
export async function readOciArchive(host: Host, archive: Archive, options: OciOptions): Promise<Image> {
  if (!archive.has('index.json')) {
    const hint = archive.has('manifest.json')
      ? 'It is an archive of docker save: write docker-archive:FILE.'
      : '';
    throw new StrataError(
      'unreadable',
      `${options.reference} has no index.json, so it is no OCI archive.`,
      hint,
    );
  }
  const image = await readOciImage(host, archive, options);
  if (archive.packed) image.problems.push(packedNote);
  return image;
}

export const packedNote =
  'The archive is compressed as a whole, so each of its layers is read by unpacking it from the start.';
