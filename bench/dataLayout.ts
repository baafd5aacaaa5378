// The documents of an OCI layout around layers that lie in it already: config, manifest and index.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

export interface Descriptor {
  mediaType: string;
  /** `sha256:` and hex. */
  digest: string;
  size: number;
}

/** @param folder the layout, whose blobs/sha256 holds the layers */
export function writeLayoutDocuments(
  folder: string,
  config: Uint8Array,
  layers: readonly Descriptor[],
): void {
  const blob = (bytes: Uint8Array, mediaType: string): Descriptor => {
    const hex = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(path.join(folder, 'blobs/sha256', hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const document = {
    schemaVersion: 2,
    mediaType,
    config: blob(config, 'application/vnd.oci.image.config.v1+json'),
    layers,
  };
  const manifest = blob(Buffer.from(JSON.stringify(document)), mediaType);
  writeFileSync(path.join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
  writeFileSync(path.join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
}
