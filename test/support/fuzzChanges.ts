// Random changes of bytes, tars and documents: what an attacker or a bad disk does to them, by chance. What is changed,
// and what must hold afterwards, is fuzz.ts.
/** A whole number below the given one. */
export type Random = (below: number) => number;

/** One to four changes of bytes, whatever they mean. */
export function change(start: Buffer, random: Random): Buffer {
  let bytes = start;
  for (let i = random(4); i >= 0; i--) {
    if (bytes.length === 0) return bytes;
    const at = random(bytes.length);
    const length = random(Math.min(2000, bytes.length - at) + 1);
    switch (random(6)) {
      case 0:
        bytes[at] = bytes[at]! ^ (1 << random(8));
        break;
      case 1:
        bytes = bytes.subarray(0, at);
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
        break;
      case 3: {
        const from = random(bytes.length);
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          bytes.subarray(from, from + length),
          bytes.subarray(at),
        ]);
        break;
      }
      case 4:
        bytes.fill(random(256), at, at + Math.min(length, 64));
        break;
      default:
        bytes[at] = [0, 0xff, 0x80, 0x7f][random(4)]!;
    }
  }
  return bytes;
}

const fields: [at: number, length: number][] = [
  [0, 100],
  [100, 8],
  [108, 8],
  [124, 12],
  [136, 12],
  [156, 1],
  [157, 100],
  [257, 8],
  [329, 8],
  [345, 155],
  [482, 13],
];
const texts = [
  '..',
  '/',
  'a/../../b',
  '.wh.',
  '.wh..wh..opq',
  '777777777777',
  '-1',
  '00000001000',
  '\xff\xfe',
  'x'.repeat(155),
  '',
];
const flags = '\u000001234567xgLKSDVX~';

/** Fields of headers rewritten so that the checksum is right; blocks moved and repeated; or just bytes. */
export function changeTar(start: Buffer, random: Random): Buffer {
  let tar = start;
  for (let i = random(4); i >= 0; i--) {
    const blocks = tar.length >> 9;
    if (blocks === 0) return tar;
    const at = random(blocks) * 512;
    switch (random(5)) {
      case 0:
      case 1: {
        const header = headerNear(tar, at);
        const [field, length] = fields[random(fields.length)]!;
        if (field === 156) tar.write(flags[random(flags.length)]!, header + field, 'latin1');
        else if (random(3) === 0) for (let j = 0; j < length; j++) tar[header + field + j] = random(256);
        else
          tar
            .fill(0, header + field, header + field + length)
            .write(texts[random(texts.length)]!, header + field, length, 'latin1');
        seal(tar, header);
        break;
      }
      case 2:
        tar = Buffer.concat([tar.subarray(0, at), tar.subarray(at + 512)]);
        break;
      case 3: {
        const from = random(blocks) * 512;
        tar = Buffer.concat([
          tar.subarray(0, at),
          tar.subarray(from, from + 512 * (1 + random(4))),
          tar.subarray(at),
        ]);
        break;
      }
      default:
        tar = change(tar, random);
    }
  }
  return tar;
}

/** The header at or before a block. */
function headerNear(tar: Buffer, at: number): number {
  let header = at;
  while (header > 0 && tar.toString('latin1', header + 257, header + 262) !== 'ustar') header -= 512;
  return header;
}

function seal(tar: Buffer, at: number): void {
  if (at + 512 > tar.length) return;
  tar.fill(' ', at + 148, at + 156);
  let sum = 0;
  for (let i = at; i < at + 512; i++) sum += tar[i]!;
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
}

const values: unknown[] = [
  null,
  0,
  -1,
  1e308,
  '',
  'x',
  true,
  [],
  {},
  [[]],
  { toString: 1 },
  '../../etc/passwd',
  `sha256:${'0'.repeat(64)}`,
];

/** Another value at a place in a document, or the document's own bytes changed. */
export function changeDocument(document: unknown, random: Random): unknown {
  if (random(3) === 0) return change(Buffer.from(JSON.stringify(document)), random);
  let at = document as Record<string, unknown>;
  for (let depth = 0; depth < 6; depth++) {
    const keys = Object.keys(at);
    if (keys.length === 0) return document;
    const key = keys[random(keys.length)]!;
    const inner = at[key];
    if (typeof inner !== 'object' || inner === null || random(4) === 0) {
      if (random(4) === 0) delete at[key];
      else at[key] = values[random(values.length)];
      return document;
    }
    at = inner as Record<string, unknown>;
  }
  return document;
}
