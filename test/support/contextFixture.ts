// Build contexts for tests: from literals, written to a folder, and read back as a snapshot.
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { ContextEntry, ContextSnapshot } from '../../server/src/context/model';

/**
 * One file of a context. A text is a file's content, a number its size; `=> x` is a symbolic link to x, `== x` a hard link
 * to the path x, null a folder.
 */
export type ContextLiteral = Record<string, string | number | null | Described>;

export interface Described {
  content?: string | number | Buffer;
  link?: string;
  mode?: number;
  mtimeMs?: number;
}

/** A snapshot without a folder behind it. Parents that are not named are made. */
export function contextFixture(literal: ContextLiteral, problems: string[] = []): ContextSnapshot {
  const entries = new Map<string, ContextEntry>();
  let inode = 100;
  const put = (name: string, value: ContextLiteral[string]) => {
    const parent = path.posix.dirname(name);
    if (parent !== '.' && !entries.has(parent)) put(parent, null);
    const given: Described = typeof value === 'object' && value !== null ? value : {};
    const content = typeof value === 'object' ? (given.content ?? null) : value;
    const link = given.link ?? /^=> (.*)$/.exec(String(content))?.[1] ?? null;
    const other = /^== (.*)$/.exec(String(content))?.[1];
    if (other !== undefined) {
      entries.set(name, { ...entries.get(other)!, path: name });
      return;
    }
    const size = typeof content === 'number' ? content : Buffer.byteLength(content ?? '');
    entries.set(name, {
      path: name,
      type: link !== null ? 'symlink' : value === null ? 'directory' : 'file',
      size: link !== null || value === null ? 0 : size,
      mode: given.mode ?? (link !== null ? 0o777 : value === null ? 0o755 : 0o644),
      link,
      mtimeMs: given.mtimeMs ?? 1_700_000_000_000,
      inode: inode++,
    });
  };
  for (const [name, value] of Object.entries(literal)) put(name, value);
  return snapshotOf('/context', [...entries.values()], problems);
}

/** What lies in a folder, all of it: as without an ignore file. */
export function readContext(folder: string): ContextSnapshot {
  const entries: ContextEntry[] = [];
  const walk = (inside: string) => {
    for (const name of fs.readdirSync(path.join(folder, inside))) {
      const at = inside === '' ? name : `${inside}/${name}`;
      const stat = fs.lstatSync(path.join(folder, at));
      const type = stat.isDirectory()
        ? 'directory'
        : stat.isSymbolicLink()
          ? 'symlink'
          : stat.isFIFO()
            ? 'fifo'
            : 'file';
      entries.push({
        path: at,
        type,
        size: type === 'file' ? stat.size : 0,
        mode: stat.mode & 0o7777,
        link: type === 'symlink' ? fs.readlinkSync(path.join(folder, at)) : null,
        mtimeMs: stat.mtimeMs,
        inode: stat.ino,
      });
      if (type === 'directory') walk(at);
    }
  };
  walk('');
  return snapshotOf(folder, entries, []);
}

function snapshotOf(root: string, entries: ContextEntry[], problems: string[]): ContextSnapshot {
  // A folder's content follows it: the slash comes before all other bytes.
  const key = new Map(entries.map((entry) => [entry, Buffer.from(entry.path.replaceAll('/', '\0'))]));
  entries.sort((a, b) => Buffer.compare(key.get(a)!, key.get(b)!));
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  return {
    root,
    entries,
    find: (name) => byPath.get(name),
    ignored: { files: 0, bytes: 0, folders: [] },
    ignoreFile: null,
    problems,
    complete: problems.length === 0,
  };
}
