// Tars written block by block, for forms that no library writes and for broken ones.

export interface RawHeader {
  name?: string | Uint8Array;
  /** Type flag; default '0'. */
  type?: string;
  size?: number;
  mode?: number;
  uid?: number;
  gid?: number;
  mtime?: number;
  link?: string | Uint8Array;
  prefix?: string;
  /** Default `ustar\0` `00`. */
  magic?: string;
  /** Written over the finished header, before its checksum is made. */
  patch?: (block: Buffer) => void;
  /** Added to the checksum, to make it wrong. */
  checksumError?: number;
}

export function rawHeader(header: RawHeader = {}): Buffer {
  const block = Buffer.alloc(512);
  const { name = 'a', type = '0', size = 0, mode = 0o644, uid = 0, gid = 0, mtime = 0, link = '' } = header;
  Buffer.from(name).copy(block, 0, 0, 100);
  octal(block, 100, 8, mode);
  octal(block, 108, 8, uid);
  octal(block, 116, 8, gid);
  octal(block, 124, 12, size);
  octal(block, 136, 12, mtime);
  block.write(type, 156, 'latin1');
  Buffer.from(link).copy(block, 157, 0, 100);
  block.write(header.magic ?? 'ustar\x0000', 257, 'latin1');
  block.write(header.prefix ?? '', 345, 'latin1');
  header.patch?.(block);
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, header.checksumError ?? 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** Base 256, as GNU tar writes numbers that are too large or negative. */
export function base256(block: Buffer, at: number, length: number, value: bigint): void {
  const bits = BigInt.asUintN(length * 8, value);
  for (let i = 0; i < length; i++) block[at + i] = Number((bits >> BigInt(8 * (length - 1 - i))) & 0xffn);
  block[at] = block[at]! | 0x80;
}

function octal(block: Buffer, at: number, length: number, value: number): void {
  if (value < 0 || value >= 8 ** (length - 1)) base256(block, at, length, BigInt(value));
  else block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
}

/** A header with its body, filled up to whole blocks; the size is the body's. */
export function rawEntry(header: RawHeader, body: string | Uint8Array = ''): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([rawHeader({ size: bytes.length, ...header }), filled(bytes)]);
}

export function filled(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

/** An extended header: type x, or g. */
export function rawPax(records: [key: string, value: string | Uint8Array][], type = 'x'): Buffer {
  return rawEntry({ name: 'PaxHeaders/a', type }, Buffer.concat(records.map(paxRecord)));
}

export function paxRecord([key, value]: [string, string | Uint8Array]): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

export const tarEnd = Buffer.alloc(1024);

export function rawTar(...parts: Uint8Array[]): Buffer {
  return Buffer.concat([...parts, tarEnd]);
}
