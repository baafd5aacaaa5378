// The provenance that was attached to an image when it was made (BuildKit docs/attestations/attestation-storage.md): a
// manifest beside the image's own in its index, whose blob is an in-toto statement. In layouts, archives and registries;
// each document is compared with its digest. What the statement says is build/provenance.ts's to read.
import { type Digest, isDigest, sha256 } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { openArchive } from './archive';
import { array, object, parseJsonObject, text } from './config';
import { dockerDaemonPlace } from './dockerDaemon';
import type { Image } from './model';
import { blobPath } from './ociIndex';
import { findPath, folderPlace, maxDocumentBytes, maxDocumentsBytes, type Place } from './place';
import { parseReference } from './reference';
import { readBody } from './registryBody';
import { parseRegistryName } from './registryName';
import { createRegistry, manifestTypes } from './registryRequests';

export interface Attestation {
  /** `https://slsa.dev/provenance/v1` */
  predicateType: string;
  /** The in-toto statement. */
  statement: Record<string, unknown>;
  /** Of the manifest of the image that it speaks of. */
  manifest: Digest;
}

const maxDocuments = 300;
const maxDepth = 4;
const provenanceType = /^https:\/\/slsa\.dev\/provenance\//;

/**
 * The provenance attached to an image that has been opened; null where none is attached, or where its source keeps no
 * attestations (an engine with a graph driver, podman) or does not let them be read (see contentStore.ts).
 * Throws StrataError: 'unreadable' when bytes are not what their digest says, 'hostile', 'cancelled', as sources do.
 */
export async function readAttestation(
  host: Host,
  image: Pick<Image, 'reference' | 'id'>,
  signal?: AbortSignal,
): Promise<Attestation | null> {
  const documents = await documentsOf(host, image.reference, signal);
  if (!documents) return null;
  try {
    return await provenanceIn(documents, image);
  } finally {
    await documents.close();
  }
}

async function provenanceIn(documents: Documents, image: Pick<Image, 'id'>): Promise<Attestation | null> {
  for (const { entry, digest } of await attestationsIn(documents)) {
    // The image's id is the digest of its config: several platforms have one each.
    const own = await documents.get(digest, 'manifest');
    if (object(own?.config)?.digest !== image.id) continue;
    const manifest = await documents.get(entry, 'manifest');
    for (const layer of array(manifest?.layers)) {
      const descriptor = object(layer);
      const type = text(object(descriptor?.annotations)?.['in-toto.io/predicate-type']) ?? '';
      if (!provenanceType.test(type) || !isDigest(descriptor?.digest)) continue;
      const statement = await documents.get(descriptor.digest, 'blob');
      if (statement && speaksOf(statement, digest))
        return { predicateType: type, statement, manifest: digest };
    }
  }
  return null;
}

interface Documents {
  /** The first one: index.json, or what a registry's tag names. */
  root: Record<string, unknown>;
  /** A JSON document that is what its digest says; null when it is not there. */
  get(digest: Digest, kind: 'manifest' | 'blob'): Promise<Record<string, unknown> | null>;
  /** Frees the archive that they are read from. */
  close(): Promise<void>;
}

const noClose = async (): Promise<void> => {};

/** All attestation manifests of an index and those nested in it, with the image's manifest that each is of. */
async function attestationsIn(documents: Documents): Promise<{ entry: Digest; digest: Digest }[]> {
  const found: { entry: Digest; digest: Digest }[] = [];
  const waiting = [{ document: documents.root, depth: 0 }];
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    for (const one of array(next.document.manifests)) {
      const descriptor = object(one);
      const { digest } = descriptor ?? {};
      if (!isDigest(digest)) continue;
      const annotations = object(descriptor?.annotations) ?? {};
      const of = annotations['vnd.docker.reference.digest'];
      if (annotations['vnd.docker.reference.type'] === 'attestation-manifest') {
        if (isDigest(of)) found.push({ entry: digest, digest: of });
      } else if (isIndex(descriptor?.mediaType) && next.depth < maxDepth) {
        const document = await documents.get(digest, 'manifest');
        if (document) waiting.push({ document, depth: next.depth + 1 });
      }
    }
  }
  return found;
}

function isIndex(mediaType: unknown): boolean {
  return mediaType === undefined || /index|manifest\.list/.test(String(mediaType));
}

/** BuildKit leaves the subject out of what it writes to files, and names the pushed image in what it pushes. */
function speaksOf(statement: Record<string, unknown>, manifest: Digest): boolean {
  const subjects = array(statement.subject).flatMap((one) => text(object(object(one)?.digest)?.sha256) ?? []);
  return subjects.length === 0 || subjects.some((hex) => `sha256:${hex}` === manifest);
}

async function documentsOf(host: Host, reference: string, signal?: AbortSignal): Promise<Documents | null> {
  const parsed = parseReference(reference);
  if (parsed.kind === 'engine') {
    if (parsed.transport === 'docker') return registryDocuments(host, parsed.name, signal);
    if (parsed.transport !== 'docker-daemon') return null;
    const stored = await dockerDaemonPlace(host, parsed.name, { reference, signal });
    return stored && documentsIn(stored, reference, noClose);
  }
  if (parsed.kind === 'bare') return null;
  const found = await findPath(host, parsed.rest);
  if (!found) return null;
  const archive = found.isFolder ? null : await openArchive(host, found.path, signal);
  const place = archive ?? folderPlace(host, found.path, signal);
  return documentsIn(place, reference, archive?.close ?? noClose);
}

async function documentsIn(
  place: Place,
  reference: string,
  close: Documents['close'],
): Promise<Documents | null> {
  try {
    const bytes = await place.read('index.json');
    const root = bytes && parseJsonObject(bytes);
    if (root) return { root, get: reader(reference, (digest) => place.read(blobPath(digest))), close };
  } catch (error) {
    await close();
    throw error;
  }
  // An archive of an engine before 25 holds no OCI layout.
  await close();
  return null;
}

async function registryDocuments(host: Host, name: string, signal?: AbortSignal): Promise<Documents | null> {
  const registry = createRegistry(host, parseRegistryName(name));
  const { tag, digest } = registry.name;
  const fetched = async (path: string, isManifest: boolean): Promise<Uint8Array> => {
    const answer = await registry.get(path, isManifest ? { accept: manifestTypes } : {}, signal);
    return readBody(answer, maxDocumentBytes, `${registry.name.host} (${path})`);
  };
  const bytes = await fetched(`manifests/${digest ?? tag}`, true);
  // A tag that has moved on since the image was opened leads to another config, so that nothing is found.
  if (digest !== null && sha256(bytes) !== digest) throw otherBytes(digest, name);
  const root = parseJsonObject(bytes);
  if (!root) return null;
  return {
    root,
    get: reader(name, (wanted, kind) => fetched(`${kind}s/${wanted}`, kind === 'manifest')),
    close: noClose,
  };
}

/** Reads verified documents within bounds: thousands of entries may name one large document. */
function reader(
  what: string,
  read: (digest: Digest, kind: 'manifest' | 'blob') => Promise<Uint8Array | null>,
): Documents['get'] {
  let bytesLeft = maxDocumentsBytes;
  let left = maxDocuments;
  return async (digest, kind) => {
    if (--left < 0 || bytesLeft < 0) {
      throw new StrataError('hostile', `${what} has more attestations than any image needs.`);
    }
    const bytes = await read(digest, kind);
    if (!bytes) return null;
    bytesLeft -= bytes.length;
    if (sha256(bytes) !== digest) throw otherBytes(digest, what);
    return parseJsonObject(bytes);
  };
}

function otherBytes(digest: Digest, what: string): StrataError {
  return new StrataError('unreadable', `${digest} of ${what} holds other bytes than its digest says.`);
}
