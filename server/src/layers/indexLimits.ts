// What a layer may hold before it is taken for an attack. Limits of what is unpacked are in primitives/decompress.ts.
import { StrataError } from '../primitives/errors';
import { rowTypes } from './model';
import type { RowTable } from './rowTable';

export interface IndexLimits {
  /** Rows, parents that the tar does not list included. */
  maxEntries: number;
  /** Bytes of one path. Linux cannot unpack longer ones (PATH_MAX). */
  maxPathBytes: number;
  /** Bytes of all distinct names and link targets together; default 512 MiB. */
  maxNameBytes?: number;
}

export const defaultIndexLimits: IndexLimits = { maxEntries: 10_000_000, maxPathBytes: 4096 };

export const defaultNameBytes = 512 * 2 ** 20;

/** 64 TiB: more than any layer, and little enough for the sum of as many layers as engines take to be exact. */
const maxUnpackedBytes = 2 ** 46;

/** Bytes of all files of a layer. Throws StrataError('hostile') for sizes beyond all measure. */
export function bytesOfFiles({ count, type, size }: RowTable): number {
  let bytes = 0;
  for (let row = 0; row < count; row++) if (type[row] === rowTypes.file) bytes += size[row]!;
  if (bytes <= maxUnpackedBytes) return bytes;
  throw new StrataError(
    'hostile',
    `The files of the layer claim to hold ${bytes} bytes together; the limit is ${maxUnpackedBytes}.`,
  );
}
