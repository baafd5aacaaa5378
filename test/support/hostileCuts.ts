// Archives and blobs that are cut or flipped at each of their structures, with what must come of each.
import { gzipSync } from 'node:zlib';
import { sha256 } from '../../server/src/primitives/digest';
import {
  dockerImage,
  type HostileCase,
  type Outcome,
  ociImage,
  onDisk,
  storedImage,
  storedLayer,
} from './hostileArchives';
import { archive, type Files, zstdStored } from './imageFiles';
import { rawEntry, rawTar } from './rawTar';

const lower = rawTar(rawEntry({ name: 'a' }, 'x'.repeat(700)));
const upper = rawTar(rawEntry({ name: 'b' }, '22'));
const whole: Outcome = { unpacked: [700, 2], added: [1, 1], visible: 702, problems: [] };

/** Each block of an archive and the middle of each block: what is cut off decides what comes of it. */
export async function archiveCuts(form: 'docker-archive' | 'oci-archive'): Promise<HostileCase[]> {
  const layers = [storedLayer(lower), storedLayer(upper)];
  const files = form === 'oci-archive' ? ociImage(layers) : dockerImage(layers);
  const tar = (await archive(files)).get('image.tar')!;
  const cases: HostileCase[] = [];
  for (let at = 0; at < tar.length; at += 256) {
    cases.push({
      name: `${form} cut at byte ${at} of ${tar.length}`,
      disk: () => [['/image.tar', tar.subarray(0, at)]],
      reference: `${form}:/image.tar`,
      expect: cutOutcome(files, at, form),
    });
  }
  return cases;
}

function cutOutcome(files: Files, at: number, form: string): Outcome {
  if (at === 0) return { refused: 'unreadable', words: /is empty, so it is no archive/ };
  let position = 0;
  const held = new Set<string>();
  for (const [name, data] of files) {
    const length = data instanceof Uint8Array ? data.length : 0;
    const bodyEnd = position + 512 + length;
    const end = position + 512 + Math.ceil(length / 512) * 512;
    if (at > position && at < bodyEnd)
      return { refused: 'unreadable', words: /The tar is cut: it ends at byte/ };
    if (at >= bodyEnd) held.add(name);
    position = end;
  }
  // Half a block of zeros behind the last file is no block.
  if (at > position && at < position + 512) return { refused: 'unreadable', words: /The tar is cut/ };
  if (!held.has(form === 'oci-archive' ? 'index.json' : 'manifest.json')) {
    return { refused: 'unreadable', words: form === 'oci-archive' ? /no index\.json/ : /no manifest\.json/ };
  }
  return whole;
}

/** A layer's tar cut in each block of it, stored plain and compressed, under the DiffID of the whole. */
export async function layerCuts(): Promise<HostileCase[]> {
  const tar = rawTar(rawEntry({ name: 'a' }, 'x'.repeat(700)), rawEntry({ name: 'b' }, 'yyy'));
  const cases: HostileCase[] = [];
  for (let at = 0; at <= tar.length; at += 256) {
    for (const compression of ['gzip', 'zstd', 'none'] as const) {
      const cut = { ...storedLayer(tar.subarray(0, at), compression), diffId: sha256(tar) };
      // Plain blobs are named by their own digest, which would be one more thing to say; legacy names tell none.
      const { disk, reference } =
        compression === 'none'
          ? await onDisk(legacyImage(cut.stored, cut.diffId), 'docker-archive')
          : await storedImage([cut], 'oci');
      // One block of zeros behind the last file tells that it is the last.
      const isWhole = at >= tar.length - 512;
      cases.push({
        name: `a layer cut at byte ${at} of ${tar.length}, stored as ${compression}`,
        disk: () => disk,
        reference,
        expect: isWhole
          ? { unpacked: [703], visible: 703, problems: [] }
          : {
              unpacked: [null],
              visible: null,
              problems: [/Layer 0 .* could not be read\. The tar is cut/],
            },
      });
    }
  }
  return cases;
}

/** As docker save wrote until 24: nothing in a layer's path tells its digest. */
export function legacyImage(layer: Uint8Array, diffId: string): Files {
  const config = { os: 'linux', architecture: 'amd64', history: [{}], rootfs: { diff_ids: [diffId] } };
  return new Map([
    ['layer/layer.tar', layer],
    ['config.json', Buffer.from(JSON.stringify(config))],
    [
      'manifest.json',
      Buffer.from(JSON.stringify([{ Config: 'config.json', RepoTags: null, Layers: ['layer/layer.tar'] }])),
    ],
  ]);
}

const good = rawTar(rawEntry({ name: 'a' }, 'hello'.repeat(100)));

/** Compressed blobs cut in each section, and with one of its bytes changed. */
export async function compressedCuts(): Promise<HostileCase[]> {
  const gzip = gzipSync(good);
  const zstd = Buffer.from(zstdStored(good));
  const at = (bytes: Buffer, position: number, value: number): Buffer => {
    const changed = Buffer.from(bytes);
    changed[position < 0 ? bytes.length + position : position] = value;
    return changed;
  };
  const damaged = /Layer 0 .* could not be read\. The (?:gzip|zstd) data is damaged/;
  const cut = /Layer 0 .* could not be read\. The (?:tar is cut|(?:gzip|zstd) data is damaged)/;
  const blobs: [name: string, bytes: Uint8Array, problem: RegExp | null][] = [];
  for (const end of [
    0,
    1,
    2,
    3,
    4,
    8,
    9,
    10,
    11,
    20,
    gzip.length - 9,
    gzip.length - 8,
    gzip.length - 5,
    gzip.length - 4,
    gzip.length - 1,
  ]) {
    blobs.push([`gzip cut at byte ${end} of ${gzip.length}`, gzip.subarray(0, end), cut]);
  }
  for (const end of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 520, 1024, zstd.length - 1]) {
    blobs.push([`zstd cut at byte ${end} of ${zstd.length}`, zstd.subarray(0, end), cut]);
  }
  const noHeader = /Layer 0 .* could not be read\. The tar is (?:damaged|cut)/;
  blobs.push(
    ['gzip with a wrong first byte', at(gzip, 0, 0x1e), noHeader],
    ['gzip of another method', at(gzip, 2, 7), damaged],
    ['gzip with reserved flags', at(gzip, 3, 0xe0), damaged],
    ['gzip whose header says that a checksum of it follows', at(gzip, 3, 2), damaged],
    ['gzip with a block of the reserved type', at(gzip, 10, 0x07), damaged],
    ['gzip with a wrong checksum', at(gzip, -8, gzip.at(-8)! ^ 1), damaged],
    ['gzip with a wrong length', at(gzip, -4, gzip.at(-4)! ^ 1), damaged],
    [
      'gzip with a flipped byte in its body',
      at(gzip, gzip.length >> 1, gzip[gzip.length >> 1]! ^ 0xff),
      damaged,
    ],
    ['gzip with zeros behind it', Buffer.concat([gzip, Buffer.alloc(100)]), null],
    [
      'gzip in two members',
      Buffer.concat([gzipSync(good.subarray(0, 700)), gzipSync(good.subarray(700))]),
      null,
    ],
    ['gzip in gzip', gzipSync(gzip), noHeader],
    ['zstd with a wrong first byte', at(zstd, 0, 0x29), noHeader],
    ['zstd with a reserved block', at(zstd, 6, zstd[6]! | 6), damaged],
    [
      'zstd that asks for a window of gigabytes',
      at(zstd, 5, 0xf8),
      /Layer 0 .* a window of more than 134217728 bytes/,
    ],
    ['zstd with a block larger than its bytes', at(zstd, 8, 0x7f), damaged],
    ['zstd with noise behind it', Buffer.concat([zstd, Buffer.from('noise')]), damaged],
    [
      'zstd with a skippable frame before and behind',
      Buffer.concat([skippable(9), zstd, skippable(0)]),
      null,
    ],
    ['a skippable frame alone', skippable(12), /Layer 0 .* no end marker, and is not what its DiffID says/],
    [
      'a skippable frame that claims four gigabytes',
      Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0xff, 0xff, 0xff, 0xff, 1]),
      damaged,
    ],
    ['zstd in gzip', gzipSync(zstd), noHeader],
    [
      'xz',
      Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4]),
      /Layer 0 .* compressed with xz, which Strata does not read/,
    ],
    ['bzip2', Buffer.from('BZh91AY&SY0000'), /Layer 0 .* compressed with bzip2/],
    ['a zip', Buffer.from('PK\u0003\u0004aaaaaaaaaa'), /Layer 0 .* compressed with zip/],
  );
  const cases: HostileCase[] = [];
  for (const [name, stored, problem] of blobs) {
    const { disk, reference } = await storedImage([{ stored, diffId: sha256(good) }], 'oci-archive');
    const plain = problem === noHeader || (stored.length < 4 && problem);
    cases.push({
      name,
      disk: () => disk,
      reference,
      expect: problem
        ? {
            unpacked: [null],
            visible: null,
            // Plain bytes are betrayed by their own digest, too.
            problems: plain ? [/Layer 0 /] : [problem],
          }
        : { unpacked: [500], visible: 500, problems: [] },
    });
  }
  return cases;
}

function skippable(length: number): Buffer {
  const head = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
  head.writeUInt32LE(length, 4);
  return Buffer.concat([head, Buffer.alloc(length, 1)]);
}

/** Archives that are compressed as a whole, cut and flipped. */
export async function packedCuts(): Promise<HostileCase[]> {
  const tar = (await archive(dockerImage([storedLayer(lower), storedLayer(upper)]))).get('image.tar')!;
  const gzip = gzipSync(tar);
  const unreadable = {
    refused: 'unreadable',
    words:
      /(?:gzip|zstd) data is damaged|The tar is (?:cut|damaged)|no manifest\.json|is no archive of an image/,
  };
  const cases: HostileCase[] = [];
  const add = (name: string, bytes: Uint8Array, expect: Outcome = unreadable): void => {
    cases.push({ name, disk: () => [['/image.tar', bytes]], reference: 'docker-archive:/image.tar', expect });
  };
  for (let i = 0; i < 16; i++)
    add(`a packed archive cut at ${i} sixteenths`, gzip.subarray(0, (gzip.length * i) >> 4));
  add('a packed archive without its last byte', gzip.subarray(0, -1));
  const flipped = Buffer.from(gzip);
  flipped[gzip.length - 6] = flipped[gzip.length - 6]! ^ 1;
  add('a packed archive with a wrong checksum', flipped);
  add('a packed archive that is packed again', gzipSync(gzip));
  add('an archive packed as zstd', zstdStored(tar), whole);
  add('an archive packed as zstd and cut', zstdStored(tar).subarray(0, 3000));
  return cases;
}
