// Manifests and configs of images in registries, kept as files: an image that was opened once and is still the same is
// opened again without reading a byte of them. Each document is believed by its own digest only; what a name means today,
// the registry tells (registry.ts).
import { type Digest, isDigest, sha256 } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { array, parseJsonObject, text } from './config';
import { forgetOldest } from './keptConfigs';
import { maxDocumentBytes } from './place';
import type { RegistryName } from './registryName';

export interface KeptManifests {
  /** What the name meant. */
  named: Digest;
  documents: ReadonlyMap<Digest, Uint8Array>;
}

/** Null when nothing is kept, or not what the name meant. */
export async function findManifests(
  { files }: Host,
  folder: string,
  name: RegistryName,
  platform: string | undefined,
): Promise<KeptManifests | null> {
  const path = fileOf(folder, name, platform);
  const stat = await files.stat(path);
  if (stat?.kind !== 'file' || stat.size > 2 * maxDocumentBytes) return null;
  const bytes = await files.read(path);
  const json = bytes && parseJsonObject(bytes);
  const documents = new Map<Digest, Uint8Array>();
  for (const value of array(json?.documents)) {
    const document = Buffer.from(text(value) ?? '', 'utf8');
    documents.set(sha256(document), document);
  }
  const named = json?.named;
  if (!isDigest(named) || !documents.has(named)) return null;
  await files.touch(path);
  return { named, documents };
}

/** Keeps what was read of an image, unless it is too much. */
export async function keepManifests(
  host: Host,
  folder: string,
  name: RegistryName,
  platform: string | undefined,
  { named, documents }: KeptManifests,
): Promise<void> {
  const texts = [...documents.values()].map((bytes) => Buffer.from(bytes).toString('utf8'));
  const data = JSON.stringify({ named, documents: texts });
  if (data.length > maxDocumentBytes) return;
  try {
    await host.files.writeWhole(fileOf(folder, name, platform), data);
    await forgetOldest(host, folder);
  } catch (error) {
    // What cannot be kept is read again.
    if (!(error instanceof StrataError)) throw error;
  }
}

/** Among the kept configs of engines, and thrown away with them when it was used longest ago. */
function fileOf(
  folder: string,
  { origin, repository, tag, digest }: RegistryName,
  platform: string | undefined,
): string {
  const key = sha256(`registry\n${origin}\n${repository}\n${digest ?? tag}\n${platform ?? ''}`);
  return `${folder}/${key.slice('sha256:'.length)}.json`;
}
