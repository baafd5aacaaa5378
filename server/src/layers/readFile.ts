// The bytes of one file in a layer, by where its body lies: read at once from a plain layer, or by unpacking a
// compressed one up to there; of a layer with a table of contents only its parts are fetched (listedFile.ts). Nothing is
// written to disk. Which version a path shows is decided by the merged view.
import type { Layer } from '../image/model';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { type Body, bodyOf, streamPieces, takeBodies } from './bodies';
import { findRow, rowPath } from './entry';
import { createInlineIndexer } from './indexer';
import { openPlainLayer } from './layerBytes';
import { readListedFile } from './listedFile';
import { type LayerIndex, rowTypes } from './model';
import { nameReader } from './nameTable';
import { PathTrie } from './pathTrie';
import { readSparseFile } from './sparseFile';
import { Stack } from './stack';

export interface ReadOptions {
  /** Larger files are refused with StrataError('unsupported'). Default 64 MiB. */
  maxBytes?: number;
  signal?: AbortSignal;
}

const defaultMaxBytes = 64 * 2 ** 20;

/**
 * The content of a row of a layer's index; a hard link's is that of the file it leads to within the layer.
 * Throws StrataError('not-found') when it has none there, ('unsupported') when it is too large or the layer's bytes
 * are not at hand, ('unreadable') when the layer is damaged.
 */
export async function readLayerFile(
  host: Host,
  layer: Layer,
  index: LayerIndex,
  row: number,
  options: ReadOptions = {},
): Promise<Uint8Array> {
  const body = fileBody(layer, index, row, options);
  const { signal } = options;
  signal?.throwIfAborted();
  const size = body.end - body.offset;
  if (index.listed) {
    const bytes =
      size === 0 ? new Uint8Array(0) : await readListedFile(layer, index.block[body.row]!, size, signal);
    return bytes ?? readUnlisted(host, layer, rowPath(index, body.row), options);
  }
  const read = (offset: number, length: number): Promise<Uint8Array> =>
    readRange(host, layer, offset, length, signal);
  const bytes = index.sparse.includes(body.row)
    ? await readSparseFile(host, layer, body.offset, size, read, signal)
    : await read(body.offset, size);
  if (bytes.length < size) {
    throw new StrataError('unreadable', `Layer ${layer.index} ends inside ${rowPath(index, body.row)}.`);
  }
  return bytes;
}

/** The table of contents did not lead to the bytes after all: the layer is gone through. */
async function readUnlisted(
  host: Host,
  layer: Layer,
  path: string,
  options: ReadOptions,
): Promise<Uint8Array> {
  const { diffId, blobDigest } = layer;
  const indexer = createInlineIndexer(host);
  const index = await indexer.index(layer.blob!, diffId, { signal: options.signal, blobDigest });
  return readLayerFile(host, layer, index, findRow(index, path), options);
}

/** Where the content of a row lies. Throws as `readLayerFile` when there is none, or it may not be read. */
export function fileBody(
  layer: Layer,
  index: LayerIndex,
  row: number,
  { maxBytes = defaultMaxBytes }: ReadOptions,
): Body {
  const file = fileRow(index, row);
  if (file < 0) {
    throw new StrataError('not-found', `${rowPath(index, row)} has no content in layer ${layer.index}.`);
  }
  const size = index.size[file]!;
  if (size > maxBytes) {
    throw new StrataError(
      'unsupported',
      `${rowPath(index, file)} is ${size} bytes, more than the limit of ${maxBytes}.`,
    );
  }
  if (!layer.blob) {
    throw new StrataError('unsupported', `The bytes of layer ${layer.index} are not at hand.`);
  }
  return bodyOf(index, file);
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

/** Bytes of the layer's tar; fewer when it ends before. */
async function readRange(
  host: Host,
  layer: Layer,
  offset: number,
  length: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  if (length === 0) return new Uint8Array(0);
  const plain = await openPlainLayer(host, layer.blob!, signal);
  if (!plain) return readStream(layer, offset, length, signal);
  try {
    signal?.throwIfAborted();
    return await plain.read(offset, length);
  } finally {
    await plain.close();
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
  await takeBodies([{ row: -1, offset, end: offset + size }], streamPieces(layer.blob!, signal), () => ({
    add(part) {
      bytes.set(part, filled);
      filled += part.length;
    },
    end() {},
  }));
  return bytes.subarray(0, filled);
}
