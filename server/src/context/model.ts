// What the build context is after the ignore file: the files that the builder can see, with all that its cache looks at.
// Plain data; paths are relative to the context's root, with slashes, without a leading one.
import type { Digest } from '../primitives/digest';

export interface ContextEntry {
  path: string;
  /**
   * A socket is a file that arrives empty: BuildKit's client clears its type (fsutil/stat.go). `unknown`: its name is no
   * UTF-8, so that nothing can be asked of it here; the builder takes it like any other.
   */
  type: 'file' | 'directory' | 'symlink' | 'fifo' | 'char' | 'block' | 'unknown';
  /** Bytes of a regular file, apparent size; 0 for all else. */
  size: number;
  /** Permission bits with setuid, setgid and sticky (0o7777). On Windows what the client sends: 0o755, 0o555 if read-only. */
  mode: number;
  /** Target of a symbolic link, as written; null for all else. */
  link: string | null;
  /** ms since 1970 */
  mtimeMs: number;
  inode: number;
  /** Of a file in an image: the place of the layer that it is from. */
  layer?: number;
  /**
   * The build sees an empty file whatever is on the disk: a socket, or a file that BuildKit's client lists but refuses to
   * open (a pattern repeated after an exception: `a`, `!a/b/c`, `a/b`). `size` is 0 then.
   */
  arrivesEmpty?: true;
}

export interface ContextSnapshot {
  /** Absolute folder. */
  root: string;
  /** Parents before children, names in byte order: the order in which BuildKit's client walks. */
  entries: readonly ContextEntry[];
  /** The entry of a path; undefined when the builder cannot see it. */
  find(path: string): ContextEntry | undefined;
  /** What the ignore file took out. Folders that were not entered are counted in `folders` alone: bytes of theirs are unknown. */
  ignored: { files: number; bytes: number; folders: string[] };
  /** Which ignore file was in force, absolute; null when none. */
  ignoreFile: string | null;
  /** For a person: unreadable folders and names, an ignore file that the builder would refuse, the bound that was reached. */
  problems: string[];
  /** False when the walk stopped at a bound or could not read a folder: nothing exact can be said then. */
  complete: boolean;
}

/** One thing that a COPY, an ADD or a bind mount puts into the image, or that its cache key looks at. */
export interface TakenEntry {
  entry: ContextEntry;
  /** Path below the destination, `''` for the destination itself (a single file copied to a name). */
  to: string;
}

/** What one source word, or all of one instruction, takes from a tree of files. */
export interface Taken {
  entries: TakenEntry[];
  /** Sum of regular files' sizes as the layer will hold them; null when unknown. */
  bytes: number | null;
  /** Why it is not known, or why the build would fail here: a clause for a person; null when there is nothing to say. */
  why: string | null;
  /** Bytes of archives that are unpacked; their files are not among the entries. */
  unpacked: number;
}

/** One file as a cache key sees it: no times, no owner (a client resets it). */
export interface ContentPart {
  /** Path below what is copied; `''` for a copied file itself, whose own name does not count. */
  path: string;
  type: Exclude<ContextEntry['type'], 'unknown'>;
  mode: number;
  link: string | null;
  /** sha256 of the bytes of a regular file; null for all else. */
  digest: Digest | null;
  /** bytes */
  size: number;
}
