// What the containerd behind a Docker engine keeps: blobs as files named by their digests, which is an OCI layout but for
// its index.json (containerd docs/content-flow.md). Where they may be read (root, an engine without root), an image opens
// at once and nothing is saved. Decides where that folder is and what is enough of an image; whoever may not look in has
// `docker save`.
import { type Digest, isDigest } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { array, object, parseJsonObject } from './config';
import type { Image } from './model';
import { blobPath, readBlob } from './ociIndex';
import { readOciImage } from './ociLayout';
import { folderPlace, type Place } from './place';

export interface StoredImage {
  /** Digest of its manifest or index: what the engine calls it. */
  id: Digest;
  /** The engine's data folder, asked for where the usual place does not hold the image; null when it does not tell. */
  dataFolder(): Promise<string | null>;
}

/** containerd as a service of the system keeps all below it; one that dockerd started itself, below the data folder. */
const ofSystem = '/var/lib/containerd';
const ofEngine = 'containerd/daemon';
const contentFolder = 'io.containerd.content.v1.content';
const mostEntries = 1000;

/**
 * Null where the store cannot be read, or holds not all of the image: then it has to be asked from the engine.
 * Throws StrataError('not-found' | 'usage') when it has none for the platform, 'cancelled'.
 */
export async function openStoredImage(
  host: Host,
  stored: StoredImage,
  { reference, platform, signal }: { reference: string; platform?: string; signal?: AbortSignal },
): Promise<Image | null> {
  const place = await storedPlace(host, stored, reference, signal);
  if (!place) return null;
  try {
    const image = await readOciImage(host, place, { reference, choice: null, platform });
    // A layer that was given away after it was unpacked (containerd: discard_unpacked_layers), or never pulled.
    return image.layers.some(({ blob }) => blob === null) ? null : image;
  } catch (error) {
    return unlessCertain(error);
  }
}

/** An image of the store as an OCI layout that holds it alone, of all platforms that were pulled; null as above. */
export async function storedPlace(
  host: Host,
  { id, dataFolder }: StoredImage,
  reference: string,
  signal?: AbortSignal,
): Promise<Place | null> {
  // Elsewhere the engine runs in a machine of its own.
  if (host.os !== 'linux') return null;
  const folder = await folderOf(host, id, dataFolder);
  if (folder === null) return null;
  const place = folderPlace(host, folder, signal);
  try {
    const bytes = await readBlob(place, id, reference);
    const listed = array(bytes && parseJsonObject(bytes)?.manifests);
    if (listed.length > mostEntries) return null;
    const manifests = listed.length === 0 ? [{ digest: id }] : await held(host, folder, listed);
    if (manifests.length === 0) return null;
    const index = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests }), 'utf8');
    return { ...place, read: async (path) => (path === 'index.json' ? index : place.read(path)) };
  } catch (error) {
    return unlessCertain(error);
  }
}

/** The folder of the blobs that holds this one: by its digest, it is the right one wherever it lies. */
async function folderOf(
  host: Host,
  id: Digest,
  dataFolder: StoredImage['dataFolder'],
): Promise<string | null> {
  const { HOME, XDG_DATA_HOME } = host.environment;
  // Without root (docs/rootless): an engine of this user's own.
  const own = XDG_DATA_HOME || (HOME && `${HOME}/.local/share`);
  const usual = [ofSystem, `/var/lib/docker/${ofEngine}`, ...(own ? [`${own}/docker/${ofEngine}`] : [])];
  let isClosed = false;
  for (const root of usual) {
    const folder = `${root}/${contentFolder}`;
    const there = await look(host, folder, id);
    if (there === 'held') return folder;
    isClosed ||= there === 'closed';
  }
  // Who may not look into the system's may not look into another one of root's either.
  if (isClosed) return null;
  const told = await dataFolder();
  if (!told?.startsWith('/')) return null;
  const folder = `${told}/${ofEngine}/${contentFolder}`;
  return (await look(host, folder, id)) === 'held' ? folder : null;
}

/** An index lists the platforms that were not pulled, too. */
async function held(host: Host, folder: string, entries: readonly unknown[]): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const entry of entries) {
    const digest = object(entry)?.digest;
    if (isDigest(digest) && (await look(host, folder, digest)) === 'held') found.push(entry);
  }
  return found;
}

async function look(host: Host, folder: string, digest: Digest): Promise<'held' | 'absent' | 'closed'> {
  try {
    return (await host.files.stat(`${folder}/${blobPath(digest)}`))?.kind === 'file' ? 'held' : 'absent';
  } catch (error) {
    if (error instanceof StrataError) return 'closed';
    throw error;
  }
}

/** What the store does not hold whole, or not readable, the engine may still have; that it has no such platform is certain. */
function unlessCertain(error: unknown): null {
  if (error instanceof StrataError && (error.code === 'unreadable' || error.code === 'hostile')) return null;
  throw error;
}
