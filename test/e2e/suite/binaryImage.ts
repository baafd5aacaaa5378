// An image of files that are no text: programs that differ far behind their start, pictures, a text in UTF-16, a text that
// calls itself an image.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { imageFixture, writeImages } from '../../support/imageFixture';

const mtime = 1_700_000_000;

/** An OCI layout with two layers; gives the reference to it. */
export async function writeImage(folder: string): Promise<string> {
  const program = (marker: number, bytes: number) => {
    const data = Buffer.alloc(bytes, 0);
    data.write('\x7fELF\x02\x01\x01', 'latin1');
    for (let at = 64; at < bytes; at++) data[at] = (at * 7 + (at >> 8)) & 0xff;
    data.fill(marker, Math.min(bytes - 16, 150_000), Math.min(bytes, 150_032));
    return data;
  };
  const wide = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
  const layer = (entries: Record<string, string | Buffer>) =>
    Object.fromEntries(Object.entries(entries).map(([name, content]) => [name, { content, mtime }]));
  const layers = [
    layer({
      'usr/bin/tool': program(0, 200_000),
      'srv/logo.png': png(64, 0x30),
      'srv/notes.png': 'old notes\n',
      'srv/config.ini': 'a = 1\nb = 2\n',
      'srv/table.db': program(1, 3_000),
    }),
    layer({
      'usr/bin/tool': program(0xff, 200_000),
      'usr/lib/added.so': program(2, 100_000),
      'srv/logo.png': png(96, 0xc0),
      'srv/picture.dat': png(200, 0x80),
      'srv/notes.png': 'new notes\n',
      'srv/config.ini': 'a = 1\nb = 3\n',
      'srv/table.db': program(3, 3_000),
      'srv/utf16.txt': wide('wide 文本\n'),
    }),
  ];
  for (const [name, data] of await writeImages([await imageFixture({ layers })], 'oci', 'gzip')) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, data);
  }
  return `oci:${path.join(folder, 'layout')}`;
}

/** A square whose red grows to the right. */
function png(side: number, blue: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 2], 8);
  const row = Buffer.from([
    0,
    ...Array.from({ length: side }, (_, x) => [Math.round((255 * x) / side), 0x60, blue]).flat(),
  ]);
  const rows = Buffer.concat(Array.from({ length: side }, () => row));
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Node 20 has none of its own. */
function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
