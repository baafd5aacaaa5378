// A tar entry as its header and its extended headers together have it: kind, names, sizes, owners, xattrs.
import type { PaxRecords } from './paxRecords';
import { newTarHeader, type TarHeader, type TarKind, tarKinds } from './tarHeader';

/** The object and the bytes it refers to are used again for the next entry: copy what you keep. */
export interface TarEntry extends TarHeader {
  kind: TarKind;
  /** `size` is the apparent one, and the body in the tar holds less. */
  sparse: boolean;
  xattrs: ReadonlyMap<string, Uint8Array> | null;
  /** Where the entry's first header block lies, extended ones included. */
  headerOffset: number;
  bodyOffset: number;
  /** Bytes of the body in the tar. */
  bodyBytes: number;
}

/** Type flags that are no entries of their own, and GNU's. */
export const tarFlags = {
  pax: 0x78, // x
  solarisPax: 0x58, // X
  global: 0x67, // g
  longName: 0x4c, // L
  longLink: 0x4b, // K
  gnuSparse: 0x53, // S
  gnuDirectory: 0x44, // D: a directory with a body, of incremental backups
  volume: 0x56, // V: a label
} as const;

export function newTarEntry(): TarEntry {
  return {
    ...newTarHeader(),
    kind: tarKinds.file,
    sparse: false,
    xattrs: null,
    headerOffset: 0,
    bodyOffset: 0,
    bodyBytes: 0,
  };
}

export function isExtended(flag: number): boolean {
  return (
    flag === tarFlags.pax ||
    flag === tarFlags.global ||
    flag === tarFlags.longName ||
    flag === tarFlags.longLink ||
    flag === tarFlags.solarisPax
  );
}

/**
 * Sets the kind and tells whether a body follows; null for a type that nobody knows, which POSIX treats as a file.
 * As in Go's archive/tar, which engines read layers with, links and devices never have a body.
 */
export function classify(entry: TarEntry): boolean | null {
  switch (entry.flag) {
    case 0:
    case 0x30:
    case 0x37: {
      // Before POSIX, a directory was a file whose name ends with a slash.
      const isDirectory = entry.nameEnd > entry.nameStart && entry.nameBytes[entry.nameEnd - 1] === 0x2f;
      entry.kind = isDirectory ? tarKinds.directory : tarKinds.file;
      return true;
    }
    case 0x31:
      entry.kind = tarKinds.hardlink;
      return false;
    case 0x32:
      entry.kind = tarKinds.symlink;
      return false;
    case 0x33:
      entry.kind = tarKinds.char;
      return false;
    case 0x34:
      entry.kind = tarKinds.block;
      return false;
    case 0x35:
      entry.kind = tarKinds.directory;
      return false;
    case 0x36:
      entry.kind = tarKinds.fifo;
      return false;
    case tarFlags.gnuDirectory:
      entry.kind = tarKinds.directory;
      return true;
    case tarFlags.gnuSparse:
    case tarFlags.volume:
      entry.kind = tarKinds.file;
      return true;
    default:
      entry.kind = tarKinds.file;
      return null;
  }
}

export function applyPax(entry: TarEntry, records: PaxRecords): void {
  const path = records.sparseName ?? records.path;
  if (path) setName(entry, path);
  if (records.linkpath) setLink(entry, records.linkpath);
  entry.size = records.size ?? entry.size;
  entry.uid = (records.uid ?? entry.uid) >>> 0;
  entry.gid = (records.gid ?? entry.gid) >>> 0;
  entry.mtime = records.mtime ?? entry.mtime;
  entry.xattrs = records.xattrs ?? null;
  entry.sparse = records.sparse === true;
}

export function setName(entry: TarEntry, name: Uint8Array): void {
  entry.nameBytes = name;
  entry.nameStart = 0;
  entry.nameEnd = name.length;
}

/** Only links have a target, whatever the extended header says. */
export function setLink(entry: TarEntry, target: Uint8Array): void {
  if (entry.flag !== 0x31 && entry.flag !== 0x32) return;
  entry.linkBytes = target;
  entry.linkStart = 0;
  entry.linkEnd = target.length;
}

/** Copies the name out of a buffer that will be filled again. */
export function keepName(entry: TarEntry): void {
  setName(entry, entry.nameBytes.slice(entry.nameStart, entry.nameEnd));
}
