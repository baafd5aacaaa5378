// Whether the last part of a path in a layer is a whiteout (OCI image spec, layer.md "Whiteouts").
import { isNothing } from '../primitives/cleanPath';

const dot = 0x2e;

/** What the last part of a path is; a `whiteout` bears the name of what it deletes behind its prefix. */
export type NameKind = 'plain' | 'whiteout' | 'opaque' | 'leftover' | 'invalid';

export const whiteoutPrefixLength = 4;

const opaqueName = Buffer.from('.wh..wh..opq');

export function nameKind(bytes: Uint8Array, start: number, end: number): NameKind {
  if (!hasWhiteoutPrefix(bytes, start, end)) return 'plain';
  const behind = start + whiteoutPrefixLength;
  if (hasWhiteoutPrefix(bytes, behind, end)) {
    // AUFS kept its own files under `.wh..wh.`: .wh..wh.aufs, .wh..wh.orph, .wh..wh.plnk. They mean nothing now.
    return equals(bytes, start, end, opaqueName) ? 'opaque' : 'leftover';
  }
  // `.wh.`, `.wh..` and `.wh...` would delete nothing, the folder itself and the one above it.
  return isNothing(bytes, behind, end) ? 'invalid' : 'whiteout';
}

function hasWhiteoutPrefix(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start >= whiteoutPrefixLength &&
    bytes[start] === dot &&
    bytes[start + 1] === 0x77 && // w
    bytes[start + 2] === 0x68 && // h
    bytes[start + 3] === dot
  );
}

function equals(bytes: Uint8Array, start: number, end: number, other: Uint8Array): boolean {
  if (end - start !== other.length) return false;
  for (let i = 0; i < other.length; i++) if (bytes[start + i] !== other[i]) return false;
  return true;
}
