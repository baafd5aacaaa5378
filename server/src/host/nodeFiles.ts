// Files through node:fs. Decides how a refusal of the file system reads to a person and that a file is written whole;
// not which paths are ours to touch.
import { randomBytes } from 'node:crypto';
import { constants, type Dirent, type Stats } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StrataError } from '../primitives/errors';
import type { FileKind, FileWriter, HostFiles, RandomAccessFile } from '../primitives/host';
import { digestFile } from './fileDigest';
import { readFolderEntries } from './folderEntries';
import { makeFolders } from './makeFolders';

/** Large enough that a call costs little beside its bytes, small enough to hold a few of them. */
const chunkBytes = 256 * 1024;
/** Windows refuses to replace a file that a virus scanner or an indexer holds for a moment. */
const replaceTries = 10;

export function createNodeFiles(): HostFiles {
  return {
    read,
    readText: async (file) => (await read(file))?.toString('utf8') ?? null,
    writeWhole: (file, data) => refused(() => writeWhole(file, data), `write ${file}`),
    create: (file) => refused(() => create(file), `write ${file}`),
    open,
    stream,
    async stat(file) {
      const stats = await orAbsent(() => fs.lstat(file), `look at ${file}`);
      if (!stats) return null;
      const { size, mtimeMs, mode, ino } = stats;
      return { kind: kindOf(stats), size, mtimeMs, mode, inode: ino };
    },
    async list(folder) {
      const entries = await orAbsent(() => fs.readdir(folder, { withFileTypes: true }), `list ${folder}`);
      return (entries ?? []).map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
    },
    async readFolder(folder) {
      return (await orAbsent(() => readFolderEntries(folder), `list ${folder}`)) ?? null;
    },
    digest: (file, signal) => refused(() => digestFile(file, signal), `read ${file}`),
    async makeDirectory(folder) {
      await refused(() => makeFolders(folder), `make the folder ${folder}`);
    },
    makeTemporary: (prefix) =>
      refused(() => fs.mkdtemp(path.join(os.tmpdir(), prefix)), 'make a temporary folder'),
    remove: (target) =>
      refused(() => fs.rm(target, { recursive: true, force: true, maxRetries: 3 }), `remove ${target}`),
    async touch(file) {
      const now = new Date();
      await orAbsent(() => fs.utimes(file, now, now), `mark ${file} as used`);
    },
  };
}

async function read(file: string): Promise<Buffer | null> {
  const bytes = await orAbsent(async () => {
    const handle = await openForReading(file);
    try {
      await refuseEndless(handle, file);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  }, `read ${file}`);
  return bytes ?? null;
}

/** /dev/zero would fill the memory. /dev/null is an empty file, as people use it. */
async function refuseEndless(handle: fs.FileHandle, file: string): Promise<void> {
  const stats = await handle.stat();
  if (!stats.isCharacterDevice() && !stats.isBlockDevice()) return;
  if ((await handle.read(Buffer.alloc(1), 0, 1, null)).bytesRead > 0) {
    throw new StrataError('unreadable', `Could not read ${file}: it is a device.`, 'Name a file.');
  }
}

async function writeWhole(file: string, data: string | Uint8Array): Promise<void> {
  await makeFolders(path.dirname(file));
  // Beside the file: rename is atomic within one file system only.
  const temporary = `${file}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    const mode = await modeOf(file);
    const handle = await fs.open(temporary, 'wx');
    try {
      await handle.writeFile(data);
      if (mode !== null) await handle.chmod(mode);
      // Without this a power cut can leave an empty file under the new name (ext4 with delayed allocation).
      await handle.sync();
    } finally {
      await handle.close();
    }
    await replace(temporary, file);
  } catch (error) {
    await fs.rm(temporary, { force: true });
    throw error;
  }
}

async function create(file: string): Promise<FileWriter> {
  const handle = await fs.open(file, 'wx', 0o600);
  return {
    write: (bytes) => refused(() => handle.writeFile(bytes), `write ${file}`),
    close: () => handle.close(),
  };
}

/** Permissions of the file that is replaced, which the new one keeps; null when there is none. */
async function modeOf(file: string): Promise<number | null> {
  const stats = await orAbsent(() => fs.lstat(file), `look at ${file}`);
  return stats?.isFile() ? stats.mode & 0o7777 : null;
}

async function replace(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fs.rename(from, to);
    } catch (error) {
      const held = process.platform === 'win32' && ['EPERM', 'EACCES', 'EBUSY'].includes(codeOf(error));
      if (!held || attempt === replaceTries) throw error;
      await delay(20 * attempt);
    }
  }
}

/** @throws StrataError 'not-found' | 'unreadable' */
async function open(file: string): Promise<RandomAccessFile> {
  const { handle, size } = await refused(() => openWithSize(file), `open ${file}`);
  return {
    size,
    read: (position, length) =>
      refused(async () => {
        const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - position)));
        return bytes.subarray(0, await fill(handle, bytes, position));
      }, `read ${file}`),
    close: () => handle.close(),
  };
}

async function* stream(
  file: string,
  options: { offset?: number; length?: number; signal?: AbortSignal } = {},
): AsyncGenerator<Uint8Array> {
  const { offset = 0, length = Number.POSITIVE_INFINITY, signal } = options;
  const handle = await refused(() => openForReading(file), `open ${file}`);
  try {
    for (let done = 0; done < length; ) {
      if (signal?.aborted) throw new StrataError('cancelled', `Reading ${file} was cancelled.`);
      // A buffer of its own for each chunk: the reader may keep it.
      const bytes = Buffer.allocUnsafe(Math.min(chunkBytes, length - done));
      const read = await refused(() => fill(handle, bytes, offset + done), `read ${file}`);
      if (read > 0) yield bytes.subarray(0, read);
      if (read < bytes.length) return;
      done += read;
    }
  } finally {
    await handle.close();
  }
}

async function openWithSize(file: string): Promise<{ handle: fs.FileHandle; size: number }> {
  const handle = await openForReading(file);
  try {
    return { handle, size: (await handle.stat()).size };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** A named pipe would block the open until someone writes to it; NONBLOCK lets reading it end or fail at once. */
async function openForReading(file: string): Promise<fs.FileHandle> {
  return fs.open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
}

/** Fills `bytes` from `position` on; the count is smaller only at the end of the file. */
async function fill(handle: fs.FileHandle, bytes: Buffer, position: number): Promise<number> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

function kindOf(entry: Stats | Dirent): FileKind {
  if (entry.isSymbolicLink()) return 'symlink';
  if (entry.isDirectory()) return 'directory';
  return entry.isFile() ? 'file' : 'other';
}

async function orAbsent<T>(act: () => Promise<T>, tried: string): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    // ENOTDIR: a parent of the path is a file, so there is nothing of that name either.
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw refusal(error, tried);
  }
}

async function refused<T>(act: () => Promise<T>, tried: string): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw refusal(error, tried);
  }
}

const reasons: Record<string, [reason: string, hint: string]> = {
  EACCES: ['permission denied', 'Check who owns it and its permissions.'],
  EPERM: ['permission denied', 'Check who owns it and its permissions.'],
  EROFS: ['the file system is read-only', ''],
  EISDIR: ['it is a folder', ''],
  ENOTDIR: ['a part of the path is not a folder', ''],
  ELOOP: ['its symbolic links go in a circle', ''],
  ENAMETOOLONG: ['the name is too long', ''],
  EMFILE: ['too many files are open', 'Raise the limit of open files (ulimit -n).'],
  ERR_FS_FILE_TOO_LARGE: ['the file is too large to be read at once', ''],
};

/** The refusal in a person's words. Anything that is no refusal of the system stays what it is: our bug. */
function refusal(error: unknown, tried: string): unknown {
  if (error instanceof StrataError) return error;
  const code = codeOf(error);
  if (!/^E[A-Z0-9]+$/.test(code) && !(code in reasons)) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const hint = 'Free some space on that disk, or place the cache elsewhere with STRATA_CACHE.';
    return new StrataError('no-space', `Could not ${tried}: no space is left on the disk.`, hint, error);
  }
  if (code === 'ENOENT') {
    return new StrataError('not-found', `Could not ${tried}: there is no such file.`, '', error);
  }
  const [reason, hint] = reasons[code] ?? [(error as Error).message, ''];
  return new StrataError('unreadable', `Could not ${tried}: ${reason}.`, hint, error);
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}
