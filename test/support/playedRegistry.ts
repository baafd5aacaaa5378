// A registry for unit tests: plays one repository from an OCI layout's files, and whatever a test puts in its way.
import { sha256 } from '../../server/src/primitives/digest';
import type { NetworkRequest } from '../../server/src/primitives/network';
import { type Files, ociFiles } from './imageFiles';
import { type ImageFixture, type ImageLiteral, imageFixture, type LayerCompression } from './imageFixture';
import { type MemoryHost, type MemoryHostOptions, memoryHost, type PlayedAnswer } from './memoryHost';

export interface PlayedRegistry {
  host: MemoryHost;
  fixtures: ImageFixture[];
  files: Files;
  /** Every request with its headers and body. */
  asked: (NetworkRequest & { url: string })[];
}

export interface PlayedRegistryOptions extends MemoryHostOptions {
  /** Answers first; null leaves it to the registry. */
  before?: (url: URL, request: NetworkRequest) => PlayedAnswer | null;
  compression?: LayerCompression;
  /** Bytes of the index or manifest that the tag names; default: the layout's index, or its only manifest. */
  named?: (files: Files) => Uint8Array;
}

/** Every host and repository holds the images under every tag. */
export async function playedRegistry(
  images: ImageLiteral | ImageLiteral[],
  { before, compression = 'gzip', named, ...options }: PlayedRegistryOptions = {},
): Promise<PlayedRegistry> {
  const fixtures = await Promise.all([images].flat().map(imageFixture));
  const files = ociFiles(fixtures, compression);
  const index = JSON.parse(text(files.get('index.json')));
  const blob = (digest: string): Uint8Array => files.get(`blobs/sha256/${digest.slice(7)}`) as Uint8Array;
  const top = named
    ? named(files)
    : index.manifests.length > 1
      ? (files.get('index.json') as Uint8Array)
      : blob(index.manifests[0].digest);
  const asked: PlayedRegistry['asked'] = [];
  const network = (address: string, request: NetworkRequest): PlayedAnswer => {
    asked.push({ ...request, url: address });
    const url = new URL(address);
    const special = before?.(url, request);
    if (special) return special;
    const [, kind, reference = ''] = /^\/v2\/.+\/(manifests|blobs)\/([^/]+)$/.exec(url.pathname) ?? [];
    const bytes =
      kind === 'manifests' && (!reference.startsWith('sha256:') || reference === sha256(top))
        ? top
        : blob(reference);
    if (!bytes) return { status: 404, body: '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"no"}]}' };
    if (kind === 'manifests') return { headers: { 'docker-content-digest': sha256(bytes) }, body: bytes };
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers?.range ?? '');
    if (!range) return { headers: { 'content-length': String(bytes.length) }, body: bytes };
    const [from, to] = [Number(range[1]), Math.min(Number(range[2]), bytes.length - 1)];
    return {
      status: 206,
      headers: { 'content-range': `bytes ${from}-${to}/${bytes.length}` },
      body: bytes.slice(from, to + 1),
    };
  };
  return { host: memoryHost({ network, ...options }), fixtures, files, asked };
}

function text(data: unknown): string {
  return Buffer.from(data as Uint8Array).toString('utf8');
}
