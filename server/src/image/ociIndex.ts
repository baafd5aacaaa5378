// Which image of an OCI index is meant: nested indexes are opened, attestations and other artifacts passed over, a name,
// a position or a digest obeyed, the platform chosen (OCI image spec, image-index.md; BuildKit, docs/attestations).
import { type Digest, isDigest, sha256 } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { array, object, parseJsonObject, text } from './config';
import { type ListingClaim, listingClaim } from './layerListing';
import { nameAnImage } from './noArchive';
import { maxDocumentsBytes, maxListedLayers, type Place, tooMany, tooManyLayers } from './place';
import { choosePlatform, firstFew, formatPlatform, type Platform } from './platform';
import { type ImageChoice, namesImage } from './reference';

export interface Descriptor {
  mediaType: string | null;
  digest: Digest;
  /** bytes; null when it does not say */
  size: number | null;
  /** Where the table of contents is that a layer carries; absent without one. */
  listing?: ListingClaim;
}

export interface OciManifest {
  config: Descriptor;
  layers: Descriptor[];
}

interface Candidate {
  descriptor: Descriptor;
  manifest: OciManifest;
  platform: Platform | null;
  names: string[];
  /** Shown in errors, and the same for the platforms of one image. */
  label: string;
  /** Among the entries of index.json. */
  position: number;
}

const maxDepth = 8;
const maxManifests = 1000;

/** Throws StrataError('unreadable' | 'not-found' | 'usage' | 'hostile'). */
export async function chooseManifest(
  host: Host,
  place: Place,
  what: string,
  choice: ImageChoice | null,
  platform: string | undefined,
): Promise<{ manifest: OciManifest; problems: string[] }> {
  const bytes = await place.read('index.json');
  if (!bytes)
    throw new StrataError('unreadable', `${what} has no index.json, so it is no OCI layout.`, nameAnImage);
  const index = parseJsonObject(bytes);
  if (!index) throw new StrataError('unreadable', `index.json of ${what} is no JSON object.`);
  const walk: Walk = {
    place,
    what,
    candidates: [],
    problems: [],
    seen: 0,
    documents: new Map(),
    bytesRead: 0,
  };
  const entries = array(index.manifests);
  for (const [position, entry] of entries.entries()) {
    await collect(walk, entry, { names: [], position, platform: null }, 0);
  }
  const chosen = chosenBy(walk.candidates, choice);
  if (chosen.length === 0 && choice) {
    const have = walk.candidates.map(({ label, position }) => `${label || 'unnamed'} (@${position})`);
    throw new StrataError(
      'not-found',
      `${what} holds no such image; it has: ${firstFew([...new Set(have)])}.`,
    );
  }
  if (chosen.length === 0) {
    const why = walk.problems.length > 0 ? ` ${walk.problems.slice(0, 3).join(' ')}` : '';
    throw new StrataError('not-found', `${what} holds no image.${why}`);
  }
  if (chosen.length > 1 || platform !== undefined)
    for (const one of chosen) one.platform ??= await platformOf(walk, one.manifest);
  const { manifest } = choosePlatform(host, what, chosen, platform);
  return { manifest, problems: walk.problems };
}

interface Walk {
  place: Place;
  what: string;
  candidates: Candidate[];
  problems: string[];
  seen: number;
  /** What was read, once each: thousands of entries may name one document. Null for what is not there. */
  documents: Map<Digest, Record<string, unknown> | null>;
  bytesRead: number;
}

interface Inherited {
  names: string[];
  position: number;
  platform: Platform | null;
}

async function collect(walk: Walk, entry: unknown, inherited: Inherited, depth: number): Promise<void> {
  const { what } = walk;
  if (++walk.seen > maxManifests || depth > maxDepth) {
    throw new StrataError('hostile', `The index of ${what} lists more manifests than any image needs.`);
  }
  const json = object(entry);
  const descriptor = json && parseDescriptor(json);
  if (!json || !descriptor) {
    walk.problems.push(`An entry of the index of ${what} has no sha256 digest and was passed over.`);
    return;
  }
  const annotations = object(json.annotations) ?? {};
  const platform = parseOciPlatform(json.platform) ?? inherited.platform;
  if (isAttestation(annotations, platform)) return;
  const own = ['io.containerd.image.name', 'org.opencontainers.image.ref.name'].flatMap(
    (key) => text(annotations[key]) ?? [],
  );
  const names = own.length > 0 ? own : inherited.names;
  const document = await readVerified(walk, descriptor.digest);
  // Archives of containerd's store list the platforms that were not pulled.
  if (!document) {
    walk.problems.push(`${what} lists ${descriptor.digest} but does not hold it.`);
    return;
  }
  if (Array.isArray(document.manifests)) {
    for (const inner of document.manifests) {
      await collect(walk, inner, { names, position: inherited.position, platform }, depth + 1);
    }
    return;
  }
  const manifest = parseManifest(document);
  if (!manifest) {
    if (document.schemaVersion === 1)
      walk.problems.push(`${what} has a schema 1 manifest, which is not read.`);
    return;
  }
  if (manifest.layers.length > maxListedLayers) throw tooManyLayers(what, manifest.layers.length);
  walk.candidates.push({
    descriptor,
    manifest,
    platform: platform?.os === 'unknown' ? null : platform,
    names,
    label: names[0] ?? '',
    position: inherited.position,
  });
}

function chosenBy(candidates: Candidate[], choice: ImageChoice | null): Candidate[] {
  if (choice === null) return candidates;
  if ('position' in choice) return candidates.filter(({ position }) => position === choice.position);
  if ('digest' in choice) return candidates.filter(({ descriptor }) => descriptor.digest === choice.digest);
  return candidates.filter(({ names }) => names.some((name) => namesImage(choice.name, name)));
}

/** BuildKit marks them both ways; buildx before 0.11 had none. */
export function isAttestation(annotations: Record<string, unknown>, platform: Platform | null): boolean {
  return (
    annotations['vnd.docker.reference.type'] === 'attestation-manifest' ||
    (platform !== null && formatPlatform(platform) === 'unknown/unknown')
  );
}

/** A JSON document by its digest, which is verified; null when the place does not hold it. */
async function readVerified(walk: Walk, digest: Digest): Promise<Record<string, unknown> | null> {
  const known = walk.documents.get(digest);
  if (known !== undefined) return known;
  const bytes = await readBlob(walk.place, digest, walk.what);
  walk.bytesRead += bytes?.length ?? 0;
  if (walk.bytesRead > maxDocumentsBytes) throw tooMany(walk.what);
  const document = bytes && (parseJsonObject(bytes) ?? {});
  walk.documents.set(digest, document);
  return document;
}

/** Null when the place does not hold it. Throws StrataError('unreadable') when the bytes are not what the digest says. */
export async function readBlob(place: Place, digest: Digest, what: string): Promise<Uint8Array | null> {
  const bytes = await place.read(blobPath(digest));
  if (bytes && sha256(bytes) !== digest) {
    throw new StrataError('unreadable', `${digest} of ${what} holds other bytes than its digest says.`);
  }
  return bytes;
}

export function blobPath(digest: Digest): string {
  return `blobs/sha256/${digest.slice('sha256:'.length)}`;
}

/** Null for what is no image: an artifact, or a document of another kind. */
function parseManifest(document: Record<string, unknown>): OciManifest | null {
  const config = object(document.config);
  const configDescriptor = config && parseDescriptor(config);
  if (!configDescriptor || !Array.isArray(document.layers)) return null;
  const isImage = /(?:oci\.image\.config|docker\.container\.image|octet-stream)/.test(
    configDescriptor.mediaType ?? 'oci.image.config',
  );
  if (!isImage) return null;
  const layers = document.layers.map((layer) => parseDescriptor(object(layer) ?? {}));
  return layers.every((layer) => layer !== null) ? { config: configDescriptor, layers } : null;
}

function parseDescriptor(json: Record<string, unknown>): Descriptor | null {
  if (!isDigest(json.digest)) return null;
  const size = typeof json.size === 'number' && json.size >= 0 ? json.size : null;
  const listing = listingClaim(object(json.annotations) ?? {}) ?? undefined;
  return { mediaType: text(json.mediaType), digest: json.digest, size, ...(listing && { listing }) };
}

/** Null where it names no os and architecture. */
export function parseOciPlatform(value: unknown): Platform | null {
  const json = object(value);
  const os = text(json?.os);
  const architecture = text(json?.architecture);
  return os && architecture ? { os, architecture, variant: text(json?.variant) } : null;
}

/** Single-platform layouts do not say in the index: the config does. */
async function platformOf(walk: Walk, manifest: OciManifest): Promise<Platform | null> {
  return parseOciPlatform(await readVerified(walk, manifest.config.digest));
}
