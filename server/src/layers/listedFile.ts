// One file of a layer that carries a table of contents, had without the layer: only the stored parts that the table
// names for it are fetched, and each is compared with the digest that the table gives (stargz-snapshotter,
// docs/estargz.md, "TOCEntry"; containers/storage, pkg/chunked/internal, FileMetadata). The table itself was compared
// with the digest in the manifest (image/layerListing.ts). Null wherever that cannot be done: then the layer is read.
import type { Layer } from '../image/model';
import { oneChunk } from '../primitives/chunks';
import { decompress } from '../primitives/decompress';
import { type Digest, isDigest, sha256 } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import { isCount, listedEntries } from './listedIndex';

/** A part of a file's content, and where it is stored. */
interface Piece {
  /** Bytes stored, from the first one of a gzip member or a zstd frame; `end` at most. Equal for zeros. */
  start: number;
  end: number;
  /** Bytes that come out before the piece does: small files share a member. */
  skip: number;
  size: number;
  /** Null for zeros, which are not stored. */
  digest: Digest | null;
}

/** Pieces that lie closer together are fetched with one request: that costs more than these bytes. */
const gapBytes = 64 * 1024;
const mostBytesAtOnce = 16 * 2 ** 20;
/** Of one piece: 4 MiB are usual, and a file that was not cut is one. */
const mostPieceBytes = 64 * 2 ** 20;

/**
 * @param position of the file's entry in the table
 * @param size bytes of the file
 * Throws StrataError('unreadable') for bytes that are not what the table says, and what a connection throws.
 */
export async function readListedFile(
  { blob, compressedBytes: stored }: Layer,
  position: number,
  size: number,
  signal?: AbortSignal,
): Promise<Uint8Array | null> {
  if (!blob?.listing || !blob.range || stored === null) return null;
  const json = await blob.listing(signal);
  const pieces = json === null ? null : piecesOf(listedEntries(json) ?? [], position, size, stored);
  if (!pieces) return null;
  const content = new Uint8Array(size);
  try {
    let filled = 0;
    for (const { start, end, pieces: together } of requestsFor(pieces)) {
      const bytes = end > start ? await blob.range(start, end - start, signal) : new Uint8Array(0);
      for (const piece of together) {
        const { digest } = piece;
        const from = piece.start - start;
        if (digest !== null) {
          const part = await unpackPiece(bytes.subarray(from, piece.end - start), piece, signal);
          if (sha256(part) !== digest) throw damaged();
          content.set(part, filled);
        }
        filled += piece.size;
      }
    }
    return content;
  } catch (error) {
    if (error instanceof StrataError && error.code === 'unsupported') return null;
    throw error;
  }
}

/** Null where the table leaves something open, or names more than may be taken at once. */
function piecesOf(
  entries: readonly unknown[],
  position: number,
  size: number,
  stored: number,
): Piece[] | null {
  const first = entries[position] as Record<string, unknown> | undefined;
  if (first?.type !== 'reg' || first.size !== size) return null;
  const listed = [first];
  for (let i = position + 1; i < entries.length; i++) {
    const next = entries[i] as Record<string, unknown>;
    if (next?.type !== 'chunk' || next.name !== first.name) break;
    listed.push(next);
  }
  const starts = startsOf(entries);
  const pieces: Piece[] = [];
  let at = 0;
  for (const one of listed) {
    if ((one.chunkOffset ?? 0) !== at) return null;
    // 0 is the rest of the file.
    const own = one.chunkSize || size - at;
    const piece = pieceOf(one, own, listed.length === 1, starts, stored);
    if (!piece || piece.start < (pieces.at(-1)?.start ?? 0)) return null;
    pieces.push(piece);
    at += piece.size;
  }
  return at === size ? pieces : null;
}

function pieceOf(
  listed: Record<string, unknown>,
  size: unknown,
  isOnly: boolean,
  starts: readonly number[],
  stored: number,
): Piece | null {
  const { offset: start, innerOffset: skip = 0, chunkType, endOffset } = listed;
  if (!isCount(size) || size > mostPieceBytes || !isCount(start) || !isCount(skip)) return null;
  if (skip > mostPieceBytes || start >= stored) return null;
  if (chunkType === 'zeros') return { start, end: start, skip: 0, size, digest: null };
  const digest = listed.chunkDigest ?? (isOnly ? listed.digest : undefined);
  if (!isDigest(digest)) return null;
  // eStargz does not tell where a piece ends: where the next one begins, and never behind what its bytes can take stored.
  const most = skip + size + Math.ceil((skip + size) / 1000) + gapBytes;
  const end = isCount(endOffset) ? endOffset : (starts.find((other) => other > start) ?? stored);
  return { start, end: Math.min(Math.max(start, end), start + most, stored), skip, size, digest };
}

function startsOf(entries: readonly unknown[]): number[] {
  const starts = new Set<number>();
  for (const entry of entries) {
    const { offset } = entry as { offset?: unknown };
    if (isCount(offset) && offset > 0) starts.add(offset);
  }
  return [...starts].sort((a, b) => a - b);
}

/** Neighbours together. */
function requestsFor(pieces: readonly Piece[]): { start: number; end: number; pieces: Piece[] }[] {
  const requests: { start: number; end: number; pieces: Piece[] }[] = [];
  for (const piece of pieces) {
    const last = requests.at(-1);
    const isNear = last && piece.start - last.end <= gapBytes && piece.end - last.start <= mostBytesAtOnce;
    if (isNear) {
      last.pieces.push(piece);
      last.end = Math.max(last.end, piece.end);
    } else requests.push({ start: piece.start, end: piece.end, pieces: [piece] });
  }
  return requests;
}

/** The bytes that come out behind the first `skip` of them. Throws StrataError('unreadable') when there are too few. */
async function unpackPiece(
  stored: Uint8Array,
  { skip, size }: Piece,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let at = 0;
  if (size === 0) return bytes;
  for await (const chunk of decompress(oneChunk(stored), { signal })) {
    const from = Math.max(0, skip - at);
    const to = Math.min(chunk.length, skip + size - at);
    if (from < to) bytes.set(chunk.subarray(from, to), at + from - skip);
    at += chunk.length;
    if (at >= skip + size) return bytes;
  }
  throw damaged();
}

function damaged(): StrataError {
  return new StrataError(
    'unreadable',
    "A part of the file is not what its digest in the layer's table of contents says.",
    'Something between here and the registry may have changed it.',
  );
}
