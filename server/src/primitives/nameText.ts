// How a file name's bytes become text: UTF-8 as it is, any other byte as `\xNN`, so that two names stay two texts.
// It does not make a name safe to print: newlines, escapes and right-to-left marks stay, whoever shows them escapes them.
import { isUtf8 } from 'node:buffer';

const backslash = 0x5c;
const lowerX = 0x78;

/** Text of a name. A backslash that would read as such an escape is itself written `\x5c`. */
export function textOfName(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const shown = displayBytes(bytes, start, end);
  const view = shown ?? bytes.subarray(start, end);
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('utf8');
}

/** The UTF-8 bytes of a name's text; null when they are the name's own bytes (nearly always). */
export function displayBytes(bytes: Uint8Array, start: number, end: number): Uint8Array | null {
  let plain = true;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x80 || byte === backslash) {
      plain = false;
      break;
    }
  }
  if (plain) return null;
  const name = bytes.subarray(start, end);
  if (isUtf8(name) && !hasEscapeLookalike(name)) return null;
  const out: number[] = [];
  for (let at = 0; at < name.length; ) {
    const length = validSequence(name, at);
    if (length === 0 || isLookalike(name, at)) {
      const byte = name[at]!;
      out.push(backslash, lowerX, hexDigit(byte >> 4), hexDigit(byte & 15));
      at++;
    } else {
      for (let i = 0; i < length; i++) out.push(name[at + i]!);
      at += length;
    }
  }
  return Uint8Array.from(out);
}

/**
 * A literal `\x80` … `\xff` in a name would read as an escaped byte, and a literal `\x5c` as an escaped backslash.
 * Others stay as they are: systemd's unit names are full of `\x2d`.
 */
function isLookalike(name: Uint8Array, at: number): boolean {
  if (name[at] !== backslash || name[at + 1] !== lowerX) return false;
  const high = hexValue(name[at + 2]);
  const low = hexValue(name[at + 3]);
  return high >= 0 && low >= 0 && (high >= 8 || (high === 5 && low === 12));
}

function hasEscapeLookalike(name: Uint8Array): boolean {
  for (let at = name.indexOf(backslash); at >= 0; at = name.indexOf(backslash, at + 1)) {
    if (isLookalike(name, at)) return true;
  }
  return false;
}

/** Length of the valid UTF-8 sequence at a position, 0 when there is none (Unicode 15, table 3-7). */
function validSequence(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  return isUtf8(bytes.subarray(at, at + length)) && at + length <= bytes.length ? length : 0;
}

function hexDigit(value: number): number {
  return value < 10 ? 0x30 + value : 0x57 + value;
}

function hexValue(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  // Lower case only: that is how escapes are written.
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
}
