// A layer tar as an attacker or a broken tool writes it, with what must come of it, and what such tars are made with.
// The tars themselves: hostileSizes.ts and its neighbours.
import type { IndexLimits } from '../../server/src/layers/indexLimits';
import type { DecompressLimits } from '../../server/src/primitives/decompress';
import { base256, rawEntry, rawHeader } from './rawTar';

export interface HostileLayer {
  name: string;
  tar: () => Uint8Array;
  /** Its unpacked bytes and paths added; or null and why it is unknown. */
  expect: { bytes: number; added: number; notes?: RegExp[] } | { unknown: RegExp };
  limits?: IndexLimits;
  decompressLimits?: DecompressLimits;
}

export const entry = (name: string | Uint8Array, body = 'x', more = {}): Buffer =>
  rawEntry({ name, ...more }, body);
export const longName = (name: string | Uint8Array, type = 'L'): Buffer =>
  rawEntry(
    { name: '././@LongLink', type, magic: 'ustar  \0' },
    Buffer.concat([Buffer.from(name), Buffer.alloc(1)]),
  );
export const rawPaxBody = (body: string | Uint8Array, type = 'x'): Buffer =>
  rawEntry({ name: 'PaxHeaders/a', type }, body);
export const sizeField = (text: string): Buffer =>
  rawHeader({ name: 'a', patch: (block) => block.fill(0, 124, 136).write(text, 124, 'latin1') });
export const sizeBinary = (value: bigint): Buffer =>
  rawHeader({ name: 'a', patch: (block) => base256(block, 124, 12, value) });
export const small = (maxEntries: number): IndexLimits => ({ maxEntries, maxPathBytes: 4096 });

export const cut = /Layer 1 .* could not be read\. The tar is cut/;
export const noNumber = /Layer 1 .* could not be read\. .*number field that is no number/;
export const malformed = /Layer 1 .* could not be read\. .*extended header at byte \d+ is not well-formed/;
export const checksum = /Layer 1 .* could not be read\. .*wrong checksum/;
export const inside = /Layer 1 .*: names that leave the image were taken as inside it \(\d+, first: /;
export const twice = /Layer 1 .*: paths are in the layer more than once; the last one counts \(\d+, first: /;
export const replaced = /Layer 1 .*: directories were replaced within the layer \(/;
export const nameless = /Layer 1 .*: whiteouts without a name were ignored \(/;
export const needless = /Layer 1 .* deletes paths that no lower layer has \(\d+\)\.$/;
export const oddType = /Layer 1 .*: entries of an unknown type were taken for files \(1\)/;
export const extended = /Layer 1 .* could not be read\. The tar has an extended header of -?\d+ bytes/;
export const pathBytes =
  /Layer 1 .* could not be read\. The layer has a path of \d+ bytes; the limit is 4096/;
