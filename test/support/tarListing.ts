// What a tar holds, one line for each entry and sorted: path, type, mode, owner, link and content. No times.
import { createHash } from 'node:crypto';

/** `./a/b 0 644 0:0 - sha256` of each entry of an uncompressed ustar or GNU tar. */
export function openTar(tar: Buffer): string[] {
  const lines: string[] = [];
  let longName: string | null = null;
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const header = tar.subarray(at, at + 512);
    const field = (from: number, length: number) => textOf(header.subarray(from, from + length));
    const octal = (from: number, length: number) => Number.parseInt(field(from, length).trim() || '0', 8);
    const size = octal(124, 12);
    const body = tar.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
    const type = field(156, 1) || '0';
    if (type === 'L') {
      longName = textOf(body);
      continue;
    }
    const owner = `${octal(108, 8)}:${octal(116, 8)}`;
    const content = size > 0 ? createHash('sha256').update(body).digest('hex').slice(0, 16) : '-';
    const mode = octal(100, 8).toString(8);
    lines.push([longName ?? field(0, 100), type, mode, owner, field(157, 100) || '-', content].join(' '));
    longName = null;
  }
  return lines.sort();
}

function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}
