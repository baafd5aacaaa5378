// One 512-byte tar block decoded, and its checksum verified: v7, ustar, GNU (long names apart) and star.
// Our own, for speed: no string and no object is made for an entry. Extended headers are in paxRecords.ts, the walk
// from header to header in tarScanner.ts. Layout: POSIX pax "ustar Interchange Format", and GNU tar's tar.h.
import { StrataError } from './errors';

export const blockSize = 512;

/** Kinds of entries, numbered as `rowTypes` in layers/model.ts. */
export const tarKinds = {
  file: 0,
  directory: 1,
  symlink: 2,
  hardlink: 3,
  char: 4,
  block: 5,
  fifo: 6,
} as const;
export type TarKind = (typeof tarKinds)[keyof typeof tarKinds];

/** A header as decoded; one object is used for all of a tar, so copy what you keep. */
export interface TarHeader {
  /** Character code of the type flag. */
  flag: number;
  /** The name is `nameBytes` from `nameStart` to `nameEnd`, as written. */
  nameBytes: Uint8Array;
  nameStart: number;
  nameEnd: number;
  /** The link target in the same way; empty for anything but links. */
  linkBytes: Uint8Array;
  linkStart: number;
  linkEnd: number;
  /** bytes */
  size: number;
  mode: number;
  uid: number;
  gid: number;
  /** seconds since 1970 */
  mtime: number;
  deviceMajor: number;
  deviceMinor: number;
}

export function newTarHeader(): TarHeader {
  const none = new Uint8Array(0);
  return {
    flag: 0,
    nameBytes: none,
    nameStart: 0,
    nameEnd: 0,
    linkBytes: none,
    linkStart: 0,
    linkEnd: 0,
    size: 0,
    mode: 0,
    uid: 0,
    gid: 0,
    mtime: 0,
    deviceMajor: 0,
    deviceMinor: 0,
  };
}

/**
 * Decodes the block at `at` into `header`, which then refers to the block's bytes. False for a block of zeros.
 * `words` is a view of the same bytes by fours where their alignment allows one; it makes the checksum quick.
 * Throws StrataError('unreadable') for a wrong checksum or a number that is none; `position` is for the message.
 */
export function decodeHeader(
  block: Uint8Array,
  at: number,
  words: Uint32Array | null,
  header: TarHeader,
  position: number,
): boolean {
  const sum = words ? sumOfWords(words, at >> 2) : sumOfBytes(block, at);
  if (sum === 0) return false;
  verifyChecksum(block, at, sum, position);
  header.flag = block[at + 156]!;
  header.mode = tarNumber(block, at + 100, 8, position) & 0o7777;
  // -2, a traditional id of `nobody`, is kept as the kernel keeps it.
  header.uid = tarNumber(block, at + 108, 8, position) >>> 0;
  header.gid = tarNumber(block, at + 116, 8, position) >>> 0;
  header.size = tarNumber(block, at + 124, 12, position);
  header.mtime = tarNumber(block, at + 136, 12, position);
  header.nameBytes = block;
  header.nameStart = at;
  header.nameEnd = endOfText(block, at, 100);
  const isLink = header.flag === 0x31 || header.flag === 0x32;
  header.linkBytes = block;
  header.linkStart = at + 157;
  // docker 20.10 leaves a stale target in whiteouts of type '0': only links have one.
  header.linkEnd = isLink ? endOfText(block, at + 157, 100) : at + 157;
  const isDevice = header.flag === 0x33 || header.flag === 0x34;
  header.deviceMajor = isDevice ? tarNumber(block, at + 329, 8, position) : 0;
  header.deviceMinor = isDevice ? tarNumber(block, at + 337, 8, position) : 0;
  // GNU's headers ("ustar  ") keep times where ustar has the prefix.
  if (block[at + 345] !== 0 && isUstar(block, at)) joinPrefix(block, at, header);
  return true;
}

/** `ustar\0`, and not GNU's `ustar ` (which has no prefix). */
function isUstar(block: Uint8Array, at: number): boolean {
  return (
    block[at + 257] === 0x75 && // u
    block[at + 258] === 0x73 && // s
    block[at + 259] === 0x74 && // t
    block[at + 260] === 0x61 && // a
    block[at + 261] === 0x72 && // r
    block[at + 262] === 0
  );
}

function joinPrefix(block: Uint8Array, at: number, header: TarHeader): void {
  // star marks its headers "tar\0" at the end of the block and keeps times in the last 24 bytes of the prefix.
  const isStar = block[at + 508] === 0x74 && block[at + 509] === 0x61 && block[at + 510] === 0x72;
  const prefixEnd = endOfText(block, at + 345, isStar ? 131 : 155);
  const prefixLength = prefixEnd - (at + 345);
  const nameLength = header.nameEnd - header.nameStart;
  const name = new Uint8Array(prefixLength + 1 + nameLength);
  name.set(block.subarray(at + 345, prefixEnd));
  name[prefixLength] = 0x2f;
  name.set(block.subarray(header.nameStart, header.nameEnd), prefixLength + 1);
  header.nameBytes = name;
  header.nameStart = 0;
  header.nameEnd = name.length;
}

function endOfText(block: Uint8Array, at: number, length: number): number {
  const end = at + length;
  let i = at;
  while (i < end && block[i] !== 0) i++;
  return i;
}

/** Sum of 512 bytes. Two 16-bit lanes take 256 bytes each: at most 65,280, so that they cannot run over. */
function sumOfWords(words: Uint32Array, first: number): number {
  let lanes = 0;
  for (let i = first; i < first + 128; i += 2) {
    const a = words[i]!;
    const b = words[i + 1]!;
    lanes = (lanes + (a & 0xff00ff) + ((a >>> 8) & 0xff00ff)) | 0;
    lanes = (lanes + (b & 0xff00ff) + ((b >>> 8) & 0xff00ff)) | 0;
  }
  return (lanes & 0xffff) + (lanes >>> 16);
}

function sumOfBytes(block: Uint8Array, at: number): number {
  let sum = 0;
  for (let i = at; i < at + blockSize; i++) sum += block[i]!;
  return sum;
}

/** The checksum is taken with its own field as blanks. Old writers summed signed bytes: that is accepted too. */
function verifyChecksum(block: Uint8Array, at: number, sum: number, position: number): void {
  const stored = storedChecksum(block, at + 148);
  let own = 0;
  for (let i = at + 148; i < at + 156; i++) own += block[i]!;
  const unsigned = sum - own + 8 * 0x20;
  if (stored === unsigned) return;
  let signed = unsigned;
  for (let i = at; i < at + blockSize; i++) {
    if ((i < at + 148 || i >= at + 156) && block[i]! >= 0x80) signed -= 256;
  }
  if (stored === signed) return;
  throw new StrataError(
    'unreadable',
    `The tar is damaged: the block at byte ${position} is no header (wrong checksum).`,
  );
}

/** Octal digits between blanks and NULs; -1 when they are none, as where no header is. */
function storedChecksum(block: Uint8Array, at: number): number {
  let value = 0;
  let digits = 0;
  for (let i = at; i < at + 8; i++) {
    const digit = block[i]! - 0x30;
    if (digit >= 0 && digit <= 7) {
      value = value * 8 + digit;
      digits++;
    } else if (digits > 0) break;
  }
  return digits === 0 ? -1 : value;
}

/**
 * A number field: octal digits between blanks and NULs, or base 256 (GNU) when the first bit is set.
 * Throws StrataError('unreadable') when it is neither, or beyond what a number holds exactly.
 */
export function tarNumber(block: Uint8Array, at: number, length: number, position: number): number {
  const first = block[at]!;
  if (first >= 0x80) return base256(block, at, length, position);
  let i = at;
  const end = at + length;
  while (i < end && (block[i] === 0x20 || block[i] === 0)) i++;
  let value = 0;
  for (; i < end; i++) {
    const digit = block[i]! - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  for (; i < end; i++) {
    if (block[i] !== 0x20 && block[i] !== 0) throw badNumber(position);
  }
  return value;
}

/** Big-endian two's complement whose top bit is the marker (GNU tar manual, "Extensions to tar"). */
function base256(block: Uint8Array, at: number, length: number, position: number): number {
  const negative = (block[at]! & 0x40) !== 0;
  let value = negative ? (block[at]! & 0x7f) - 0x80 : block[at]! & 0x7f;
  for (let i = at + 1; i < at + length; i++) value = value * 256 + block[i]!;
  if (!Number.isSafeInteger(value)) throw badNumber(position);
  return value;
}

function badNumber(position: number): StrataError {
  return new StrataError(
    'unreadable',
    `The tar is damaged: the header at byte ${position} has a number field that is no number.`,
  );
}
