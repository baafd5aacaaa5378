// What is inside layers: the index of one layer, changes between two states, waste. No reading here.
import type { Digest } from '../primitives/digest';

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

export interface LayerDiff {
  /** Changes of everything but directories that are the same on both sides; in path order. */
  changes: Change[];
  added: number;
  modified: number;
  removed: number;
  /** Bytes of files added, of files modified (their new size), of files removed. */
  bytesAdded: number;
  bytesModified: number;
  bytesRemoved: number;
}

/**
 * The columnar index of one layer's tar: a row an entry, parents before children, in the order of the tar.
 * Immutable, keyed by DiffID, never stale. Created by `indexLayer`, kept by `store`.
 */
export interface LayerIndex {
  readonly diffId: Digest;
  /** Rows. */
  readonly count: number;
  /** Sum of regular files' sizes. */
  readonly unpackedBytes: number;
  /** Row of the parent directory; -1 at the top. A parent's row is always smaller. Parents that the tar does not list are rows too (`implied`). */
  readonly parent: Int32Array;
  /** Index into `names`. */
  readonly name: Uint32Array;
  readonly names: readonly string[];
  /** See `rowTypes`. */
  readonly type: Uint8Array;
  readonly size: Float64Array;
  readonly mode: Uint16Array;
  readonly uid: Uint32Array;
  readonly gid: Uint32Array;
  readonly mtime: Float64Array;
  /** Index into `names` of the link target; 0xffffffff for none. */
  readonly link: Uint32Array;
  /** Index into `names` of a fingerprint of the xattrs; 0xffffffff for none. */
  readonly xattrs: Uint32Array;
  /** Offset of the body in the uncompressed tar. */
  readonly offset: Float64Array;
  readonly problems: readonly string[];
}

export const noName = 0xffffffff;

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
