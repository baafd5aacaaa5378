// A LayerIndex as bytes: a small JSON head and the columns as they lie in memory, so that reading one back is a matter
// of views, not of parsing. Versioned and checksummed: whatever is not exactly right is no index. Where it is kept:
// store.ts.
import type { Digest } from '../primitives/digest';
import type { Column, LayerIndex } from './model';
import { packIndex } from './packIndex';
import { isShared, zeros } from './zeros';

/** Raise it when the meaning of a column changes: older files are then built anew. */
export const indexFormatVersion = 2;

const magic = 0x58444e49; // "INDX" in little-endian; what a big-endian machine wrote does not match
const fixedHead = 16;
const alignment = 16;

const columnTypes = {
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  i32: Int32Array,
  f64: Float64Array,
};
type ColumnType = keyof typeof columnTypes;

const columnNames = [
  ...(['parent', 'name', 'type', 'size', 'mode', 'uid', 'gid', 'mtime', 'link', 'xattrs', 'block'] as const),
] as const;

interface Head {
  diffId: string;
  count: number;
  unpackedBytes: number;
  problems: string[];
  /**
   * The columns in order, then the texts, their ends, and the sparse rows. Where `value` is given, all are that and
   * no bytes are kept.
   */
  columns: [type: ColumnType, length: number, value?: number][];
}

/** The index as bytes, packed. */
export function encodeIndex(unpacked: LayerIndex): Uint8Array {
  const index = packIndex(unpacked);
  const arrays = arraysOf(index);
  const head: Head = {
    diffId: index.diffId,
    count: index.count,
    unpackedBytes: index.unpackedBytes,
    problems: [...index.problems],
    columns: arrays.map((array) =>
      isConstant(array) ? [typeOf(array), array.length, array[0]!] : [typeOf(array), array.length],
    ),
  };
  const kept = arrays.filter((array) => !isConstant(array));
  const headBytes = Buffer.from(JSON.stringify(head), 'utf8');
  let size = aligned(fixedHead + headBytes.length);
  for (const array of kept) size += aligned(array.byteLength);
  const bytes = new Uint8Array(size);
  bytes.set(headBytes, fixedHead);
  let at = aligned(fixedHead + headBytes.length);
  for (const array of kept) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += aligned(array.byteLength);
  }
  const fixed = new Uint32Array(bytes.buffer, 0, 4);
  fixed.set([magic, indexFormatVersion, 0, headBytes.length]);
  fixed[2] = checksum(bytes);
  return bytes;
}

/** The index in the bytes, whose memory it goes on using; null when they are damaged, foreign or of another layer. */
export function decodeIndex(stored: Uint8Array, diffId: Digest): LayerIndex | null {
  if (stored.length < fixedHead || stored.length % alignment !== 0) return null;
  const bytes = stored.byteOffset % 8 === 0 ? stored : new Uint8Array(stored);
  const [foundMagic, version, sum, headLength] = new Uint32Array(bytes.buffer, bytes.byteOffset, 4);
  if (foundMagic !== magic || version !== indexFormatVersion) return null;
  if (fixedHead + headLength! > bytes.length || sum !== checksum(bytes)) return null;
  const head = JSON.parse(
    Buffer.from(bytes.subarray(fixedHead, fixedHead + headLength!)).toString('utf8'),
  ) as Head;
  if (head.diffId !== diffId) return null;
  let at = bytes.byteOffset + aligned(fixedHead + headLength!);
  const arrays = head.columns.map(([type, length, value]) => {
    if (value === 0 && type === 'u8') return zeros(length);
    if (value !== undefined) return new columnTypes[type](length).fill(value);
    const array = new columnTypes[type](bytes.buffer as ArrayBuffer, at, length);
    at += aligned(array.byteLength);
    return array;
  });
  const columns = Object.fromEntries(columnNames.map((name, i) => [name, arrays[i]]));
  const [texts, ends, sparse] = arrays.slice(columnNames.length);
  return {
    diffId,
    count: head.count,
    unpackedBytes: head.unpackedBytes,
    problems: head.problems,
    names: { bytes: texts as Uint8Array, ends: ends as Uint32Array },
    sparse: sparse as Uint32Array,
    ...(columns as unknown as Pick<LayerIndex, (typeof columnNames)[number]>),
  };
}

/** Bytes that an index holds in memory, without what all indexes share. */
export function indexBytes(index: LayerIndex): number {
  let bytes = 0;
  for (const array of arraysOf(index)) if (!isShared(array)) bytes += array.byteLength;
  return bytes;
}

/** The buffers of an index, each once, for handing it to another thread; what all indexes share is copied instead. */
export function indexBuffers(index: LayerIndex): ArrayBuffer[] {
  const own = arraysOf(index).filter((array) => !isShared(array));
  return [...new Set(own.map((array) => array.buffer as ArrayBuffer))];
}

function arraysOf(index: LayerIndex): (Column | Int32Array)[] {
  return [...columnNames.map((name) => index[name]), index.names.bytes, index.names.ends, index.sparse];
}

/** Fractions and negative zeros, which only columns of doubles have, are kept as they are. */
function isConstant(array: Column | Int32Array): boolean {
  if (array.length === 0 || array instanceof Float64Array) return false;
  const first = array[0]!;
  let i = 1;
  while (i < array.length && array[i] === first) i++;
  return i === array.length;
}

function typeOf(array: ArrayBufferView): ColumnType {
  for (const [type, column] of Object.entries(columnTypes)) {
    if (array.constructor === column) return type as ColumnType;
  }
  // A Buffer, say: bytes.
  return 'u8';
}

function aligned(length: number): number {
  return Math.ceil(length / alignment) * alignment;
}

/**
 * Against accidents, not attackers: 32-bit words through four multiply-and-xor lanes (sha256 would take half of the
 * time that loading a million rows may take). A step is a bijection of its lane, so that no single wrong word passes.
 */
function checksum(bytes: Uint8Array): number {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
  let a = 1;
  let b = 2;
  let c = 3;
  let d = words[3]!;
  for (let i = 4; i < words.length; i += 4) {
    a = Math.imul(a ^ words[i]!, 0x9e3779b1);
    b = Math.imul(b ^ words[i + 1]!, 0x85ebca6b);
    c = Math.imul(c ^ words[i + 2]!, 0xc2b2ae35);
    d = Math.imul(d ^ words[i + 3]!, 0x27d4eb2f);
  }
  const fold = (sum: number, lane: number): number => Math.imul(sum ^ lane ^ (lane >>> 15), 0x01000193);
  return [a, b, c, d].reduce(fold, words.length) >>> 0;
}
