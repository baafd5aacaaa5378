// The files of a MemoryHost: a map of bytes by path, folders that are there because something is in them, and counts of
// what was read and left open. What it refuses, it refuses as nodeFiles does.
import { posix } from 'node:path';
import { sha256 } from '../../server/src/primitives/digest';
import { StrataError } from '../../server/src/primitives/errors';
import type { FileKind, FolderEntry, HostFiles } from '../../server/src/primitives/host';
import type { MemoryHost, MemoryHostOptions } from './memoryHost';

/** Of what is streamed, where nothing else is asked for. */
const defaultChunkBytes = 65_536;

/** What a host's files are kept in and counted by. */
type FileState = Pick<MemoryHost, 'disk' | 'calls' | 'openFiles' | 'bytesRead' | 'now'>;

export function memoryFiles(options: MemoryHostOptions, host: FileState): HostFiles {
  const { files = {}, chunkBytes = defaultChunkBytes } = options;
  const { disk, calls } = host;
  const folders = new Set<string>(['/', '/tmp']);
  const times = new Map<string, number>();
  const put = (path: string, data: string | Uint8Array): void => {
    disk.set(clean(path), typeof data === 'string' ? Buffer.from(data, 'utf8') : data);
    times.set(clean(path), host.now());
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
      const path = `/tmp/${prefix}${host.now()}`;
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
      times.set(touches('touch', path), host.now());
    },
  };
  return hostFiles;
}

function clean(path: string): string {
  const normal = posix.normalize(path.replaceAll('\\', '/'));
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}
