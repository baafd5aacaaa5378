// Valid images changed at random, the same for a seed: bits flipped, parts cut, spliced and repeated, header fields
// rewritten under a fixed checksum, documents rewritten under fixed digests. What comes of each is checked for what
// holds for any input; which numbers come of it, the written cases say.
import { gzipSync } from 'node:zlib';
import { change, changeDocument, changeTar, type Random } from './fuzzChanges';
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
import { archive, compress, type Files } from './imageFiles';
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
