// An image in a registry (OCI distribution spec): the manifest of the platform that is meant and its config are read,
// each compared with its digest; layers only when somebody reads them. An index is chosen from before its images are
// asked for: registries count what is asked. What was read once and is still meant is not read again (keptManifests.ts).
// How registries are asked: registryRequests.ts.
import { type Digest, sha256 } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { assembleImage, type LayerSource } from './assemble';
import { array, object, parseJsonObject } from './config';
import { findManifests, type KeptManifests, keepManifests } from './keptManifests';
import type { Image } from './model';
import {
  blobPath,
  chooseManifest,
  type Descriptor,
  isAttestation,
  parseOciPlatform,
  readBlob,
} from './ociIndex';
import { maxDocumentBytes, type Place } from './place';
import { choosePlatform, type Platform } from './platform';
import { registryBlob } from './registryBlob';
import { readBody } from './registryBody';
import { parseRegistryName } from './registryName';
import { createRegistry, manifestTypes, type Registry } from './registryRequests';

export interface RegistryOptions {
  /** As written by the person; becomes the image's. */
  reference: string;
  platform?: string;
  /** A folder for manifests and configs; without it they are read each time. */
  configs?: string;
  signal?: AbortSignal;
}

/** Of an index that are looked at, and documents that are asked for: what lists no platforms is read one by one. */
const maxEntries = 1000;
const maxDocuments = 200;

/**
 * @param name what follows `docker://`
 * Throws StrataError('usage' | 'not-found' | 'unreadable' | 'unsupported' | 'hostile' | 'cancelled').
 */
export async function openRegistryImage(host: Host, name: string, options: RegistryOptions): Promise<Image> {
  const { reference, platform, configs, signal } = options;
  const registry = createRegistry(host, parseRegistryName(name));
  const kept = configs === undefined ? null : await findManifests(host, configs, registry.name, platform);
  const { place, isIndex, seen } = await registryPlace(host, registry, kept, options);
  const choice = isIndex ? platform : undefined;
  const { manifest, problems } = await chooseManifest(host, place, reference, null, choice);
  const configBytes = await readBlob(place, manifest.config.digest, reference);
  if (!configBytes) {
    throw new StrataError('unreadable', `${reference} does not hold its config ${manifest.config.digest}.`);
  }
  signal?.throwIfAborted();
  const layers = manifest.layers.map((layer) => layerSource(registry, layer));
  const image = assembleImage({ reference, configBytes, layers, problems });
  // What is no index tells its platform nowhere but in the config.
  choosePlatform(host, reference, [{ platform: image.config, label: '' }], isIndex ? undefined : platform);
  const isNew =
    seen.named !== kept?.named || [...seen.documents.keys()].some((one) => !kept.documents.has(one));
  if (configs !== undefined && isNew) await keepManifests(host, configs, registry.name, platform, seen);
  return { ...image, remote: true };
}

function layerSource(registry: Registry, descriptor: Descriptor): LayerSource {
  const { digest, mediaType, size } = descriptor;
  return {
    digest,
    byDigest: true,
    mediaType,
    stored: { blob: registryBlob(registry, descriptor), size: size ?? 0, head: new Uint8Array(0) },
    // Whatever its compression: it is what this registry stores.
    compressedBytes: size,
  };
}

/**
 * The repository read as an OCI layout whose index.json lists the one document that was named, or the image chosen from it.
 * `seen` gathers the documents that are read, from the registry or from what is kept.
 */
async function registryPlace(
  host: Host,
  registry: Registry,
  kept: KeptManifests | null,
  options: RegistryOptions,
): Promise<{ place: Place; isIndex: boolean; seen: KeptManifests }> {
  const { signal } = options;
  const { bytes, digest } = (await stillNamed(registry, kept, signal)) ?? (await readNamed(registry, signal));
  const documents = new Map([[digest, bytes]]);
  const document = documentOf(registry, bytes, options.reference);
  const entry = chosenEntry(host, document, options) ?? { digest };
  // Manifests and blobs have addresses of their own; only indexes lead to manifests.
  const manifests = new Set<unknown>([object(entry)?.digest]);
  let left = maxDocuments;
  const place: Place = {
    async read(path) {
      if (path === 'index.json') return Buffer.from(JSON.stringify({ manifests: [entry] }), 'utf8');
      if (path === blobPath(digest)) return noteManifests(bytes);
      if (--left < 0) {
        throw new StrataError('hostile', `${options.reference} has more manifests than any image needs.`);
      }
      const wanted: Digest = `sha256:${path.slice(path.lastIndexOf('/') + 1)}`;
      const isManifest = manifests.has(wanted);
      const known = kept?.documents.get(wanted);
      if (known) return note(wanted, known, isManifest);
      const part = `${isManifest ? 'manifests' : 'blobs'}/${wanted}`;
      try {
        const answer = await registry.get(part, isManifest ? { accept: manifestTypes } : {}, signal);
        const found = await readBody(answer, maxDocumentBytes, `${registry.name.host} (${part})`);
        return note(wanted, found, isManifest);
      } catch (error) {
        if (error instanceof StrataError && error.code === 'not-found') return null;
        throw error;
      }
    },
    // Layers are never looked at while opening.
    blob: async () => null,
  };
  return { place, isIndex: Array.isArray(document.manifests), seen: { named: digest, documents } };

  function note(wanted: Digest, found: Uint8Array, isManifest: boolean): Uint8Array {
    documents.set(wanted, found);
    return isManifest ? noteManifests(found) : found;
  }

  function noteManifests(bytes: Uint8Array): Uint8Array {
    for (const inner of array(parseJsonObject(bytes)?.manifests)) manifests.add(object(inner)?.digest);
    return bytes;
  }
}

interface Named {
  bytes: Uint8Array;
  digest: Digest;
}

/** What is kept of the name when it is still what the name means: a digest always is, a tag where the registry says so. */
async function stillNamed(
  registry: Registry,
  kept: KeptManifests | null,
  signal: AbortSignal | undefined,
): Promise<Named | null> {
  const { tag, digest } = registry.name;
  const bytes = kept?.documents.get(kept.named);
  if (!kept || !bytes) return null;
  if (digest === null) {
    const told = await registry.head(`manifests/${tag}`, { accept: manifestTypes }, signal);
    if (told?.get('docker-content-digest') !== kept.named) return null;
  } else if (digest !== kept.named) return null;
  return { bytes, digest: kept.named };
}

/** What the tag or the digest names. Throws StrataError('unreadable') when it is not what a digest says. */
async function readNamed(registry: Registry, signal: AbortSignal | undefined): Promise<Named> {
  const { host, repository, tag, digest } = registry.name;
  const answer = await registry.get(`manifests/${digest ?? tag}`, { accept: manifestTypes }, signal);
  const bytes = await readBody(answer, maxDocumentBytes, `${host} (manifest of ${repository})`);
  const own = sha256(bytes);
  const said = answer.headers.get('docker-content-digest');
  // Another algorithm than sha256 is not compared.
  const expected = digest ?? (said?.startsWith('sha256:') ? said : own);
  if (own !== expected) {
    throw new StrataError(
      'unreadable',
      `The manifest that ${host} gave for ${repository} is not the one of its digest ${expected.slice(0, 80)}.`,
      'Something between here and the registry may have changed it.',
    );
  }
  return { bytes, digest: own };
}

function documentOf(registry: Registry, bytes: Uint8Array, reference: string): Record<string, unknown> {
  const document = parseJsonObject(bytes);
  if (!document) {
    throw new StrataError(
      'unreadable',
      `${registry.name.host} answered with no manifest for ${reference}.`,
      'It may be no registry, or a page to sign in stands before it.',
    );
  }
  if (document.schemaVersion === 1) {
    throw new StrataError(
      'unsupported',
      `${reference} has a schema 1 manifest, which is not read.`,
      'Push it once more with a tool of today.',
    );
  }
  return document;
}

/**
 * The entry of an index for the platform; null for what is no index, and where an entry tells no platform (then their
 * configs do, and `chooseManifest` asks for them). Throws as `choosePlatform`.
 */
function chosenEntry(host: Host, document: Record<string, unknown>, options: RegistryOptions): unknown {
  if (!Array.isArray(document.manifests)) return null;
  const candidates: { platform: Platform; label: string; entry: unknown }[] = [];
  for (const entry of document.manifests.slice(0, maxEntries)) {
    const json = object(entry);
    const platform = parseOciPlatform(json?.platform);
    if (!platform) return null;
    if (!isAttestation(object(json?.annotations) ?? {}, platform))
      candidates.push({ platform, label: '', entry });
  }
  if (candidates.length === 0) return null;
  return choosePlatform(host, options.reference, candidates, options.platform).entry;
}
