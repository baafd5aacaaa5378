// What is inside layers: the index of one layer, changes between two states, waste. No reading here.
import type { Digest } from '../primitives/digest';
import type { ChangeRows } from './changeRows';

export type EntryType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'char' | 'block' | 'fifo';
export type ChangeKind = 'added' | 'modified' | 'removed';
export type ChangedPart = 'content' | 'mode' | 'owner' | 'link' | 'type' | 'xattr' | 'mtime';

/** One path as a layer or a state has it. `path` has no leading slash; bytes that are not UTF-8 are written `\xNN`. */
export interface Entry {
  path: string;
  type: EntryType;
  /** Size of a regular file's content, apparent when sparse; 0 for everything else. */
  bytes: number;
  /** Permission bits with setuid, setgid and sticky. */
  mode: number;
  uid: number;
  gid: number;
  /** seconds since 1970 */
  mtime: number;
  /** Target of a symbolic or hard link; null for others. */
  link: string | null;
  /** Layer index that holds this version. */
  fromLayer: number;
}

export interface Change {
  path: string;
  change: ChangeKind;
  before: Entry | null;
  after: Entry | null;
  /** Empty for added and removed. */
  what: ChangedPart[];
}

export interface ChangeTotals {
  /** Entries by kind; a directory's own change counts. */
  added: number;
  modified: number;
  removed: number;
  /** Bytes of the files that were added, of those modified (their new size), of those removed. */
  bytesAdded: number;
  bytesModified: number;
  bytesRemoved: number;
}

export interface LayerDiff extends ChangeTotals {
  /** Changes of everything but directories that are the same on both sides, in path order. Made anew at each call: of many, look at `rows`. */
  readonly changes: Change[];
  /** The same as columns. */
  readonly rows: ChangeRows;
}

/** A column of numbers, as narrow as its values allow: some 44 bytes an entry on real layers, names included. Not to be written to: all zeros share one memory. */
export type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** Texts kept as UTF-8, one behind the other; id 0 is the empty text. Read with `nameReader`. */
export interface NameTable {
  readonly bytes: Uint8Array;
  /** Where each text ends; it begins where the one before ends. */
  readonly ends: Uint32Array;
}

/**
 * The columnar index of one layer's tar: a row an entry, parents before children, in the order of the tar.
 * Immutable plain data, keyed by DiffID, never stale. Created by `indexLayer`, kept by `store`.
 * A path that the tar has twice is one row, the last one's; an opaque marker of the root is a row without a name.
 */
export interface LayerIndex {
  readonly diffId: Digest;
  /** Rows. */
  readonly count: number;
  /** Sum of regular files' sizes. */
  readonly unpackedBytes: number;
  /** Row of the parent directory; -1 at the top. A parent's row is always smaller. Parents that the tar does not list are rows too (`implied`). */
  readonly parent: Int32Array;
  /** Id in `names`. */
  readonly name: Column;
  readonly names: NameTable;
  /** See `rowTypes`. */
  readonly type: Uint8Array;
  /** bytes; 0 for anything but files */
  readonly size: Column;
  readonly mode: Column;
  readonly uid: Column;
  readonly gid: Column;
  /** seconds since 1970 */
  readonly mtime: Column;
  /** Id in `names` of the link's target, or of a device's `major:minor`; 0 for none. */
  readonly link: Column;
  /** Id in `names` of a fingerprint of the xattrs; 0 for none. */
  readonly xattrs: Column;
  /** Where the body begins in the uncompressed tar, in blocks of 512 bytes; with `listed`, see there. */
  readonly block: Column;
  /** Rows whose body holds only the parts of a sparse file, ascending. */
  readonly sparse: Uint32Array;
  readonly problems: readonly string[];
  /**
   * Made of the table of contents that the layer carries (listedIndex.ts), which does not tell where bodies lie in the
   * tar: `block` is the position of the row's entry in that table. Never kept.
   */
  readonly listed?: true;
}

/** Values of `LayerIndex.type`. A whiteout row bears the name of what it deletes; an opaque row is the directory's own row with `opaqueDirectory`. */
export const rowTypes = {
  file: 0,
  directory: 1,
  symlink: 2,
  hardlink: 3,
  char: 4,
  block: 5,
  fifo: 6,
  whiteout: 7,
  /** A directory that hides what lower layers have in it. */
  opaqueDirectory: 8,
  /** A parent that the tar does not list; merges with what lies below. */
  implied: 9,
} as const;
