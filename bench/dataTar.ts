// Writes the benchmark's tars as engines write layers: ustar headers, pax records for what does not fit in them, bodies
// that are the first bytes of real files. It knows nothing of images.
import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';

const block = 512;
const bufferBytes = 4 * 2 ** 20;

export interface TarHeader {
  path: string;
  /** Type flag of ustar. */
  type: '0' | '2' | '5' | 'x';
  bytes: number;
  mode: number;
  link?: string;
  mtime?: number;
}

export class TarFile {
  private readonly file: number;
  private readonly buffer = Buffer.alloc(bufferBytes);
  private readonly hash: Hash = createHash('sha256');
  private used = 0;

  constructor(path: string) {
    this.file = openSync(path, 'w');
  }

  header(header: TarHeader): void {
    const { prefix, name } = splitName(header.path);
    const records =
      (name === null ? paxRecord('path', header.path) : '') +
      (Buffer.byteLength(header.link ?? '') > 100 ? paxRecord('linkpath', header.link!) : '');
    if (records !== '') {
      const body = Buffer.from(records);
      this.put(headerBlock({ path: 'PaxHeaders/0', type: 'x', bytes: body.length, mode: 0o644 }, '', null));
      this.body(body);
    }
    this.put(headerBlock(header, prefix, name));
  }

  /** With what fills its last block. */
  body(bytes: Uint8Array): void {
    this.put(bytes);
    if (bytes.length % block > 0) this.put(Buffer.alloc(block - (bytes.length % block)));
  }

  /** The first `length` bytes of a real file; zeros where it has become shorter, or cannot be read. */
  bodyOf(source: string, length: number): void {
    const bytes = Buffer.alloc(length);
    try {
      const file = openSync(source, 'r');
      readSync(file, bytes, 0, length, 0);
      closeSync(file);
    } catch {
      // Names and sizes are what counts here.
    }
    this.body(bytes);
  }

  /** A whole other file. */
  bodyFrom(path: string, length: number): void {
    const file = openSync(path, 'r');
    const chunk = Buffer.alloc(bufferBytes);
    for (let left = length; left > 0; ) {
      const read = readSync(file, chunk, 0, Math.min(left, chunk.length), null);
      if (read === 0) throw new Error(`${path} is shorter than ${length} bytes.`);
      this.put(chunk.subarray(0, read));
      left -= read;
    }
    closeSync(file);
    if (length % block > 0) this.put(Buffer.alloc(block - (length % block)));
  }

  /** Ends the tar; sha256 in hex of all of it. */
  end(): string {
    this.put(Buffer.alloc(2 * block));
    this.flush();
    closeSync(this.file);
    return this.hash.digest('hex');
  }

  private put(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + this.buffer.length - this.used);
      this.buffer.set(part, this.used);
      this.used += part.length;
      at += part.length;
      if (this.used === this.buffer.length) this.flush();
    }
  }

  private flush(): void {
    const bytes = this.buffer.subarray(0, this.used);
    this.hash.update(bytes);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.file, bytes, at);
    this.used = 0;
  }
}

/** As ustar splits a path at a slash; `name` null when it cannot. */
function splitName(path: string): { prefix: string; name: string | null } {
  if (Buffer.byteLength(path) <= 100) return { prefix: '', name: path };
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    const name = path.slice(slash + 1);
    const prefix = path.slice(0, slash);
    if (name !== '' && Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) {
      return { prefix, name };
    }
  }
  return { prefix: '', name: null };
}

function headerBlock(header: TarHeader, prefix: string, name: string | null): Buffer {
  const { path, type, bytes, mode, link = '', mtime = 1_750_000_000 } = header;
  const out = Buffer.alloc(block);
  const octal = (at: number, length: number, value: number) =>
    out.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  Buffer.from(name ?? path).copy(out, 0, 0, 100);
  octal(100, 8, mode);
  octal(108, 8, 0);
  octal(116, 8, 0);
  octal(124, 12, bytes);
  octal(136, 12, mtime);
  out.fill(' ', 148, 156);
  out.write(type, 156, 'latin1');
  Buffer.from(link).copy(out, 157, 0, 100);
  out.write('ustar\x0000', 257, 'latin1');
  Buffer.from(prefix).copy(out, 345, 0, 155);
  let sum = 0;
  for (const byte of out) sum += byte;
  out.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return out;
}

/** `LENGTH key=value\n`, where the length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest;
  while (length !== rest + String(length).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}
