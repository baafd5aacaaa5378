// Bytes as a person reads them: offset, sixteen bytes in hexadecimal, the same as ASCII, as `hexdump -C` prints them. Only a
// page of a file; what stands around it, the caller says. Knows neither vscode nor the DOM.

/** Bytes of a page: as many lines as a person looks through, and as a diff of two is quick about. */
export const hexPage = 64 * 1024;
const bytesOfLine = 16;

export interface HexPart {
  lines: string[];
  /** Bytes before and behind the page. */
  before: number;
  behind: number;
}

/** @param start where the page begins; it begins at the line that holds this byte */
export function hexPart(bytes: Uint8Array, start = 0): HexPart {
  const first = Math.min(start, bytes.length) - (Math.min(start, bytes.length) % bytesOfLine);
  const end = Math.min(bytes.length, first + hexPage);
  const lines: string[] = [];
  for (let at = first; at < end; at += bytesOfLine)
    lines.push(hexLine(bytes, at, Math.min(end, at + bytesOfLine)));
  return { lines, before: first, behind: bytes.length - end };
}

/** `00000010  02 00 3e 00 01 00 00 00  40 10 00 00 00 00 00 00  |..>.....@.......|`. */
function hexLine(bytes: Uint8Array, from: number, to: number): string {
  let hex = '';
  let text = '';
  for (let at = from; at < from + bytesOfLine; at++) {
    if (at === from + bytesOfLine / 2) hex += ' ';
    const byte = at < to ? bytes[at]! : null;
    hex += byte === null ? '   ' : ` ${byte.toString(16).padStart(2, '0')}`;
    if (byte !== null) text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
  }
  return `${from.toString(16).padStart(8, '0')} ${hex}  |${text}|`;
}

/** Where two files first differ; null when neither does. The shorter one ends there at the latest. */
export function firstDifference(a: Uint8Array, b: Uint8Array): number | null {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at++) if (a[at] !== b[at]) return at;
  return a.length === b.length ? null : shorter;
}

/** Where the page of a comparison begins: at the start, or shortly before the first difference when that lies behind. */
export function comparedFrom(a: Uint8Array, b: Uint8Array): number {
  const at = firstDifference(a, b);
  return at === null || at < hexPage ? 0 : at - 64 * bytesOfLine;
}
