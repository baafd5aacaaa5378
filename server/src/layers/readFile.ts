// The bytes of one file in a layer, by where its body lies: read at once from a plain layer, or by unpacking a
// compressed one up to there. Nothing is written to disk. Which version a path shows is decided by the merged view.
import type { Layer } from '../image/model';
import { sniffBytes, sniffCompression } from '../primitives/compression';
import { decompress } from '../primitives/decompress';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { blockSize } from '../primitives/tarHeader';
import { findRow, rowPath } from './entry';
import { type LayerIndex, rowTypes } from './model';
import { nameReader } from './nameTable';
import { PathTrie } from './pathTrie';
import { Stack } from './stack';

export interface ReadOptions {
  /** Larger files are refused with StrataError('unsupported'). Default 64 MiB. */
  maxBytes?: number;
  signal?: AbortSignal;
}

const defaultMaxBytes = 64 * 2 ** 20;

/**
 * The content of a row of a layer's index; a hard link's is that of the file it leads to within the layer.
 * Throws StrataError('not-found') when it has none there, ('unsupported') when it is too large, sparse or the layer's
 * bytes are not at hand, ('unreadable') when the layer is damaged.
 */
export async function readLayerFile(
  host: Host,
  layer: Layer,
  index: LayerIndex,
  row: number,
  options: ReadOptions = {},
): Promise<Uint8Array> {
  const file = fileRow(index, row);
  if (file < 0) {
    throw new StrataError('not-found', `${rowPath(index, row)} has no content in layer ${layer.index}.`);
  }
  const { maxBytes = defaultMaxBytes, signal } = options;
  const size = index.size[file]!;
  if (size > maxBytes) {
    throw new StrataError(
      'unsupported',
      `${rowPath(index, file)} is ${size} bytes, more than the limit of ${maxBytes}.`,
    );
  }
  if (index.sparse.includes(file)) {
    throw new StrataError(
      'unsupported',
      `${rowPath(index, file)} is stored as a sparse file, which is not unpacked.`,
    );
  }
  if (!layer.blob) {
    throw new StrataError('unsupported', `The bytes of layer ${layer.index} are not at hand.`);
  }
  const offset = index.block[file]! * blockSize;
  const bytes =
    (await readRegion(host, layer, offset, size)) ?? (await readStream(layer, offset, size, signal));
  if (bytes.length < size) {
    throw new StrataError('unreadable', `Layer ${layer.index} ends inside ${rowPath(index, file)}.`);
  }
  return bytes;
}

/**
 * The content that a path shows after layer `upTo`, hard links across layers included. Null when there is no such path
 * or it is no file. Throws as `readLayerFile`.
 */
export async function readStateFile(
  host: Host,
  layers: readonly Layer[],
  indexes: readonly LayerIndex[],
  upTo: number,
  path: string,
  options: ReadOptions = {},
): Promise<Uint8Array | null> {
  const place = findStateFile(indexes, upTo, path);
  return place && readLayerFile(host, layers[place.layer]!, indexes[place.layer]!, place.row, options);
}

/** Layer and row of the file that holds the content of a path after layer `upTo`; null when there is none. */
export function findStateFile(
  indexes: readonly LayerIndex[],
  upTo: number,
  path: string,
): { layer: number; row: number } | null {
  const below = indexes.slice(0, upTo + 1);
  const trie = new PathTrie(below);
  const stack = new Stack(trie);
  for (const index of below) stack.push(index);
  const node = trie.find(path);
  return node > 0 && stack.isVisible(node) ? stack.inode(stack.layer[node]!, stack.row[node]!) : null;
}

/** Links to links end after a few; a loop ends too. */
function fileRow(index: LayerIndex, row: number): number {
  const name = nameReader(index.names);
  let at = row;
  for (let i = 0; i < 16 && at >= 0; i++) {
    if (index.type[at] === rowTypes.file) return at;
    if (index.type[at] !== rowTypes.hardlink) return -1;
    at = findRow(index, name(index.link[at]!));
  }
  return -1;
}

/** Null when the layer is compressed or no part of a file. */
async function readRegion(
  host: Host,
  layer: Layer,
  offset: number,
  size: number,
): Promise<Uint8Array | null> {
  const region = layer.blob?.region;
  if (!region) return null;
  const file = await host.files.open(region.path);
  try {
    const head = await file.read(region.offset, Math.min(sniffBytes, region.length));
    if (sniffCompression(head) !== 'none') return null;
    return await file.read(region.offset + offset, Math.max(0, Math.min(size, region.length - offset)));
  } finally {
    await file.close();
  }
}

async function readStream(
  layer: Layer,
  offset: number,
  size: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let filled = 0;
  let at = 0;
  if (size === 0) return bytes;
  for await (const chunk of decompress(layer.blob!.open(signal), { signal })) {
    const from = Math.max(0, offset - at);
    at += chunk.length;
    if (from >= chunk.length) continue;
    const part = chunk.subarray(from, from + size - filled);
    bytes.set(part, filled);
    filled += part.length;
    if (filled === size) return bytes;
  }
  return bytes.subarray(0, filled);
}
