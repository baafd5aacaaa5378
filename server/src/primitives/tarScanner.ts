// The walk through a tar from header to header: one state machine that is given bytes and says which it wants next,
// so that bodies are skipped by position where the medium can seek (tarDrivers.ts). It judges the tar's form only;
// what names and whiteouts mean is layers/indexLayer.ts.
import { StrataError } from './errors';
import { globalPax, mergePax, type PaxRecords, parsePaxRecords } from './paxRecords';
import {
  applyPax,
  classify,
  isExtended,
  keepName,
  newTarEntry,
  setLink,
  setName,
  type TarEntry,
  tarFlags,
} from './tarEntry';
import { blockSize, decodeHeader, tarKinds, tarNumber } from './tarHeader';

/** As in Go's archive/tar: an extended header of more than 1 MiB is taken for an attack. */
const maxExtendedHeader = 2 ** 20;

export class TarScanner {
  /** Offset in the tar of the bytes that `scan` wants next. */
  position = 0;
  /** How many contiguous bytes it wants there, at least. */
  need = blockSize;
  /** The end marker was found, or `stop` was called. */
  finished = false;
  /** What was odd, for a person; complete after `end`. */
  readonly problems: string[] = [];

  private readonly onEntry: (entry: TarEntry) => void;
  private readonly entry = newTarEntry();
  private state: 'header' | 'extended' | 'sparse' = 'header';
  private extendedFlag = 0;
  private extendedBytes = 0;
  private zeroBlocks = 0;
  private bodyEnd = 0;
  private headerOffset = -1;
  private global: PaxRecords | null = null;
  private pax: PaxRecords | null = null;
  private longName: Uint8Array | null = null;
  private longLink: Uint8Array | null = null;
  private oddFlags = 0;

  /** @param onEntry called for each entry in order; what it throws ends the scan */
  constructor(onEntry: (entry: TarEntry) => void) {
    this.onEntry = onEntry;
  }

  /**
   * Takes bytes of which the one at `start` lies at `position`. Goes as far as they reach and moves `position`,
   * perhaps beyond them. Throws StrataError('unreadable' | 'hostile').
   */
  scan(bytes: Uint8Array, start: number, end: number): void {
    const origin = this.position - start;
    const words = wordsOf(bytes, start);
    let at = start;
    while (end - at >= this.need && !this.finished) {
      if (this.state === 'header') at = this.header(bytes, at, words, origin + at);
      else if (this.state === 'extended') at = this.extended(bytes, at, origin + at);
      else at = this.sparseBlock(bytes, at, origin + at);
    }
    this.position = origin + at;
  }

  /** False for a tar that ends behind an entry without a word: it may be whole, or cut just there. */
  get hasEndMarker(): boolean {
    return this.zeroBlocks > 0;
  }

  /** The rest is not wanted. */
  stop(): void {
    this.finished = true;
  }

  /** The tar ended after `length` bytes. Throws StrataError('unreadable') when that is in the middle of something. */
  end(length: number): void {
    if (this.oddFlags > 0) {
      this.problems.push(`entries of an unknown type were taken for files (${this.oddFlags})`);
    }
    if (this.finished) return;
    const between = this.state === 'header' && this.headerOffset < 0;
    if (length < this.bodyEnd || !between || (length > this.position && this.zeroBlocks === 0)) {
      throw new StrataError(
        'unreadable',
        `The tar is cut: it ends at byte ${length}, in the middle of an entry.`,
      );
    }
  }

  private header(bytes: Uint8Array, at: number, words: Uint32Array | null, position: number): number {
    const { entry } = this;
    if (!decodeHeader(bytes, at, words, entry, position)) return this.zeroBlock(at, position);
    if (this.zeroBlocks > 0) {
      throw new StrataError(
        'unreadable',
        `The tar is damaged: data follows its end marker at byte ${position}.`,
      );
    }
    if (this.headerOffset < 0) this.headerOffset = position;
    const { flag } = entry;
    if (isExtended(flag)) {
      if (entry.size > maxExtendedHeader || entry.size < 0) {
        throw new StrataError(
          'hostile',
          `The tar has an extended header of ${entry.size} bytes at byte ${position}; the limit is ${maxExtendedHeader}.`,
        );
      }
      this.state = 'extended';
      this.extendedFlag = flag;
      this.extendedBytes = entry.size;
      this.need = padded(entry.size);
      return at + blockSize;
    }
    entry.headerOffset = this.headerOffset;
    this.headerOffset = -1;
    entry.sparse = false;
    entry.xattrs = null;
    const records = this.global || this.pax ? mergePax(this.global, this.pax) : null;
    if (records) applyPax(entry, records);
    // As in Go's archive/tar, GNU's long names win when a tar has both.
    if (this.longName) setName(entry, this.longName);
    if (this.longLink) setLink(entry, this.longLink);
    this.pax = this.longName = this.longLink = null;
    const hasBody = classify(entry);
    if (hasBody === null) this.oddFlags++;
    if (entry.size < 0) throw negativeSize(position);
    entry.bodyBytes = hasBody === false ? 0 : entry.size;
    if (entry.kind !== tarKinds.file) entry.size = 0;
    else if (entry.sparse) entry.size = records?.sparseSize ?? entry.size;
    if (flag === tarFlags.gnuSparse) return this.gnuSparse(bytes, at, position);
    return this.emit(at + blockSize, position + blockSize);
  }

  /** Two blocks of zeros end the archive; one may be all there is when the file ends behind it. */
  private zeroBlock(at: number, position: number): number {
    if (this.headerOffset >= 0) {
      throw new StrataError(
        'unreadable',
        `The tar is cut: no entry follows the extended header at byte ${position}.`,
      );
    }
    this.zeroBlocks++;
    if (this.zeroBlocks === 2) this.finished = true;
    return at + blockSize;
  }

  private extended(bytes: Uint8Array, at: number, position: number): number {
    const body = bytes.slice(at, at + this.extendedBytes);
    switch (this.extendedFlag) {
      case tarFlags.longName:
        this.longName = untilNul(body);
        break;
      case tarFlags.longLink:
        this.longLink = untilNul(body);
        break;
      case tarFlags.global:
        this.global = mergePax(this.global, globalPax(parsePaxRecords(body, position)));
        this.headerOffset = -1;
        break;
      default:
        this.pax = parsePaxRecords(body, position);
    }
    const length = this.need;
    this.state = 'header';
    this.need = blockSize;
    return at + length;
  }

  /** The old GNU form: the apparent size is in the header, the rest of the map in blocks before the body. */
  private gnuSparse(bytes: Uint8Array, at: number, position: number): number {
    const { entry } = this;
    entry.sparse = true;
    entry.size = tarNumber(bytes, at + 483, 12, position);
    if (entry.size < 0) throw negativeSize(position);
    if (bytes[at + 482] === 0) return this.emit(at + blockSize, position + blockSize);
    // The entry waits for those blocks, and its names must not wait in a buffer that is filled again.
    keepName(entry);
    this.state = 'sparse';
    return at + blockSize;
  }

  private sparseBlock(bytes: Uint8Array, at: number, position: number): number {
    if (bytes[at + 504] !== 0) return at + blockSize;
    this.state = 'header';
    return this.emit(at + blockSize, position + blockSize);
  }

  private emit(at: number, position: number): number {
    const { entry } = this;
    entry.bodyOffset = position;
    this.bodyEnd = position + entry.bodyBytes;
    if (entry.flag !== tarFlags.volume) this.onEntry(entry);
    return at + padded(entry.bodyBytes);
  }
}

function padded(bytes: number): number {
  const rest = bytes % blockSize;
  return rest === 0 ? bytes : bytes + blockSize - rest;
}

function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

function negativeSize(position: number): StrataError {
  return new StrataError(
    'unreadable',
    `The tar is damaged: the entry at byte ${position} has a negative size.`,
  );
}

/** The same bytes by fours; null where their alignment does not allow it. */
function wordsOf(bytes: Uint8Array, start: number): Uint32Array | null {
  if (bytes.byteOffset % 4 !== 0 || start % 4 !== 0) return null;
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
}
