// A whole folder at once, for walks: names, and what lstat tells of each.
import * as fs from 'node:fs';
import type { FolderEntry } from '../primitives/host';
import { turn } from './blockingTurns';

/** Names looked at between two looks at the clock. */
const namesAtOnce = 128;

/** Throws what the system says, also when there is no such folder. */
export async function readFolderEntries(folder: string): Promise<FolderEntry[]> {
  await turn();
  const names = fs.readdirSync(folder);
  const entries: FolderEntry[] = [];
  const prefix = folder.endsWith('/') ? folder : `${folder}/`;
  for (let at = 0; at < names.length; at++) {
    if (at % namesAtOnce === namesAtOnce - 1) await turn();
    const entry = look(prefix + names[at]!, names[at]!);
    if (entry) entries.push(entry);
  }
  return entries;
}

const types: Record<number, FolderEntry['type']> = {
  [fs.constants.S_IFREG]: 'file',
  [fs.constants.S_IFDIR]: 'directory',
  [fs.constants.S_IFLNK]: 'symlink',
  [fs.constants.S_IFIFO ?? -1]: 'fifo',
  [fs.constants.S_IFSOCK ?? -2]: 'socket',
  [fs.constants.S_IFCHR]: 'char',
  [fs.constants.S_IFBLK ?? -3]: 'block',
};

/** Null when it vanished since the folder was listed. */
function look(path: string, name: string): FolderEntry | null {
  try {
    const stats = fs.lstatSync(path, { throwIfNoEntry: false });
    // A name that is not UTF-8 comes with U+FFFD, and under that name there is nothing.
    if (!stats) return name.includes('\ufffd') ? unknown(name) : null;
    const { mode, size, mtimeMs, ino } = stats;
    const type = types[mode & fs.constants.S_IFMT] ?? 'unknown';
    const link = type === 'symlink' ? fs.readlinkSync(path) : null;
    return { name, type, size, mode: mode & 0o7777, mtimeMs, inode: ino, link };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : unknown(name);
  }
}

function unknown(name: string): FolderEntry {
  return { name, type: 'unknown', size: 0, mode: 0, mtimeMs: 0, inode: 0, link: null };
}
