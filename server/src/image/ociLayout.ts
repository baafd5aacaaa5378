// An image in an OCI layout (OCI image spec, image-layout.md): a folder, or the same in a tar (ociArchive.ts).
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { assembleImage, type LayerSource } from './assemble';
import type { Image } from './model';
import { blobPath, chooseManifest, readBlob } from './ociIndex';
import { folderPlace, type Place } from './place';
import type { ImageChoice } from './reference';

export interface OciOptions {
  /** As written by the person; becomes the image's. */
  reference: string;
  choice: ImageChoice | null;
  platform?: string;
}

/** Throws as `readOciImage`. */
export function openOciLayout(
  host: Host,
  folder: string,
  options: OciOptions,
  signal?: AbortSignal,
): Promise<Image> {
  return readOciImage(host, folderPlace(host, folder, signal), options);
}

/** Throws StrataError('unreadable') for a broken layout or wrong digests, ('not-found' | 'usage') when it is unclear which image. */
export async function readOciImage(host: Host, place: Place, options: OciOptions): Promise<Image> {
  const { reference, choice, platform } = options;
  const { manifest, problems } = await chooseManifest(host, place, reference, choice, platform);
  const configBytes = await readBlob(place, manifest.config.digest, reference);
  if (!configBytes)
    throw new StrataError('unreadable', `${reference} does not hold its config ${manifest.config.digest}.`);
  const layers: LayerSource[] = [];
  for (const { digest, mediaType, size } of manifest.layers) {
    const stored = await place.blob(blobPath(digest));
    if (stored && size !== null && stored.size !== size) {
      problems.push(`${digest} of ${reference} is ${stored.size} bytes and its manifest says ${size}.`);
    }
    layers.push({ stored, digest, byDigest: true, mediaType });
  }
  return assembleImage({ reference, configBytes, layers, problems });
}
