// Configs of an engine's images, kept as files, so that an image which was read once is known again without its bytes:
// an engine tells an image's id in milliseconds, and needs seconds to give out its config along with all layers.
// A config is believed when it has the digest that the id is, or lists the DiffIDs that the engine tells.
import { type Digest, isDigest, sha256 } from '../primitives/digest';
import { filesByUse } from '../primitives/filesByUse';
import type { Host } from '../primitives/host';
import { array, object, parseImageConfig, parseJsonObject, text } from './config';
import type { Image } from './model';
import { maxDocumentBytes } from './place';

/** What an engine tells of an image. */
export interface EngineImage {
  /** Digest of the config; with containerd's image store that of a manifest or an index. */
  id: Digest;
  /** Null when the engine does not tell. */
  diffIds: Digest[] | null;
}

export interface KeptConfig {
  configBytes: Uint8Array;
  /** One for each layer. */
  layers: KeptLayer[];
}

export interface KeptLayer {
  blobDigest: Digest | null;
  compressedBytes: number | null;
  mediaType: string | null;
}

/** Files in the folder; beyond this the ones that were used longest ago go. */
const maxConfigs = 256;

/** Null when none is kept, or what is kept is not this image's. */
export async function findConfig(
  host: Host,
  folder: string,
  image: EngineImage,
  platform: string | undefined,
): Promise<KeptConfig | null> {
  const paths = [fileOf(folder, image.id), fileOf(folder, keyOf(image.id, platform))];
  for (const [i, path] of paths.entries()) {
    const kept = await readConfig(host, path);
    if (!kept) continue;
    const { digest, diffIds } = kept;
    const told = image.diffIds && sameList(diffIds, image.diffIds);
    // The index of several platforms is no more than a name; what the engine has of it may change.
    if (i === 0 ? digest !== image.id || told === false : told !== true) continue;
    await host.files.touch(path);
    return kept;
  }
  return null;
}

/** Keeps the config of an image that was read. What does not fit what the engine told, or cannot be kept, is left out. */
export async function keepConfig(
  host: Host,
  folder: string,
  told: EngineImage,
  platform: string | undefined,
  image: Image,
  configBytes: Uint8Array,
): Promise<void> {
  const config = Buffer.from(configBytes).toString('utf8');
  const digest = sha256(config);
  if (digest !== image.id || image.layers.some(({ blob }) => blob === null)) return;
  const { diffIds } = image.config;
  if (told.diffIds ? !sameList(diffIds, told.diffIds) : digest !== told.id) return;
  const layers = image.layers.map(({ blobDigest, compressedBytes, mediaType }): KeptLayer => {
    return { blobDigest, compressedBytes, mediaType };
  });
  const path = fileOf(folder, digest === told.id ? told.id : keyOf(told.id, platform));
  const data = JSON.stringify({ digest, config, layers });
  if (data.length > maxDocumentBytes) return;
  await host.files.writeWhole(path, data);
  await forgetOldest(host, folder);
}

async function readConfig(
  host: Host,
  path: string,
): Promise<(KeptConfig & { digest: Digest; diffIds: Digest[] }) | null> {
  const stat = await host.files.stat(path);
  if (stat?.kind !== 'file' || stat.size > 2 * maxDocumentBytes) return null;
  const bytes = await host.files.read(path);
  const json = bytes && parseJsonObject(bytes);
  const config = text(json?.config);
  if (!json || config === null) return null;
  const configBytes = Buffer.from(config, 'utf8');
  const digest = sha256(configBytes);
  const parsed = parseImageConfig(configBytes);
  const layers = array(json.layers).map(keptLayer);
  if (digest !== json.digest || layers.length !== parsed?.config.diffIds.length) return null;
  return { configBytes, digest, diffIds: parsed.config.diffIds, layers };
}

function keptLayer(value: unknown): KeptLayer {
  const json = object(value);
  const size = json?.compressedBytes;
  return {
    blobDigest: isDigest(json?.blobDigest) ? json.blobDigest : null,
    compressedBytes: Number.isSafeInteger(size) && Number(size) >= 0 ? Number(size) : null,
    mediaType: text(json?.mediaType),
  };
}

const configName = /^[0-9a-f]{64}\.json$/;

/** Throws away what was used longest ago. */
export async function forgetOldest({ files }: Host, folder: string): Promise<void> {
  const used = await filesByUse(files, folder, (name) => configName.test(name));
  for (const { path } of used.slice(maxConfigs)) await files.remove(path);
}

/** What an id names for a platform. */
export function keyOf(id: Digest, platform: string | undefined): Digest {
  return sha256(`${id} ${platform ?? ''}`);
}

function fileOf(folder: string, digest: Digest): string {
  return `${folder}/${digest.slice('sha256:'.length)}.json`;
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}
