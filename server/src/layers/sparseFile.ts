// Files that a tar stores as their non-empty parts only: where the parts belong, read from the headers and the body,
// and the file made whole. Forms: old GNU (type S) and PAX 0.0, 0.1 and 1.0 (GNU tar manual, "Storing Sparse Files").

import type { Layer } from '../image/model';
import { decompress } from '../primitives/decompress';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { scanChunks, scanRandom } from '../primitives/tarDrivers';
import { isExtended, type TarEntry, tarFlags } from '../primitives/tarEntry';
import { blockSize, tarNumber } from '../primitives/tarHeader';
import { TarScanner } from '../primitives/tarScanner';
import { openPlainLayer } from './layerBytes';

/** Where a part of the file belongs, bytes. */
interface Part {
  offset: number;
  length: number;
}

interface Place {
  flag: number;
  /** The first header block; extended headers come before the entry's own. */
  headerOffset: number;
  bodyOffset: number;
  bodyBytes: number;
}

/**
 * The content of a file stored as sparse.
 * @param bodyOffset where its body begins in the tar, bytes
 * @param size apparent, bytes; the caller has bounded it
 * @param read some bytes of the layer's tar
 * Throws StrataError('unreadable') when the map is damaged, and what `read` throws.
 */
export async function readSparseFile(
  host: Host,
  layer: Layer,
  bodyOffset: number,
  size: number,
  read: (offset: number, length: number) => Promise<Uint8Array>,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const place = await findEntry(host, layer, bodyOffset, signal);
  // The scanner has bounded extended headers; the parts never exceed the file.
  const headerBytes = bodyOffset - place.headerOffset;
  if (headerBytes > maxHeaderBytes || place.bodyBytes > size + maxMapBytes) throw damaged();
  const stored = await read(place.headerOffset, headerBytes + place.bodyBytes);
  if (stored.length < headerBytes + place.bodyBytes) throw damaged();
  const headers = stored.subarray(0, headerBytes);
  const body = stored.subarray(headerBytes);
  const { parts, mapBytes } =
    place.flag === tarFlags.gnuSparse ? { parts: oldGnuMap(headers), mapBytes: 0 } : paxMap(headers, body);
  return expand(parts, body.subarray(mapBytes), size);
}

const maxHeaderBytes = 16 * 2 ** 20;
/** A map in a body is as long as the parts are many: some 200,000 of them. */
const maxMapBytes = 4 * 2 ** 20;

class Found extends Error {}

/** An index keeps where bodies lie, not the headers before: the tar is gone through up to there. */
async function findEntry(
  host: Host,
  layer: Layer,
  bodyOffset: number,
  signal: AbortSignal | undefined,
): Promise<Place> {
  let place: Place | null = null;
  const scanner = new TarScanner(({ flag, headerOffset, ...entry }: TarEntry) => {
    if (entry.bodyOffset < bodyOffset) return;
    if (entry.bodyOffset === bodyOffset) {
      place = { flag, headerOffset, bodyOffset, bodyBytes: entry.bodyBytes };
    }
    throw new Found();
  });
  try {
    const plain = await openPlainLayer(host, layer.blob!, signal);
    try {
      if (plain) await scanRandom(plain, scanner, { offset: 0, length: plain.size }, signal);
      else await scanChunks(decompress(layer.blob!.open(signal), { signal }), scanner, signal);
    } finally {
      await plain?.close();
    }
  } catch (error) {
    if (!(error instanceof Found)) throw error;
  }
  if (!place) throw damaged();
  return place;
}

/** Four parts in the header, 21 in each block that follows it. */
function oldGnuMap(headers: Uint8Array): Part[] {
  const parts: Part[] = [];
  const take = (at: number, count: number): void => {
    for (let i = 0; i < count && headers[at + i * 24] !== 0; i++) {
      const offset = tarNumber(headers, at + i * 24, 12, at);
      parts.push({ offset, length: tarNumber(headers, at + i * 24 + 12, 12, at) });
    }
  };
  const header = [...headersOf(headers)].at(-1)!;
  take(header + 386, 4);
  for (let at = header + blockSize; at < headers.length; at += blockSize) take(at, 21);
  return parts;
}

/** Where the headers of an entry lie: extended ones, which have bodies, and then its own. */
function* headersOf(headers: Uint8Array): Generator<number> {
  for (let at = 0; at < headers.length; ) {
    yield at;
    if (!isExtended(headers[at + 156]!)) return;
    at += blockSize + Math.ceil(tarNumber(headers, at + 124, 12, at) / blockSize) * blockSize;
  }
}

function paxMap(headers: Uint8Array, body: Uint8Array): { parts: Part[]; mapBytes: number } {
  const records = sparseRecords(headers);
  const value = (key: string): string | undefined => records.findLast(([name]) => name === key)?.[1];
  if (value('major') === '1' && value('minor') === '0') return mapInBody(body);
  const map = value('map');
  const numbers =
    map === undefined
      ? records.filter(([key]) => key === 'offset' || key === 'numbytes').map(([, text]) => number(text))
      : map === ''
        ? []
        : map.split(',').map(number);
  return { parts: pairUp(numbers), mapBytes: 0 };
}

/** Decimal numbers, a line each: how many parts, then offset and length of each; filled up to a block. */
function mapInBody(body: Uint8Array): { parts: Part[]; mapBytes: number } {
  let at = 0;
  const line = (): number => {
    const end = body.indexOf(0x0a, at);
    if (end < 0 || end - at > 20 || end > maxMapBytes) throw damaged();
    const text = latin1(body, at, end);
    at = end + 1;
    return number(text);
  };
  const count = line();
  const numbers: number[] = [];
  for (let i = 0; i < 2 * count; i++) numbers.push(line());
  return { parts: pairUp(numbers), mapBytes: Math.ceil(at / blockSize) * blockSize };
}

/** The `GNU.sparse.` records of the extended headers before an entry, in order; the scanner has judged their form. */
function sparseRecords(headers: Uint8Array): [key: string, value: string][] {
  const found: [string, string][] = [];
  for (const at of headersOf(headers)) {
    if (headers[at + 156] !== tarFlags.pax && headers[at + 156] !== tarFlags.solarisPax) continue;
    const start = at + blockSize;
    const body = headers.subarray(start, start + tarNumber(headers, at + 124, 12, at));
    for (let record = 0; record < body.length && body[record] !== 0; ) {
      const length = Number.parseInt(latin1(body, record, record + 12), 10);
      if (!(length > 0)) throw damaged();
      if (/^\d+ GNU\.sparse\./.test(latin1(body, record, record + 32))) {
        const text = latin1(body, record, record + length - 1);
        const [, key = '', value = ''] = /^\d+ GNU\.sparse\.([^=]*)=(.*)$/s.exec(text) ?? [];
        found.push([key, value]);
      }
      record += length;
    }
  }
  return found;
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.subarray(start, end)).toString('latin1');
}

function number(text: string): number {
  if (!/^\d{1,16}$/.test(text)) throw damaged();
  return Number(text);
}

function pairUp(numbers: readonly number[]): Part[] {
  if (numbers.length % 2 !== 0) throw damaged();
  return Array.from({ length: numbers.length / 2 }, (_, i) => ({
    offset: numbers[2 * i]!,
    length: numbers[2 * i + 1]!,
  }));
}

/** As Go's archive/tar: parts ascend, do not overlap, stay in the file and use up what is stored. */
function expand(parts: readonly Part[], stored: Uint8Array, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let end = 0;
  let taken = 0;
  for (const { offset, length } of parts) {
    if (offset < end || length < 0 || offset + length > size || taken + length > stored.length)
      throw damaged();
    bytes.set(stored.subarray(taken, taken + length), offset);
    end = offset + length;
    taken += length;
  }
  if (taken !== stored.length) throw damaged();
  return bytes;
}

function damaged(): StrataError {
  return new StrataError('unreadable', 'The tar is damaged: the map of a sparse file does not fit it.');
}
