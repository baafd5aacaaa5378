// Where one zstd frame ends and the next begins (RFC 8878 section 3.1): skippable frames are dropped, windows bounded.
// Needed because Node's decompressor stops at the end of a frame and drops the rest of that write (seen on 24.21),
// and fzstd allocates whatever window a frame asks for. It does not decompress.
import { StrataError } from './errors';

export interface ZstdPiece {
  bytes: Uint8Array;
  /** This piece is the last of its frame. */
  endsFrame: boolean;
}

/** zstd's own default limit (ZSTD_WINDOWLOG_LIMIT_DEFAULT 27). */
const maxWindow = 2 ** 27;

const frameMagic = 0xfd2fb528;

/** Cuts a zstd stream at its frames. Push chunks in order, then `end`. */
export class ZstdFrames {
  private carry: Uint8Array | null = null;
  private state: 'frame' | 'block' | 'body' | 'skip' = 'frame';
  /** Bytes left of the body (and the checksum after the last block) or of the skippable frame. */
  private left = 0;
  private lastBlock = false;
  private checksum = false;

  /** The bytes of real frames in a chunk, as parts of it that never cross the end of a frame. */
  *push(chunk: Uint8Array): Generator<ZstdPiece> {
    const bytes = this.carry ? joined(this.carry, chunk) : chunk;
    this.carry = null;
    let from = 0;
    let at = 0;
    for (;;) {
      if (this.state === 'skip' || this.state === 'body') {
        const step = Math.min(this.left, bytes.length - at);
        this.left -= step;
        at += step;
        if (this.state === 'skip') from = at;
        if (this.left > 0) break;
        if (this.state === 'body' && this.lastBlock) {
          yield { bytes: bytes.subarray(from, at), endsFrame: true };
          from = at;
        }
        this.state = this.state === 'body' && !this.lastBlock ? 'block' : 'frame';
      }
      const length = this.state === 'frame' ? this.frameHeader(bytes, at) : this.blockHeader(bytes, at);
      if (length < 0) {
        if (at < bytes.length) this.carry = bytes.slice(at);
        break;
      }
      at += length;
    }
    if (at > from) yield { bytes: bytes.subarray(from, at), endsFrame: false };
  }

  /** Throws StrataError('unreadable') when the input ended inside a frame. */
  end(): void {
    if (this.state !== 'frame' || this.carry) throw damaged('it ends inside a frame');
  }

  /** Length of the frame header at a position; -1 when more bytes are needed to tell. */
  private frameHeader(bytes: Uint8Array, at: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
    if (view.byteLength < 4) return -1;
    const magic = view.getUint32(0, true);
    if (magic >>> 4 === 0x184d2a5) {
      if (view.byteLength < 8) return -1;
      this.left = 8 + view.getUint32(4, true);
      this.state = 'skip';
      return 0;
    }
    if (magic !== frameMagic) throw damaged('a frame does not begin with the magic number of zstd');
    if (view.byteLength < 5) return -1;
    const descriptor = view.getUint8(4);
    const single = (descriptor & 0x20) !== 0;
    const dictionary = [0, 1, 2, 4][descriptor & 3]!;
    const contentFlag = descriptor >> 6;
    const contentBytes = contentFlag === 0 ? (single ? 1 : 0) : 1 << contentFlag;
    const length = 5 + (single ? 0 : 1) + dictionary + contentBytes;
    if (view.byteLength < length) return -1;
    if (windowSize(view, single, dictionary, contentBytes) > maxWindow) {
      throw new StrataError('hostile', `A zstd frame asks for a window of more than ${maxWindow} bytes.`);
    }
    this.checksum = (descriptor & 4) !== 0;
    this.state = 'block';
    return length;
  }

  private blockHeader(bytes: Uint8Array, at: number): number {
    if (bytes.length - at < 3) return -1;
    const header = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    const kind = (header >> 1) & 3;
    if (kind === 3) throw damaged('a block has the reserved type');
    this.lastBlock = (header & 1) !== 0;
    // An RLE block (type 1) stores one byte, whatever size it unpacks to.
    this.left = (kind === 1 ? 1 : header >> 3) + (this.lastBlock && this.checksum ? 4 : 0);
    this.state = 'body';
    return 3;
  }
}

/** Bytes of history that a frame's blocks may refer to (RFC 8878 section 3.1.1.1.2). */
function windowSize(view: DataView, single: boolean, dictionary: number, contentBytes: number): number {
  if (!single) {
    const base = 2 ** (10 + (view.getUint8(5) >> 3));
    return base + (base / 8) * (view.getUint8(5) & 7);
  }
  const at = 5 + dictionary;
  if (contentBytes === 1) return view.getUint8(at);
  if (contentBytes === 2) return view.getUint16(at, true) + 256;
  return view.getUint32(at, true) + (contentBytes === 8 ? view.getUint32(at + 4, true) * 2 ** 32 : 0);
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}

function damaged(why: string): StrataError {
  return new StrataError('unreadable', `The zstd data is damaged: ${why}.`);
}
