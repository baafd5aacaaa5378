// Tars through tar-stream, and the only user of it: read as a stream where bodies are wanted and nothing can be sought,
// and packed for exports and fixtures. It is loaded when it is first needed, which few commands do. Layers are scanned by tarScanner.ts, to which this is the oracle in tests.
import type * as tarStream from 'tar-stream';
import { StrataError } from './errors';
import { blockSize } from './tarHeader';

export type TarMemberType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'char' | 'block' | 'fifo';

const typeNames: Record<TarMemberType, tarStream.Header['type']> = {
  file: 'file',
  directory: 'directory',
  symlink: 'symlink',
  hardlink: 'link',
  char: 'character-device',
  block: 'block-device',
  fifo: 'fifo',
};

export interface TarMember {
  /** As written. */
  name: string;
  /** Null for one that tar-stream does not know. */
  type: TarMemberType | null;
  /** bytes */
  size: number;
  mode: number;
  uid: number;
  gid: number;
  /** seconds since 1970 */
  mtime: number;
  link: string | null;
  /** PAX records, as text. */
  pax: Record<string, string>;
  /** Of the body in the tar. */
  offset: number;
}

/** What the type declarations of tar-stream leave out: it takes tars of before POSIX, too. */
const lenient = { allowUnknownFormat: true } as Parameters<typeof tarStream.extract>[0];

/**
 * The members of a tar in order, each with its body, which must be read or left before the next one is asked for.
 * Throws StrataError('unreadable') for a damaged or cut tar.
 */
export async function* readTar(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<TarMember & { body: AsyncIterable<Uint8Array> }> {
  const { extract: newExtract } = await import('tar-stream');
  const extract = newExtract(lenient);
  const source: SourceState = { failed: false, error: null };
  const feeding = feed(extract, chunks, source);
  try {
    for await (const entry of extract) {
      const body = refusing(entry as unknown as AsyncIterable<Uint8Array>, source);
      yield { ...memberOf(entry.header, entry.offset + blockSize), body };
      entry.resume();
    }
  } catch (error) {
    throw refusal(error, source);
  } finally {
    extract.destroy(null);
    await feeding;
  }
}

/** What the source threw: the stream between it and us hands on something else. */
interface SourceState {
  failed: boolean;
  error: unknown;
}

async function* refusing(body: AsyncIterable<Uint8Array>, source: SourceState): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw refusal(error, source);
  }
}

function refusal(error: unknown, source: SourceState): unknown {
  if (source.failed) return source.error;
  if (error instanceof StrataError) return error;
  return new StrataError('unreadable', `The tar is damaged: ${(error as Error).message}.`, '', error);
}

async function feed(
  extract: tarStream.Extract,
  chunks: AsyncIterable<Uint8Array>,
  source: SourceState,
): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (extract.destroyed) return;
      if (extract.write(chunk)) continue;
      await new Promise<void>((resolve) => {
        extract.once('drain', resolve);
        extract.once('close', resolve);
      });
    }
    extract.end(null);
  } catch (error) {
    source.failed = true;
    source.error = error;
    extract.destroy(error as Error);
  }
}

function memberOf(header: tarStream.Header, offset: number): TarMember {
  const type = (Object.keys(typeNames) as TarMemberType[]).find((name) => typeNames[name] === header.type);
  return {
    name: header.name,
    type: type ?? (header.type === 'contiguous-file' ? 'file' : null),
    size: header.size,
    mode: header.mode,
    uid: header.uid,
    gid: header.gid,
    mtime: header.mtime.getTime() / 1000,
    link: header.linkname || null,
    pax: (header.pax ?? {}) as Record<string, string>,
    offset,
  };
}

export interface TarMemberToWrite {
  name: string;
  /** Default: a file, or a directory when the name ends with a slash. */
  type?: TarMemberType;
  content?: string | Uint8Array;
  mode?: number;
  uid?: number;
  gid?: number;
  /** seconds since 1970 */
  mtime?: number;
  link?: string;
  device?: { major: number; minor: number };
  xattrs?: Record<string, string>;
  /** Further PAX records. */
  pax?: Record<string, string>;
}

/** A tar of the members in order, with its end marker. */
export async function packTar(members: Iterable<TarMemberToWrite>): Promise<Uint8Array> {
  const { pack: newPack } = await import('tar-stream');
  const pack = newPack();
  for (const member of members) {
    const isDirectory = member.type === undefined && member.name.endsWith('/');
    const type = member.type ?? (isDirectory ? 'directory' : 'file');
    const content = Buffer.from(member.content ?? '');
    const xattrs = Object.entries(member.xattrs ?? {}).map(([name, value]) => [
      `SCHILY.xattr.${name}`,
      value,
    ]);
    const pax = { ...Object.fromEntries(xattrs), ...member.pax };
    const header = {
      name: member.name,
      type: typeNames[type],
      mode: member.mode ?? (type === 'directory' ? 0o755 : type === 'symlink' ? 0o777 : 0o644),
      uid: member.uid ?? 0,
      gid: member.gid ?? 0,
      mtime: new Date((member.mtime ?? 0) * 1000),
      size: type === 'file' ? content.length : 0,
      ...(member.link === undefined ? {} : { linkname: member.link }),
      devmajor: member.device?.major ?? 0,
      devminor: member.device?.minor ?? 0,
      pax: Object.keys(pax).length > 0 ? pax : null,
    };
    if (type === 'file') pack.entry(header, content);
    else pack.entry(header);
  }
  pack.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of pack as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
