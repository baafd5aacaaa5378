// Whether ADD unpacks a file, and how many bytes the layer holds then (solver/llbsolver/file/unpack.go; go-archive's
// compression.Detect). bzip2 and xz are not read here: what is in them stays unknown.
import { decompress, defaultDecompressLimits } from '../primitives/decompress';
import { isCancelled, StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { textOfName } from '../primitives/nameText';
import { scanChunks } from '../primitives/tarDrivers';
import { type TarEntry, tarFlags } from '../primitives/tarEntry';
import { tarKinds } from '../primitives/tarHeader';
import { TarScanner } from '../primitives/tarScanner';
import { type ArchiveEntry, ArchiveFiles } from './archiveFiles';

export type ArchiveFinding =
  /** ADD copies the file as it is. */
  | { kind: 'plain' }
  /** Bytes of the regular files inside; null when unknown, and `why`: a clause for a person. */
  | { kind: 'archive'; bytes: number | null; why: string | null };

/** Of the bytes that an archive unpacks to: it is read while somebody types, and a few MB can hold any number. */
const limits = { ...defaultDecompressLimits, maxBytes: 8 * 2 ** 30 };

/** Linux has no longer paths. */
const longestName = 4096;

/**
 * Reads a file of the build context, absolute path. The whole archive is scanned, and unpacked in memory where it is
 * packed. Throws StrataError('unreadable') when the file cannot be read, and the signal's reason.
 */
export async function archiveBytes(host: Host, path: string, signal?: AbortSignal): Promise<ArchiveFinding> {
  const packing = await packingOf(host, path);
  if (packing === 'bzip2' || packing === 'xz') {
    return { kind: 'archive', bytes: null, why: `it is packed with ${packing}, which Strata does not read` };
  }
  const files = new ArchiveFiles();
  const scanner = new TarScanner((entry) => files.add(archiveEntry(entry)));
  try {
    const stored = host.files.stream(path, { signal });
    await scanChunks(packing === 'none' ? stored : decompress(stored, { limits, signal }), scanner, signal);
  } catch (error) {
    if (isCancelled(error) || signal?.aborted) throw error;
    // BuildKit takes a file for an archive once its first entry can be read.
    if (files.count === 0) return { kind: 'plain' };
    const hostile = error instanceof StrataError && error.code === 'hostile';
    const why = hostile ? 'it is too large to be looked into' : 'the archive is damaged';
    return { kind: 'archive', bytes: null, why };
  }
  if (files.count === 0) return { kind: 'plain' };
  return files.why === null
    ? { kind: 'archive', bytes: files.bytes(), why: null }
    : { kind: 'archive', bytes: null, why: files.why };
}

async function packingOf(host: Host, path: string): Promise<'none' | 'gzip' | 'zstd' | 'bzip2' | 'xz'> {
  const file = await host.files.open(path);
  try {
    const head = await file.read(0, 10);
    const starts = (...magic: number[]) => magic.every((byte, at) => head[at] === byte);
    if (starts(0x42, 0x5a, 0x68)) return 'bzip2';
    if (starts(0x1f, 0x8b, 0x08)) return 'gzip';
    if (starts(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00)) return 'xz';
    if (starts(0x28, 0xb5, 0x2f, 0xfd)) return 'zstd';
    const skippable = head.length >= 8 && head[0]! >> 4 === 5 && head[1] === 0x2a && head[2] === 0x4d;
    return skippable && head[3] === 0x18 ? 'zstd' : 'none';
  } finally {
    await file.close();
  }
}

const types: Record<number, ArchiveEntry['type']> = {
  [tarKinds.file]: 'file',
  [tarKinds.directory]: 'directory',
  [tarKinds.symlink]: 'symlink',
  [tarKinds.hardlink]: 'hardlink',
};

function archiveEntry(entry: TarEntry): ArchiveEntry {
  const { nameBytes, nameStart, linkBytes, linkStart, size, kind, flag } = entry;
  return {
    name: textOfName(nameBytes, nameStart, Math.min(entry.nameEnd, nameStart + longestName)),
    flag: flag === tarFlags.gnuSparse ? 'S' : String.fromCharCode(flag),
    type: types[kind] ?? 'other',
    size,
    link: textOfName(linkBytes, linkStart, Math.min(entry.linkEnd, linkStart + longestName)),
  };
}
