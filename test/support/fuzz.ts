// Valid images changed at random, the same for a seed: bits flipped, parts cut, spliced and repeated, header fields
// rewritten under a fixed checksum, documents rewritten under fixed digests. What comes of each is checked for what
// holds for any input; which numbers come of it, the written cases say.
import { gzipSync } from 'node:zlib';
import {
  dockerImage,
  type Numbers,
  ociImage,
  onDisk,
  outcomeOf,
  type Refusal,
  type StoredForm,
  storedForms,
  storedLayer,
} from './hostileArchives';
import { archive, compress, type Files } from './imageFixture';
import { seededRandom } from './random';
import { rawEntry, rawHeader, rawPax, rawTar } from './rawTar';

/** What went wrong with a seed; null when nothing did. */
export async function fuzzOne(seed: number): Promise<string | null> {
  try {
    const { outcome, openFiles, written } = await outcomeOf({
      ...(await fuzzedImage(seed)),
      limits: { maxEntries: 5000, maxPathBytes: 4096, maxNameBytes: 2 ** 22 },
      decompressLimits: { maxBytes: 2 ** 24, maxRatio: 2000, ratioAfter: 2 ** 22 },
    });
    if (openFiles !== 0) return `${openFiles} files are left open`;
    if (written.length > 0) return `written: ${written.join(', ')}`;
    return 'code' in outcome ? refusalFault(outcome) : numbersFault(outcome);
  } catch (error) {
    return (error as Error).stack ?? String(error);
  }
}

/** A refusal is a sentence, and not an endless one. */
function refusalFault({ message }: Refusal): string | null {
  return message.endsWith('.') && message.length < 10_000 ? null : `no sentence: ${message.slice(0, 300)}`;
}

/** What must hold of numbers, whichever they are: counts are counts, and what is unknown is said. */
function numbersFault({ unpacked, added, visible, problems }: Numbers): string | null {
  const isCount = (value: number | null): boolean =>
    value === null || (Number.isSafeInteger(value) && value >= 0);
  const hasUnknown = unpacked.includes(null);
  const isSound =
    [...unpacked, ...added, visible].every(isCount) &&
    hasUnknown === (visible === null) &&
    (!hasUnknown || problems.length > 0);
  return isSound ? null : `numbers that cannot be: ${JSON.stringify({ unpacked, added, visible, problems })}`;
}

type Random = (below: number) => number;

/** The disk and the reference of the image that a seed makes. */
export async function fuzzedImage(
  seed: number,
): Promise<{ disk: () => Iterable<[string, Uint8Array]>; reference: string }> {
  const next = seededRandom(seed);
  const random: Random = (below) => Math.floor(next() * below);
  const form = storedForms[random(storedForms.length)]!;
  // Inside of a layer, inside of a document, or the whole as it lies on the disk.
  const where = random(4);
  const layers = validLayers().map((tar) => {
    const compression = (['none', 'gzip', 'zstd'] as const)[random(3)]!;
    const changedTar = where === 0 ? changeTar(Buffer.from(tar), random) : tar;
    const stored = compress(changedTar, compression);
    const blob = where === 1 ? change(Buffer.from(stored), random) : stored;
    return { stored: blob, diffId: storedLayer(random(4) === 0 ? tar : changedTar).diffId };
  });
  const rewrite = (value: unknown): unknown =>
    where === 2 && random(2) === 0 ? changeDocument(value, random) : value;
  const changes = { config: rewrite, manifest: rewrite, index: rewrite, saved: rewrite };
  const files =
    form === 'oci' || form === 'oci-archive' ? ociImage(layers, changes) : dockerImage(layers, changes);
  const { disk, reference } =
    where === 3 ? await changeWhole(files, form, random) : await onDisk(files, form);
  return { disk: () => disk, reference };
}

function validLayers(): Buffer[] {
  return [
    rawTar(
      rawHeader({ name: 'etc/', type: '5' }),
      rawEntry({ name: 'etc/passwd' }, 'root'.repeat(200)),
      rawHeader({ name: 'etc/link', type: '2', link: 'passwd' }),
      rawEntry({ name: '././@LongLink', type: 'L', magic: 'ustar  \0' }, `${'long/'.repeat(60)}name\0`),
      rawEntry({ name: 'long' }, 'x'),
    ),
    rawTar(
      rawPax([['comment', 'global']], 'g'),
      rawPax([
        ['path', 'etc/pax'],
        ['size', '3'],
        ['SCHILY.xattr.user.a', 'b'],
      ]),
      rawEntry({ name: 'pax' }, 'abc'),
      rawEntry({ name: 'etc/.wh.passwd' }, ''),
      rawEntry({ name: 'var/.wh..wh..opq' }, ''),
      rawHeader({ name: 'etc/hard', type: '1', link: 'etc/pax' }),
    ),
    rawTar(
      rawHeader({
        name: 'sparse',
        type: 'S',
        magic: 'ustar  \0',
        patch: (block) => block.write('00000010000\0', 483),
      }),
      rawHeader({ name: 'dev', type: '3' }),
      rawEntry({ name: 'caf\u00e9/\u202e' }, 'y'),
    ),
  ];
}

async function changeWhole(
  files: Files,
  form: StoredForm,
  random: Random,
): Promise<{ disk: [string, Uint8Array][]; reference: string }> {
  if (form === 'oci') {
    const { disk, reference } = await onDisk(files, form);
    const at = random(disk.length);
    disk[at] = [disk[at]![0], change(Buffer.from(disk[at]![1]), random)];
    return { disk, reference };
  }
  const tar = changeTar(Buffer.from((await archive(files)).get('image.tar')!), random);
  const isPacked = form === 'packed-archive';
  const bytes = isPacked ? gzipSync(tar, { level: 1 }) : tar;
  return {
    disk: [['/image.tar', isPacked && random(2) === 0 ? change(Buffer.from(bytes), random) : bytes]],
    reference: `${isPacked ? 'docker-archive' : form}:/image.tar`,
  };
}

/** One to four changes of bytes, whatever they mean. */
function change(start: Buffer, random: Random): Buffer {
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
function changeTar(start: Buffer, random: Random): Buffer {
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
function changeDocument(document: unknown, random: Random): unknown {
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
