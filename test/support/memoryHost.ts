// A world for unit tests: files in a map, processes and the network played by functions, a clock that counts. Implements
// server/src/primitives/host.ts; what it refuses, it refuses as nodeHost does.
import { posix } from 'node:path';
import { sha256 } from '../../server/src/primitives/digest';
import { StrataError } from '../../server/src/primitives/errors';
import type {
  FileKind,
  FolderEntry,
  Host,
  HostFiles,
  HostProcesses,
  ProcessOptions,
  ProcessResult,
} from '../../server/src/primitives/host';
import type { HostNetwork, NetworkRequest } from '../../server/src/primitives/network';

export interface Played {
  code?: number | null;
  stdout?: string;
  stderr?: string;
}

export interface PlayedAnswer {
  /** Default: 200. */
  status?: number;
  /** Names in lower case. */
  headers?: Record<string, string>;
  body?: string | Uint8Array | AsyncIterable<Uint8Array>;
}

export interface MemoryHostOptions {
  files?: Iterable<[string, string | Uint8Array]> | Record<string, string | Uint8Array>;
  /** Plays a program; it may write to the host's files. Without it no program can be found. */
  run?: (program: string, args: readonly string[], options: ProcessOptions) => Played | Promise<Played>;
  /** Plays a server, redirects followed; what it throws, `request` throws. Without it no host is reached. */
  network?: (url: string, request: NetworkRequest) => PlayedAnswer | Promise<PlayedAnswer>;
  /** What `readFolder` tells beside the plain truth, by clean path: links, modes, devices. */
  entries?: Record<string, Partial<FolderEntry>>;
  environment?: Record<string, string | undefined>;
  os?: string;
  architecture?: string;
  /** Size of the chunks that `stream` gives. */
  chunkBytes?: number;
  /** Asked before each call that touches a file; what it returns is thrown. */
  refuse?: (operation: keyof HostFiles, path: string) => Error | null;
}

export interface MemoryHost extends Host {
  /** What is on the disk, by clean path. */
  readonly disk: Map<string, Uint8Array>;
  /** Program and arguments of every run. */
  readonly runs: string[][];
  /** Method and address of every request. */
  readonly requests: string[];
  /** Answers whose body is neither read to its end nor discarded. */
  openAnswers: number;
  /** Operation and path of every call that touched a file. */
  readonly calls: string[];
  /** Files that were opened and not closed. */
  openFiles: number;
  /** Bytes handed out by `read`, `stream` and opened files. */
  bytesRead: number;
}

export function memoryHost(options: MemoryHostOptions = {}): MemoryHost {
  const { files = {}, chunkBytes = 65_536 } = options;
  const disk = new Map<string, Uint8Array>();
  const folders = new Set<string>(['/', '/tmp']);
  const times = new Map<string, number>();
  const runs: string[][] = [];
  const calls: string[] = [];
  let clock = 1_000_000;
  const put = (path: string, data: string | Uint8Array): void => {
    disk.set(clean(path), typeof data === 'string' ? Buffer.from(data, 'utf8') : data);
    times.set(clean(path), ++clock);
  };
  for (const [path, data] of Symbol.iterator in files ? files : Object.entries(files)) put(path, data);

  const kindOf = (path: string): FileKind | null => {
    if (disk.has(path)) return 'file';
    if (folders.has(path)) return 'directory';
    const prefix = path === '/' ? path : `${path}/`;
    for (const name of disk.keys()) if (name.startsWith(prefix)) return 'directory';
    return null;
  };
  const touches = (operation: keyof HostFiles, path: string): string => {
    calls.push(`${operation} ${path}`);
    const error = options.refuse?.(operation, path);
    if (error) throw error;
    return clean(path);
  };
  const file = (operation: 'open' | 'stream', path: string): Uint8Array => {
    const bytes = disk.get(touches(operation, path));
    if (!bytes) throw new StrataError('not-found', `Could not open ${path}: there is no such file.`);
    return bytes;
  };

  const hostFiles: HostFiles = {
    async read(path) {
      const bytes = disk.get(touches('read', path)) ?? null;
      host.bytesRead += bytes?.length ?? 0;
      return bytes && new Uint8Array(bytes);
    },
    async readText(path) {
      const bytes = disk.get(touches('readText', path));
      return bytes ? Buffer.from(bytes).toString('utf8') : null;
    },
    async writeWhole(path, data) {
      put(touches('writeWhole', path), typeof data === 'string' ? data : new Uint8Array(data));
    },
    async create(path) {
      const full = touches('create', path);
      if (disk.has(full)) throw new StrataError('unreadable', `Could not write ${path}: it is there.`);
      put(full, '');
      host.openFiles++;
      const parts: Uint8Array[] = [];
      return {
        async write(bytes) {
          touches('create', path);
          parts.push(bytes.slice());
        },
        async close() {
          host.openFiles--;
          put(full, Buffer.concat(parts));
        },
      };
    },
    async open(path) {
      const bytes = file('open', path);
      host.openFiles++;
      let closed = false;
      return {
        size: bytes.length,
        read: async (position, length) => {
          if (closed) throw new Error(`${path} is closed`);
          const part = bytes.slice(position, position + length);
          host.bytesRead += part.length;
          return part;
        },
        close: async () => {
          if (!closed) host.openFiles--;
          closed = true;
        },
      };
    },
    async *stream(path, { offset = 0, length = Number.POSITIVE_INFINITY, signal } = {}) {
      const bytes = file('stream', path);
      const end = Math.min(bytes.length, offset + length);
      host.openFiles++;
      try {
        for (let at = offset; at < end; at += chunkBytes) {
          if (signal?.aborted) throw new StrataError('cancelled', `Reading ${path} was cancelled.`);
          const chunk = bytes.slice(at, Math.min(end, at + chunkBytes));
          host.bytesRead += chunk.length;
          yield chunk;
        }
      } finally {
        host.openFiles--;
      }
    },
    async stat(path) {
      const full = touches('stat', path);
      const kind = kindOf(full);
      if (!kind) return null;
      return {
        kind,
        size: disk.get(full)?.length ?? 0,
        mtimeMs: times.get(full) ?? 0,
        mode: 0o644,
        inode: 1,
      };
    },
    async list(path) {
      const full = touches('list', path);
      const prefix = full === '/' ? full : `${full}/`;
      const names = new Map<string, FileKind>();
      for (const name of [...disk.keys(), ...folders]) {
        if (!name.startsWith(prefix) || name === prefix) continue;
        const [first = '', ...rest] = name.slice(prefix.length).split('/');
        names.set(first, rest.length > 0 || folders.has(prefix + first) ? 'directory' : 'file');
      }
      return [...names].map(([name, kind]) => ({ name, kind }));
    },
    async readFolder(path): Promise<FolderEntry[] | null> {
      const full = touches('readFolder', path);
      if (kindOf(full) !== 'directory') return null;
      const base = full === '/' ? '' : full;
      const names = (await hostFiles.list(path)).map(({ name }) => name);
      return names.map((name) => {
        const child = `${base}/${name}`;
        const type = kindOf(child) === 'directory' ? 'directory' : 'file';
        const plain: FolderEntry = {
          name,
          type,
          size: disk.get(child)?.length ?? 0,
          mode: type === 'file' ? 0o644 : 0o755,
          mtimeMs: times.get(child) ?? 0,
          inode: 1,
          link: null,
        };
        return { ...plain, ...options.entries?.[child] };
      });
    },
    async digest(path, signal) {
      if (signal?.aborted) throw new StrataError('cancelled', `Reading ${path} was cancelled.`);
      const bytes = disk.get(touches('digest', path));
      if (!bytes) throw new StrataError('not-found', `Could not read ${path}: there is no such file.`);
      host.bytesRead += bytes.length;
      return { digest: sha256(bytes), size: bytes.length };
    },
    async makeDirectory(path) {
      folders.add(touches('makeDirectory', path));
    },
    async makeTemporary(prefix) {
      const path = `/tmp/${prefix}${++clock}`;
      folders.add(touches('makeTemporary', path));
      return path;
    },
    async remove(path) {
      const full = touches('remove', path);
      for (const name of [...disk.keys(), ...folders]) {
        if (name !== full && !name.startsWith(`${full}/`)) continue;
        disk.delete(name);
        folders.delete(name);
      }
    },
    async touch(path) {
      times.set(touches('touch', path), ++clock);
    },
  };

  const play = async (
    program: string,
    args: readonly string[],
    processOptions: ProcessOptions = {},
  ): Promise<ProcessResult> => {
    runs.push([program, ...args]);
    if (processOptions.signal?.aborted) throw new StrataError('cancelled', `${program} was cancelled.`);
    if (!options.run) throw new StrataError('not-found', `The program ${program} was not found.`);
    const { code = 0, stdout = '', stderr = '' } = await options.run(program, args, processOptions);
    return { code, stdout, stderr };
  };
  const processes: HostProcesses = {
    run: play,
    async stream(program, args, streamOptions) {
      const { code, stdout, stderr } = await play(program, args, streamOptions);
      for (const line of linesOf(stderr)) streamOptions.onStderrLine?.(line);
      for (const line of linesOf(stdout)) streamOptions.onStdoutLine?.(line);
      if (stdout !== '') await streamOptions.onStdout?.(Buffer.from(stdout, 'utf8'));
      return { code };
    },
    find: async (program) => (options.run ? `/usr/bin/${program}` : null),
  };

  const requests: string[] = [];
  const network: HostNetwork = {
    async request(url, request = {}) {
      requests.push(`${request.method ?? 'GET'} ${url}`);
      if (request.signal?.aborted) throw new StrataError('cancelled', `Reading ${url} was cancelled.`);
      if (!options.network)
        throw new StrataError('unreadable', `Could not read ${url}: there is no such host.`);
      const { status = 200, headers = {}, body = '' } = await options.network(url, request);
      host.openAnswers++;
      let open = true;
      const discard = async (): Promise<void> => {
        if (open) host.openAnswers--;
        open = false;
      };
      async function* chunks(): AsyncGenerator<Uint8Array> {
        try {
          if (typeof body !== 'string' && Symbol.asyncIterator in body) yield* body;
          else {
            const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
            for (let at = 0; at < bytes.length; at += chunkBytes) {
              if (request.signal?.aborted)
                throw new StrataError('cancelled', `Reading ${url} was cancelled.`);
              const chunk = bytes.slice(at, at + chunkBytes);
              host.bytesRead += chunk.length;
              yield chunk;
            }
          }
        } finally {
          await discard();
        }
      }
      return {
        status,
        headers: { get: (name) => headers[name.toLowerCase()] ?? null },
        body: chunks(),
        discard,
      };
    },
  };

  const host: MemoryHost = {
    files: hostFiles,
    processes,
    network,
    environment: options.environment ?? {},
    os: options.os ?? 'linux',
    architecture: options.architecture ?? 'amd64',
    now: () => ++clock,
    disk,
    runs,
    requests,
    openAnswers: 0,
    calls,
    openFiles: 0,
    bytesRead: 0,
  };
  return host;
}

function clean(path: string): string {
  const normal = posix.normalize(path.replaceAll('\\', '/'));
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}
