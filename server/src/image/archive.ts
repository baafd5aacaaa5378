// A tar as a place: which files it holds and where, found by reading headers only. One that is itself compressed
// (`docker save | gzip`) is read through once, and its layers are unpacked from the start whenever they are read.
import { cleanPath } from '../primitives/cleanPath';
import { sniffBytes, sniffCompression } from '../primitives/compression';
import { decompress } from '../primitives/decompress';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { textOfName } from '../primitives/nameText';
import { scanChunks, scanRandom } from '../primitives/tarDrivers';
import type { TarEntry } from '../primitives/tarEntry';
import { tarKinds } from '../primitives/tarHeader';
import { TarScanner } from '../primitives/tarScanner';
import { maxDocumentBytes, type Place, type StoredBlob, storedBlob, tooLarge, tooMany } from './place';

export interface Archive extends Place {
  /** The tar is compressed as a whole, so that nothing in it can be sought. */
  readonly packed: boolean;
  has(path: string): boolean;
}

/** Files in an image's archive: a layer is two or three. */
const maxFiles = 100_000;
/** All their names together: an extended header can hold a name of 1 MiB. */
const maxNameBytes = 64 * 2 ** 20;
/** Links to links. */
const maxLinks = 16;

type Member = { at: number; size: number } | { link: string };

/** Throws StrataError('unreadable') when the file is no tar, ('unsupported') for another compression. */
export async function openArchive(host: Host, path: string, signal?: AbortSignal): Promise<Archive> {
  // To open a pipe would wait for whoever writes to it, for ever perhaps.
  if ((await host.files.stat(path))?.kind === 'other') {
    throw new StrataError('unreadable', `${path} is no plain file.`, 'Write it to a file first.');
  }
  const file = await host.files.open(path);
  const members = new Map<string, Member>();
  try {
    const head = await file.read(0, Math.min(sniffBytes, file.size));
    if (sniffCompression(head) !== 'none') return await openPacked(host, path, signal);
    const scanner = new TarScanner(noter(members));
    await scanRandom(file, scanner, { offset: 0, length: file.size }, signal);
  } finally {
    await file.close();
  }
  const find = finder(members);
  return {
    packed: false,
    has: (name) => find(name) !== null,
    async read(name) {
      const found = find(name);
      if (!found) return null;
      if (found.size > maxDocumentBytes) throw tooLarge(name, found.size);
      const opened = await host.files.open(path);
      try {
        return await opened.read(found.at, found.size);
      } finally {
        await opened.close();
      }
    },
    async blob(name) {
      const found = find(name);
      return found && storedBlob(host, path, found.at, found.size);
    },
  };
}

/** What is small is kept while the tar streams by: manifests and configs. */
const maxKeptBytes = 4 * 2 ** 20;
const maxKeptInAll = 64 * 2 ** 20;
/** Documents behind so many small layers that they were not kept: each costs one more time to unpack all before it. */
const maxReadAgain = 100;

async function openPacked(host: Host, path: string, signal?: AbortSignal): Promise<Archive> {
  const members = new Map<string, Member>();
  const kept = new Map<number, Uint8Array>();
  const wanted: Wanted[] = [];
  let keptBytes = 0;
  let readAgain = 0;
  const scanner = new TarScanner(
    noter(members, ({ bodyOffset, bodyBytes }) => {
      const whole = bodyBytes <= maxKeptBytes && keptBytes + bodyBytes <= maxKeptInAll;
      const bytes = new Uint8Array(whole ? bodyBytes : sniffBytes);
      keptBytes += bytes.length;
      kept.set(bodyOffset, bytes);
      wanted.push({ at: bodyOffset, bytes });
    }),
  );
  const plain = decompress(host.files.stream(path, { signal }), { signal });
  await scanChunks(watched(plain, wanted), scanner, signal);
  const find = finder(members);
  return {
    packed: true,
    has: (name) => find(name) !== null,
    async read(name) {
      const found = find(name);
      const bytes = found && kept.get(found.at);
      if (!bytes) return null;
      if (bytes.length === found.size) return bytes;
      if (found.size > maxDocumentBytes) throw tooLarge(name, found.size);
      if (++readAgain > maxReadAgain) throw tooMany(path);
      const again: Uint8Array[] = [];
      for await (const chunk of part(decompress(host.files.stream(path, { signal }), { signal }), found))
        again.push(chunk);
      return Buffer.concat(again);
    },
    async blob(name): Promise<StoredBlob | null> {
      const found = find(name);
      if (!found) return null;
      return {
        size: found.size,
        head: kept.get(found.at)!.subarray(0, sniffBytes),
        blob: {
          region: null,
          open: (inner) => part(decompress(host.files.stream(path, { signal: inner })), found),
        },
      };
    },
  };
}

/** Bytes from `at` on, `size` of them, of a stream that cannot be sought. */
async function* part(
  chunks: AsyncIterable<Uint8Array>,
  { at, size }: { at: number; size: number },
): AsyncGenerator<Uint8Array> {
  let position = 0;
  for await (const chunk of chunks) {
    const from = Math.max(0, at - position);
    const to = Math.min(chunk.length, at + size - position);
    position += chunk.length;
    if (from < to) yield chunk.subarray(from, to);
    if (position >= at + size) return;
  }
}

interface Wanted {
  at: number;
  bytes: Uint8Array;
}

/** The chunks as they are; of each that has been scanned, the bodies that the scan found wanted are copied. */
async function* watched(chunks: AsyncIterable<Uint8Array>, wanted: Wanted[]): AsyncGenerator<Uint8Array> {
  let position = 0;
  for await (const chunk of chunks) {
    yield chunk;
    const end = position + chunk.length;
    while (wanted.length > 0) {
      const { at, bytes } = wanted[0]!;
      const from = Math.max(at, position);
      const to = Math.min(at + bytes.length, end);
      if (from < to) bytes.set(chunk.subarray(from - position, to - position), from - at);
      if (at + bytes.length > end) break;
      wanted.shift();
    }
    position = end;
  }
}

/** Follows links: docker up to 24 and podman link `<id>/layer.tar` to a layer that the archive has already. */
function finder(members: Map<string, Member>): (path: string) => { at: number; size: number } | null {
  return (path) => {
    let member = members.get(clean(Buffer.from(path, 'utf8')));
    for (let i = 0; i < maxLinks && member && 'link' in member; i++) member = members.get(member.link);
    return member && !('link' in member) ? member : null;
  };
}

function clean(name: Uint8Array): string {
  return textOfName(cleanPath(name, 0, name.length).bytes);
}

/** The target of a symbolic link, which is relative to the folder of the link. */
function besides(name: string, target: string): string {
  const folder = name.slice(0, name.lastIndexOf('/') + 1);
  return clean(Buffer.from(target.startsWith('/') ? target : folder + target, 'utf8'));
}

/** Notes where each file lies; of a name that comes twice the last counts, as when the archive is unpacked. */
function noter(
  members: Map<string, Member>,
  onFile: (entry: TarEntry) => void = () => {},
): (entry: TarEntry) => void {
  let entries = 0;
  let nameBytes = 0;
  return (entry) => {
    const { nameBytes: bytes, nameStart, nameEnd, linkBytes, linkStart, linkEnd } = entry;
    nameBytes += nameEnd - nameStart + (linkEnd - linkStart);
    if (++entries > maxFiles || nameBytes > maxNameBytes) {
      throw new StrataError(
        'hostile',
        entries > maxFiles
          ? `The archive holds more than ${maxFiles} files, which no image's archive does.`
          : `The archive has more than ${maxNameBytes} bytes of file names, which no image's archive has.`,
      );
    }
    const name = clean(bytes.subarray(nameStart, nameEnd));
    const link = linkBytes.subarray(linkStart, linkEnd);
    if (entry.kind === tarKinds.file && !entry.sparse) {
      members.set(name, { at: entry.bodyOffset, size: entry.bodyBytes });
      onFile(entry);
    } else if (entry.kind === tarKinds.symlink) members.set(name, { link: besides(name, textOfName(link)) });
    else if (entry.kind === tarKinds.hardlink) members.set(name, { link: clean(link) });
    else members.delete(name);
  };
}
