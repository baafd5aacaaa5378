// The world as the core sees it: files, processes, network, clock. Interfaces only; host/nodeHost.ts implements them.
// A function that takes `host` may touch the world; one that does not is pure and safe on each keystroke.
import type { Digest } from './digest';
import type { HostNetwork } from './network';

export interface Host {
  readonly files: HostFiles;
  readonly processes: HostProcesses;
  readonly network: HostNetwork;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** As Go names them: `linux`, `darwin`, `windows` / `amd64`, `arm64`, … */
  readonly os: string;
  readonly architecture: string;
  /** ms since 1970. */
  now(): number;
}

export type FileKind = 'file' | 'directory' | 'symlink' | 'other';

export interface FileStat {
  kind: FileKind;
  /** bytes */
  size: number;
  /** ms since 1970 */
  mtimeMs: number;
  mode: number;
  inode: number;
}

/** What a folder holds under one name, in full. */
export interface FolderEntry {
  name: string;
  /** `unknown`: it is listed but cannot be looked at (its name is no text, or permission is denied). */
  type: 'file' | 'directory' | 'symlink' | 'fifo' | 'socket' | 'char' | 'block' | 'unknown';
  /** bytes */
  size: number;
  /** Permission bits with setuid, setgid and sticky (0o7777). */
  mode: number;
  /** ms since 1970 */
  mtimeMs: number;
  inode: number;
  /** Target of a symbolic link, as written; null for all else. */
  link: string | null;
}

/** A file opened for reading at positions. */
export interface RandomAccessFile {
  readonly size: number;
  /** Up to `length` bytes at `position`; shorter only at the end of the file. */
  read(position: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A file that is written from its start on. */
export interface FileWriter {
  /** Behind what was written before; the bytes may be changed once it has come back. One call at a time. */
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export interface HostFiles {
  /** The whole file; null when there is none. Throws StrataError('unreadable') for other refusals. */
  read(path: string): Promise<Uint8Array | null>;
  readText(path: string): Promise<string | null>;
  /** Temporary file beside it, fsync, rename: a reader sees the old or the new file, never half. Makes folders. */
  writeWhole(path: string, data: string | Uint8Array): Promise<void>;
  /**
   * A new file that nobody else may read, written bit by bit; whoever opens it meanwhile sees a part. For temporary files
   * of ours. Throws StrataError('no-space' | 'unreadable'), as its `write` does.
   */
  create(path: string): Promise<FileWriter>;
  open(path: string): Promise<RandomAccessFile>;
  /** The bytes of a file, or of a part of it, in chunks. */
  stream(
    path: string,
    options?: { offset?: number; length?: number; signal?: AbortSignal },
  ): AsyncIterable<Uint8Array>;
  /** Does not follow links; null when there is none. */
  stat(path: string): Promise<FileStat | null>;
  /** Names and kinds in a folder, unsorted; empty when there is none. */
  list(path: string): Promise<{ name: string; kind: FileKind }[]>;
  /**
   * Everything in a folder with what `stat` tells, unsorted; null when there is no such folder. A link given as `path` is
   * followed, those inside are not. For walks: it costs a tenth of `list` and a `stat` for each name.
   */
  readFolder(path: string): Promise<FolderEntry[] | null>;
  /** sha256 and number of a regular file's bytes; links are not followed. For many files: a tenth of `stream`'s cost. */
  digest(path: string, signal?: AbortSignal): Promise<{ digest: Digest; size: number }>;
  makeDirectory(path: string): Promise<void>;
  /** A new folder of our own below the system's temporary folder. */
  makeTemporary(prefix: string): Promise<string>;
  /** Recursive; nothing happens when there is none. */
  remove(path: string): Promise<void>;
  /** Marks a file as just used, for least-recently-used eviction. */
  touch(path: string): Promise<void>;
}

export interface ProcessOptions {
  cwd?: string;
  /** Added to the host's environment; undefined removes a name. */
  env?: Record<string, string | undefined>;
  /** Text for standard input; otherwise it is closed. */
  input?: string;
  signal?: AbortSignal;
  /** Kill after this many ms. */
  timeoutMs?: number;
}

export interface ProcessResult {
  /** Exit code; null when a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface HostProcesses {
  /**
   * Runs a program to its end with bounded output (16 MiB a stream, then cut). Never a shell. An exit code other than 0
   * is a result, not an error; a program that cannot be started throws StrataError('not-found').
   * Abort kills the process and its children, then throws StrataError('cancelled').
   */
  run(program: string, args: readonly string[], options?: ProcessOptions): Promise<ProcessResult>;
  /** The same, with output handed on as it comes: whole lines without their ends, or raw stdout chunks. */
  stream(
    program: string,
    args: readonly string[],
    options: ProcessOptions & {
      onStdoutLine?: (line: string) => void;
      onStderrLine?: (line: string) => void;
      onStdout?: (chunk: Uint8Array) => void | Promise<void>;
    },
  ): Promise<{ code: number | null }>;
  /** Full path of a program on PATH (or the given path if it is one and exists); null when absent. */
  find(program: string): Promise<string | null>;
}
