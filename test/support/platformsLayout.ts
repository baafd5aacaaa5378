// An OCI layout on the real disk whose one name stands for images of several platforms.
import { type Digest, sha256 } from '../../server/src/primitives/digest';
import { json, ociDescriptor, ociFiles } from './imageFiles';
import type { ImageFixture, LayerCompression } from './imageFixture';
import { writeFiles } from './writeFiles';

/** Writes the layout into `folder` and gives the digest of the index of all its images. */
export function writePlatforms(
  folder: string,
  images: readonly ImageFixture[],
  compression: LayerCompression,
): Digest {
  const files = ociFiles([], compression);
  const manifests = images.map((image) => ociDescriptor(files, image, compression));
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const index = json({ schemaVersion: 2, mediaType, manifests });
  const digest = sha256(index);
  files.set(`blobs/sha256/${digest.slice(7)}`, index);
  const entry = { mediaType, digest, size: index.length };
  files.set('index.json', json({ schemaVersion: 2, manifests: [entry] }));
  writeFiles(folder, files as Map<string, Uint8Array>);
  return digest;
}
