// The OCI layout that a build leaves with us (image-spec, image-layout.md). Decides which blobs stay: those of the newest
// image. BuildKit itself never removes one, and an index keeps an entry for each name that was ever built.
import * as path from 'node:path';
import { type Digest, isDigest } from '../primitives/digest';
import type { HostFiles } from '../primitives/host';

const longestJson = 16 * 1024 * 1024;
const mostBlobs = 10_000;

/**
 * Leaves one image in a layout: its entry in index.json, its blobs, nothing else.
 * @returns false, and nothing is changed, when the layout does not hold the image
 */
export async function settleLayout(files: HostFiles, folder: string, digest: Digest): Promise<boolean> {
  const indexFile = path.join(folder, 'index.json');
  const index = await readJson(files, indexFile);
  const entry = objects(index.manifests).find((manifest) => manifest.digest === digest);
  if (!entry) return false;
  const needed = await reachable(files, folder, digest);
  if (!needed) return false;
  if (objects(index.manifests).length > 1) {
    await files.writeWhole(indexFile, JSON.stringify({ ...index, manifests: [entry] }));
  }
  const blobs = path.join(folder, 'blobs', 'sha256');
  for (const { name } of await files.list(blobs)) {
    if (!needed.has(`sha256:${name}`)) await files.remove(path.join(blobs, name));
  }
  // Halves of blobs that a cancelled build left behind; no build of this Dockerfile runs now.
  await files.remove(path.join(folder, 'ingest'));
  return true;
}

/** Digests of all blobs of an image or index; null when a manifest cannot be read. */
async function reachable(files: HostFiles, folder: string, root: Digest): Promise<Set<string> | null> {
  const seen = new Set<string>();
  const waiting: Record<string, unknown>[] = [{ digest: root, mediaType: 'index' }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { digest, mediaType } = next;
    if (!isDigest(digest) || seen.has(digest)) continue;
    if (seen.size >= mostBlobs) return null;
    seen.add(digest);
    // Index and manifest are the only blobs that name others, in OCI's and in Docker's media types.
    if (!/index|manifest/.test(String(mediaType ?? ''))) continue;
    const blob = await readJson(files, path.join(folder, 'blobs', ...digest.split(':')));
    if (Object.keys(blob).length === 0) return null;
    waiting.push(...objects(blob.manifests), ...objects(blob.layers), ...objects([blob.config]));
  }
  return seen;
}

async function readJson(files: HostFiles, file: string): Promise<Record<string, unknown>> {
  const stat = await files.stat(file);
  if (stat?.kind !== 'file' || stat.size > longestJson) return {};
  try {
    return objects([JSON.parse((await files.readText(file)) ?? '')])[0] ?? {};
  } catch {
    return {};
  }
}

function objects(value: unknown): Record<string, unknown>[] {
  if (!Array.isArray(value)) return [];
  return value.filter((item) => typeof item === 'object' && item !== null && !Array.isArray(item));
}
