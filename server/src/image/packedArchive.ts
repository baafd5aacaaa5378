// An archive that is compressed as a whole (`docker save | gzip`), in which nothing can be sought. It is unpacked once,
// into a temporary file of ours that `close` removes, and is then a tar like any other: layers are indexed side by side
// and files read in place. Where that file would be too large or cannot be made, each layer is unpacked from the start when it is read.
import { sniffBytes } from '../primitives/compression';
import { decompress } from '../primitives/decompress';
import { StrataError } from '../primitives/errors';
import type { FileWriter, Host } from '../primitives/host';
import { ChunkScan, scanChunks } from '../primitives/tarDrivers';
import { TarScanner } from '../primitives/tarScanner';
import { finder, type Member, noter, type Part } from './archiveMembers';
import { maxDocumentBytes, type StoredBlob, tooLarge, tooMany } from './place';
import { type Archive, plainArchive } from './plainArchive';

/**
 * A bomb must not fill the disk: real images unpack to some 2 to 5 times their size, and an archive of nothing but zeros
 * to 1000 times. In bytes.
 */
const mostUnpacked = 32 * 2 ** 30;
const unpackedAnyway = 512 * 2 ** 20;
const unpackedTimes = 32;

/** @param packedBytes of the file. Throws as `openArchive`. */
export async function openPackedArchive(
  host: Host,
  path: string,
  packedBytes: number,
  signal?: AbortSignal,
): Promise<Archive> {
  const most = Math.min(mostUnpacked, unpackedAnyway + unpackedTimes * packedBytes);
  return (await unpackOnce(host, path, most, signal)) ?? (await readInPlace(host, path, signal));
}

/** Null when it is more than `most` bytes, or more than the disk takes; and where no temporary file can be made. */
async function unpackOnce(
  host: Host,
  path: string,
  most: number,
  signal: AbortSignal | undefined,
): Promise<Archive | null> {
  const { files } = host;
  const temporary = await temporaryFile(host);
  if (!temporary) return null;
  const { target, file, remove } = temporary;
  try {
    const members = new Map<string, Member>();
    const scan = new ChunkScan(new TarScanner(noter(members)));
    let fits: boolean;
    try {
      fits = await copyChunks(decompress(files.stream(path, { signal }), { signal }), scan, file, most);
    } finally {
      await file.close();
    }
    if (fits) return plainArchive(host, target, members, signal, { origin: path, remove });
    await remove();
    return null;
  } catch (error) {
    await remove();
    if (error instanceof StrataError && error.code === 'no-space') return null;
    throw error;
  }
}

interface TemporaryFile {
  target: string;
  file: FileWriter;
  remove(): Promise<void>;
}

async function temporaryFile({ files }: Host): Promise<TemporaryFile | null> {
  try {
    const folder = await files.makeTemporary('strata-');
    const remove = (): Promise<void> => files.remove(folder);
    const target = `${folder}/image.tar`;
    try {
      return { target, file: await files.create(target), remove };
    } catch (error) {
      await remove();
      throw error;
    }
  } catch (error) {
    if (error instanceof StrataError) return null;
    throw error;
  }
}

/** Scans and writes each chunk at the same time; false when there are more than `most` bytes. */
async function copyChunks(
  chunks: AsyncIterable<Uint8Array>,
  scan: ChunkScan,
  file: FileWriter,
  most: number,
): Promise<boolean> {
  let written = 0;
  for await (const chunk of chunks) {
    written += chunk.length;
    if (written > most) return false;
    const writing = file.write(chunk);
    try {
      scan.push(chunk);
    } finally {
      await writing;
    }
  }
  scan.end();
  return true;
}

const note =
  'The archive is compressed as a whole and could not be unpacked beforehand, so each of its layers is read by unpacking it from the start.';

/** What is small is kept while the tar streams by: manifests and configs. */
const maxKeptBytes = 4 * 2 ** 20;
const maxKeptInAll = 64 * 2 ** 20;
/** Documents behind so many small layers that they were not kept: each costs one more time to unpack all before it. */
const maxReadAgain = 100;

async function readInPlace(host: Host, path: string, signal?: AbortSignal): Promise<Archive> {
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
    note,
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
    close: async () => {},
  };
}

/** Bytes from `at` on, `size` of them, of a stream that cannot be sought. */
async function* part(chunks: AsyncIterable<Uint8Array>, { at, size }: Part): AsyncGenerator<Uint8Array> {
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
