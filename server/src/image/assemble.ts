// Where the sources meet: a config and the stored layers become an Image. A source supplies what it knows; what layers
// are, their chain, and what does not fit together is decided here, once.
import { sniffCompression } from '../primitives/compression';
import { chainIds, type Digest, sha256 } from '../primitives/digest';
import { isCancelled, StrataError } from '../primitives/errors';
import { parseImageConfig } from './config';
import type { Image, ImageConfig, Layer } from './model';
import type { StoredBlob } from './place';
import { formatPlatform } from './platform';
import { verifyImage } from './verify';

export interface LayerSource {
  /** Null when the source does not hold it. */
  stored: StoredBlob | null;
  digest: Digest | null;
  /** The source finds the bytes by `digest`, so that it is the digest of the bytes as they are stored. */
  byDigest?: boolean;
  mediaType: string | null;
  /** Bytes as a registry stores it, where the source itself says; otherwise `stored` tells by its first bytes. */
  compressedBytes?: number | null;
}

export interface ImageParts {
  reference: string;
  configBytes: Uint8Array;
  /** As the manifest lists them, oldest first. */
  layers: LayerSource[];
  problems: string[];
  close?: () => Promise<void>;
}

/** Throws StrataError('unreadable') when the config is none. */
export function assembleImage(parts: ImageParts): Image {
  const parsed = parseImageConfig(parts.configBytes);
  if (!parsed) throw new StrataError('unreadable', `The config of ${parts.reference} is no JSON object.`);
  const { config } = parsed;
  if (config.diffIds.length === 0 && parts.layers.length > 0) {
    throw new StrataError(
      'unreadable',
      `The config of ${parts.reference} names no layers (rootfs.diff_ids), though its manifest lists ${parts.layers.length}.`,
      'It may be an artifact and no image.',
    );
  }
  const problems = [...parts.problems, ...parsed.problems, ...verifyImage(config, parts.layers.length)];
  return {
    reference: parts.reference,
    id: sha256(parts.configBytes),
    platform: formatPlatform(config),
    config,
    layers: layersOf(config, parts.layers, problems),
    problems,
    close: parts.close ?? (async () => {}),
  };
}

function layersOf(config: ImageConfig, sources: readonly LayerSource[], problems: string[]): Layer[] {
  const chain = chainIds(config.diffIds);
  const lies = liesOf(config.diffIds, sources);
  problems.push(...otherBytes(config.diffIds, sources));
  return config.diffIds.map((diffId, index) => {
    const source = sources[index];
    const stored = source?.stored ?? null;
    if (source && !stored)
      problems.push(`Layer ${index} (${diffId.slice(0, 19)}) is listed but its bytes are missing.`);
    const lie = lies.get(index);
    if (lie) problems.push(`Layer ${index} (${diffId.slice(0, 19)}) was not read. ${lie}`);
    return {
      index,
      diffId,
      chainId: chain[index]!,
      blobDigest: source?.digest ?? null,
      compressedBytes: source && stored ? sizeStored(source, stored) : null,
      mediaType: source?.mediaType ?? null,
      blob: lie ? null : (stored?.blob ?? null),
    };
  });
}

function sizeStored({ compressedBytes }: LayerSource, { head, size }: StoredBlob): number | null {
  if (compressedBytes !== undefined) return compressedBytes;
  return isCompressed(head) ? size : null;
}

/**
 * Layers that cannot be what their DiffIDs say, told without reading them: plain bytes are named by another digest, or
 * an earlier layer has the same bytes under another DiffID (so that a manifest could name one large layer ten thousand
 * times, for each time another index). They are not read.
 */
function liesOf(diffIds: readonly Digest[], sources: readonly LayerSource[]): Map<number, string> {
  const lies = new Map<number, string>();
  const diffIdOf = new Map<string, Digest>();
  for (const [index, diffId] of diffIds.entries()) {
    const { stored = null, digest = null, byDigest = false } = sources[index] ?? {};
    if (!stored) continue;
    // Of a blob that is far away nothing has been read.
    const isPlain = stored.head.length > 0 && !isCompressed(stored.head);
    if (byDigest && digest !== diffId && isPlain) {
      lies.set(index, `Its bytes are stored plain as ${digest}, so its DiffID is wrong.`);
    }
    const { region } = stored.blob;
    const place = byDigest ? digest : region && `${region.offset} ${region.path}`;
    if (!place) continue;
    const first = diffIdOf.get(place) ?? diffId;
    diffIdOf.set(place, first);
    if (first !== diffId && !lies.has(index)) {
      lies.set(index, `Its bytes are those of a layer with another DiffID (${first.slice(0, 19)}).`);
    }
  }
  return lies;
}

/** A layer compressed in two ways has two blobs; whether these are such, only reading both would tell. */
function otherBytes(diffIds: readonly Digest[], sources: readonly LayerSource[]): string[] {
  const first = new Map<Digest, number>();
  return diffIds.flatMap((diffId, index) => {
    const at = first.get(diffId);
    if (at === undefined) first.set(diffId, index);
    const [one, other] = [sources[at ?? index], sources[index]];
    if (!one?.byDigest || !other?.byDigest || one.digest === other.digest) return [];
    return `Layer ${index} (${diffId.slice(0, 19)}) has the same DiffID as layer ${at} and other bytes; both were taken for one layer.`;
  });
}

/**
 * By its bytes: media types lie, and a layer stored plain is what a registry would store compressed, so that its size
 * there is not known.
 */
function isCompressed(head: Uint8Array): boolean {
  try {
    return sniffCompression(head) !== 'none';
  } catch (error) {
    if (isCancelled(error)) throw error;
    return true;
  }
}
