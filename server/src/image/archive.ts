// Opens an image's tar, whose members are found by reading headers only. One that is itself compressed
// (`docker save | gzip`) is unpacked first, once: packedArchive.ts.
import { sniffBytes, sniffCompression } from '../primitives/compression';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { scanRandom } from '../primitives/tarDrivers';
import { TarScanner } from '../primitives/tarScanner';
import { type Member, noter } from './archiveMembers';
import type { Image } from './model';
import { noArchive } from './noArchive';
import { openPackedArchive } from './packedArchive';
import { type Archive, plainArchive } from './plainArchive';

/** As much as a tar's first header. */
const headBytes = 512;

/**
 * Opens a tar; the caller closes it. Throws StrataError('unreadable') when the file is no tar, ('unsupported') for
 * another compression.
 */
export async function openArchive(host: Host, path: string, signal?: AbortSignal): Promise<Archive> {
  // To open a pipe would wait for whoever writes to it, for ever perhaps.
  if ((await host.files.stat(path))?.kind === 'other') {
    throw new StrataError('unreadable', `${path} is no plain file.`, 'Write it to a file first.');
  }
  const file = await host.files.open(path);
  const members = new Map<string, Member>();
  try {
    const { size } = file;
    const head = await file.read(0, Math.min(headBytes, size));
    const isPacked = sniffCompression(head.subarray(0, sniffBytes)) !== 'none';
    if (size === 0) throw noArchive(path, head, size, isPacked, null);
    try {
      if (isPacked) return await openPackedArchive(host, path, size, signal);
      await scanRandom(file, new TarScanner(noter(members)), { offset: 0, length: size }, signal);
    } catch (error) {
      throw members.size > 0 ? error : noArchive(path, head, size, isPacked, error);
    }
  } finally {
    await file.close();
  }
  return plainArchive(host, path, members, signal);
}

/** The image that `read` finds in an archive: it closes the archive, which is closed at once when there is none. */
export async function imageOfArchive(archive: Archive, read: () => Promise<Image>): Promise<Image> {
  try {
    const image = await read();
    const problems = archive.note === null ? image.problems : [archive.note, ...image.problems];
    const close = async (): Promise<void> => {
      await image.close();
      await archive.close();
    };
    return { ...image, problems, close };
  } catch (error) {
    await archive.close();
    throw error;
  }
}
