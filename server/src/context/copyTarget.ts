// What lies at the destination while one COPY runs: later files replace earlier ones, folders merge, and a file and a
// folder do not mix (fsutil/copy: copyDirectoryOnly, ensureEmptyFileTarget). What the base holds there is not known here.
import type { ContextEntry, TakenEntry } from './model';

export interface CopyTarget {
  /** Whether the destination itself is a folder already. */
  readonly isFolder: boolean;
  /** False when a file stands where the folder should be. */
  putFolder(to: string, entry: ContextEntry | null): boolean;
  /** `inode`: files of one inode within one run of the copier stay links of each other. */
  putFile(to: string, entry: ContextEntry, inode: object | null): boolean;
  entries(): TakenEntry[];
  /** Sum of the regular files' sizes, each inode once. */
  bytes(): number;
}

interface Held {
  entry: ContextEntry | null;
  inode: object | null;
}

/** `''` is the destination itself. `folder`: it is a folder before anything is copied. */
export function copyTarget(folder: boolean): CopyTarget {
  const held = new Map<string, Held>();
  let top = folder;
  return {
    get isFolder() {
      return top;
    },
    putFolder(to, entry) {
      if (to === '') {
        if (held.has('') && held.get('')!.entry?.type !== 'directory') return false;
        top = true;
        return true;
      }
      const there = held.get(to);
      if (there) return there.entry === null || there.entry.type === 'directory';
      held.set(to, { entry, inode: null });
      return true;
    },
    putFile(to, entry, inode) {
      if (to === '' && top) return false;
      const there = held.get(to);
      if (there && (there.entry === null || there.entry.type === 'directory')) return false;
      held.set(to, { entry, inode });
      return true;
    },
    entries() {
      const found: TakenEntry[] = [];
      for (const [to, { entry }] of held) if (entry) found.push({ entry, to });
      return found;
    },
    bytes() {
      const counted = new Set<object>();
      let bytes = 0;
      for (const { entry, inode } of held.values()) {
        if (entry?.type !== 'file' || (inode && counted.has(inode))) continue;
        if (inode) counted.add(inode);
        bytes += entry.size;
      }
      return bytes;
    },
  };
}
