// Trees of files as lines, for comparing what a walk foresees with what a builder copied.
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { ContextEntry } from '../../server/src/context/model';

/** 'refused': the builder takes no such ignore file. */
export type Listing = string[] | 'refused';

export function entryLine({ path: at, type, mode, size, link }: ContextEntry): string {
  return fileLine(at, type, mode, size, link);
}

export function fileLine(at: string, type: string, mode: number, size: number, link: string | null): string {
  return [JSON.stringify(at), type, type === 'symlink' ? '' : mode.toString(8), size, link].join(' ');
}

export function sorted(lines: Listing): Listing {
  return lines === 'refused' ? lines : [...lines].sort();
}

/** What only one of them has, for a message. */
export function apart(mine: Listing, real: Listing) {
  if (mine === 'refused' || real === 'refused')
    return { mine: String(mine).slice(0, 200), real: String(real).slice(0, 200) };
  return {
    onlyMine: mine.filter((one) => !real.includes(one)),
    onlyReal: real.filter((one) => !mine.includes(one)),
  };
}

/** All files below a folder on the disk, `below` a folder of it. */
export function filesBelow(root: string, below = ''): string[] {
  return fs.readdirSync(path.join(root, below)).flatMap((name) => {
    const at = below === '' ? name : `${below}/${name}`;
    const stat = fs.lstatSync(path.join(root, at));
    const type = stat.isDirectory()
      ? 'directory'
      : stat.isSymbolicLink()
        ? 'symlink'
        : stat.isFIFO()
          ? 'fifo'
          : stat.isFile()
            ? 'file'
            : 'other';
    const link = type === 'symlink' ? fs.readlinkSync(path.join(root, at)) : null;
    const one = fileLine(at, type, stat.mode & 0o7777, type === 'file' ? stat.size : 0, link);
    return [one, ...(type === 'directory' ? filesBelow(root, at) : [])];
  });
}
