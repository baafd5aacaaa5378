// The files that an archive leaves behind when ADD unpacks it (go-archive's Unpack and createTarFile, which BuildKit
// uses): later entries replace earlier ones, hard links share their bytes. It reads no bytes; entries come from a scan.
import { fromRoot } from './topLink';

export interface ArchiveEntry {
  /** As written. */
  name: string;
  /** The letter of the tar's type flag. */
  flag: string;
  type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';
  /** Apparent size in bytes. */
  size: number;
  link: string;
}

interface Node {
  /** null: a folder */
  inode: { bytes: number } | null;
  isLink: boolean;
  children: Map<string, Node> | null;
}

/** More than any archive that one ADDs, and few enough to hold. */
const mostEntries = 2_000_000;

/** What go-archive's createTarFile knows; all others end a build. */
const knownFlags = new Set(['0', '\0', '1', '2', '3', '4', '5', '6']);

export class ArchiveFiles {
  /** Why the bytes cannot be told, or why the build would fail; a clause for a person. */
  why: string | null = null;
  count = 0;
  private readonly root = folder();

  add(entry: ArchiveEntry): void {
    this.count++;
    if (this.why === null) this.why = this.put(entry);
  }

  /** Sum of the regular files' sizes, each inode once. */
  bytes(): number {
    const counted = new Set<object>();
    let bytes = 0;
    const pending = [this.root];
    for (let node = pending.pop(); node; node = pending.pop()) {
      if (node.children) pending.push(...node.children.values());
      if (!node.inode || counted.has(node.inode)) continue;
      counted.add(node.inode);
      bytes += node.inode.bytes;
    }
    return bytes;
  }

  private put({ name, flag, type, size, link }: ArchiveEntry): string | null {
    if (this.count > mostEntries) return 'the archive has too many entries';
    if (!knownFlags.has(flag)) return `the archive has an entry of a type that ADD does not unpack (${name})`;
    if (leavesRoot(name)) return `the archive has a name that leads out of it (${name})`;
    const path = fromRoot(name);
    if (path === '') return type === 'directory' ? null : 'the archive replaces its own root';
    const parts = path.split('/');
    const last = parts.pop()!;
    if (last.startsWith('.wh.')) return `the archive holds a file with the name of a whiteout (${name})`;
    let parent = this.root;
    for (const part of parts) {
      const next = parent.children!.get(part) ?? folder();
      parent.children!.set(part, next);
      if (next.isLink) return `the archive writes through a symbolic link (${name})`;
      if (!next.children) return `the archive has a file below a file (${name})`;
      parent = next;
    }
    const there = parent.children!.get(last);
    if (type === 'directory') {
      if (!there?.children) parent.children!.set(last, folder());
      return null;
    }
    if (type === 'hardlink') {
      // What is replaced is gone before the link is made.
      parent.children!.delete(last);
      const source = this.find(fromRoot(link));
      if (!source || source.children) return `the archive links to a file that is not in it (${name})`;
      parent.children!.set(last, source);
      return null;
    }
    const inode = type === 'file' ? { bytes: size } : null;
    parent.children!.set(last, { inode, isLink: type === 'symlink', children: null });
    return null;
  }

  private find(path: string): Node | undefined {
    let node: Node | undefined = this.root;
    for (const part of path.split('/')) node = node?.children?.get(part);
    return node;
  }
}

function folder(): Node {
  return { inode: null, isLink: false, children: new Map() };
}

function leavesRoot(name: string): boolean {
  if (name.startsWith('/')) return false;
  let depth = 0;
  for (const part of name.split('/')) {
    if (part === '..') depth--;
    else if (part !== '' && part !== '.') depth++;
    if (depth < 0) return true;
  }
  return false;
}
