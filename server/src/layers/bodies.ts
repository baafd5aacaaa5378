// Bodies of files in a tar that goes by in pieces, in order: handed on part by part, or summed, without holding one in
// memory. Which bodies, and where they lie, the caller knows from an index.
import { createHash } from 'node:crypto';
import type { LayerBlob } from '../image/model';
import { decompress } from '../primitives/decompress';
import { StrataError } from '../primitives/errors';
import type { RandomAccessFile } from '../primitives/host';
import { blockSize } from '../primitives/tarHeader';
import type { LayerIndex } from './model';

/** A file's content in the tar, by bytes from its start. */
export interface Body {
  row: number;
  offset: number;
  end: number;
}

export function bodyOf(index: LayerIndex, row: number): Body {
  const offset = index.block[row]! * blockSize;
  return { row, offset, end: offset + index.size[row]! };
}

/** Bytes of the tar and where they lie in it. */
export interface Piece {
  at: number;
  bytes: Uint8Array;
}

const pieceBytes = 2 ** 20;
/** Bodies that lie closer together are read in one go: a call costs more than these bytes. */
const gapBytes = 16 * 1024;

/** The pieces of a plain tar that hold the bodies, which must be in ascending order. */
export async function* plainPieces(
  file: RandomAccessFile,
  bodies: readonly Body[],
  signal?: AbortSignal,
): AsyncGenerator<Piece> {
  for (let i = 0; i < bodies.length; ) {
    let at = bodies[i]!.offset;
    let { end } = bodies[i]!;
    for (i++; i < bodies.length && bodies[i]!.offset - end <= gapBytes; i++)
      end = Math.max(end, bodies[i]!.end);
    while (at < end) {
      signal?.throwIfAborted();
      const bytes = await file.read(at, Math.min(pieceBytes, end - at));
      if (bytes.length === 0) return;
      yield { at, bytes };
      at += bytes.length;
    }
  }
}

/** The pieces of a tar as it is unpacked, from its start on. Throws as `decompress`. */
export async function* streamPieces(blob: LayerBlob, signal?: AbortSignal): AsyncGenerator<Piece> {
  let at = 0;
  for await (const bytes of decompress(blob.open(signal), { signal })) {
    yield { at, bytes };
    at += bytes.length;
  }
}

/** What is done with a body: its parts come in order. */
export interface BodySink {
  add(part: Uint8Array): void;
  end(): void;
}

/**
 * Hands bodies on as they go by, and stops taking pieces behind the last one. Returns the body at which the pieces
 * ended; null when all came.
 * @param bodies in ascending order, none of them empty
 */
export async function takeBodies(
  bodies: readonly Body[],
  pieces: AsyncIterable<Piece>,
  sinkOf: (body: Body) => BodySink,
): Promise<Body | null> {
  let current = 0;
  let sink: BodySink | null = null;
  for await (const { at, bytes } of pieces) {
    const pieceEnd = at + bytes.length;
    for (; current < bodies.length; current++) {
      const body = bodies[current]!;
      if (body.offset >= pieceEnd) break;
      // Bodies overlap in no tar, but an index that came with a project may claim it.
      if (!sink && body.offset < at) continue;
      sink ??= sinkOf(body);
      sink.add(bytes.subarray(Math.max(0, body.offset - at), body.end - at));
      if (body.end > pieceEnd) break;
      sink.end();
      sink = null;
    }
    if (current === bodies.length) return null;
  }
  return bodies[current] ?? null;
}

/**
 * Tells the first 16 bytes of each body's SHA-256, as Latin-1.
 * Throws StrataError('unreadable') when the pieces end before; what was told until then is right.
 * @param bodies as for `takeBodies`
 */
export async function hashBodies(
  bodies: readonly Body[],
  pieces: AsyncIterable<Piece>,
  onSum: (body: Body, sum: string) => void,
): Promise<void> {
  const missed = await takeBodies(bodies, pieces, (body) => {
    const hash = createHash('sha256');
    return {
      add: (part) => void hash.update(part),
      end: () => onSum(body, hash.digest().toString('latin1', 0, 16)),
    };
  });
  if (missed) throw new StrataError('unreadable', `It ends before byte ${missed.end}, inside a file.`);
}
