// A tar as a place: which files it holds and where, found by reading headers only. One that is itself compressed
// (`docker save | gzip`) is read through once, and its layers are unpacked from the start whenever they are read.
import { cleanPath } from '../primitives/cleanPath';
import { sniffBytes, sniffCompression } from '../primitives/compression';
import { decompress } from '../primitives/decompress';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { textOfName } from '../primitives/nameText';
import { readTar } from '../primitives/tar';
import { scanRandom } from '../primitives/tarDrivers';
import { tarKinds } from '../primitives/tarHeader';
import { TarScanner } from '../primitives/tarScanner';
import { maxDocumentBytes, type Place, type StoredBlob, storedBlob, tooLarge } from './place';

export interface Archive extends Place {
  /** The tar is compressed as a whole, so that nothing in it can be sought. */
  readonly packed: boolean;
  has(path: string): boolean;
}

/** Files in an image's archive: a layer is two or three. */
const maxFiles = 100_000;
/** Links to links. */
const maxLinks = 16;

type Member = { at: number; size: number } | { link: string };

/** Throws StrataError('unreadable') when the file is no tar, ('unsupported') for another compression. */
export async function openArchive(host: Host, path: string, signal?: AbortSignal): Promise<Archive> {
  const file = await host.files.open(path);
  const members = new Map<string, Member>();
  try {
    const head = await file.read(0, Math.min(sniffBytes, file.size));
    if (sniffCompression(head) !== 'none') return await openPacked(host, path, signal);
    const scanner = new TarScanner((entry) => {
      const name = clean(entry.nameBytes.subarray(entry.nameStart, entry.nameEnd));
      const link = entry.linkBytes.subarray(entry.linkStart, entry.linkEnd);
      if (entry.kind === tarKinds.file && !entry.sparse) {
        members.set(name, { at: entry.bodyOffset, size: entry.bodyBytes });
      } else if (entry.kind === tarKinds.symlink)
        members.set(name, { link: besides(name, textOfName(link)) });
      else if (entry.kind === tarKinds.hardlink) members.set(name, { link: clean(link) });
      checkCount(members);
    });
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

async function openPacked(host: Host, path: string, signal?: AbortSignal): Promise<Archive> {
  const members = new Map<string, Member>();
  const kept = new Map<number, Uint8Array>();
  let keptBytes = 0;
  const chunks = (): AsyncIterable<Uint8Array> => decompress(host.files.stream(path, { signal }), { signal });
  for await (const member of readTar(chunks())) {
    const name = clean(Buffer.from(member.name, 'utf8'));
    if (member.type === 'symlink') members.set(name, { link: besides(name, member.link ?? '') });
    else if (member.type === 'hardlink')
      members.set(name, { link: clean(Buffer.from(member.link ?? '', 'utf8')) });
    else if (member.type === 'file') {
      const keep = member.size <= maxKeptBytes && keptBytes + member.size <= maxKeptInAll;
      const bytes = await firstBytes(member.body, keep ? member.size : sniffBytes);
      keptBytes += bytes.length;
      kept.set(member.offset, bytes);
      members.set(name, { at: member.offset, size: member.size });
    }
    checkCount(members);
  }
  const find = finder(members);
  return {
    packed: true,
    has: (name) => find(name) !== null,
    async read(name) {
      const found = find(name);
      const bytes = found && kept.get(found.at);
      if (!bytes) return null;
      if (bytes.length < found.size) throw tooLarge(name, found.size);
      return bytes;
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

/** All of the body goes by; only its first bytes are kept. */
async function firstBytes(body: AsyncIterable<Uint8Array>, wanted: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    if (length >= wanted) continue;
    const piece = chunk.slice(0, wanted - length);
    parts.push(piece);
    length += piece.length;
  }
  return Buffer.concat(parts);
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

function checkCount(members: Map<string, Member>): void {
  if (members.size > maxFiles) {
    throw new StrataError(
      'hostile',
      `The archive holds more than ${maxFiles} files, which no image's archive does.`,
    );
  }
}
