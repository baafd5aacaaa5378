// Symbolic links of a path followed inside a tree, never out of it (continuity's fs.RootPath, BuildKit's getFollowLinks):
// `..` stops at the root and an absolute target begins there. What a link inside a copied folder means is not asked:
// those are copied as they are.
import { posix } from 'node:path';
import type { FileTree } from './fileTree';

/** fsutil and contenthash give up after 255 links. */
const mostLinks = 255;

/**
 * The path with its links followed; the last one too when `last`. It need not exist. Null for links without an end.
 * Paths are relative to the root; `''` is the root.
 */
export function followLinks(tree: FileTree, path: string, last: boolean): string | null {
  let rest = path.split('/');
  let current: string[] = [];
  let links = 0;
  while (rest.length > 0) {
    const part = rest.shift()!;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      current.pop();
      continue;
    }
    current.push(part);
    if (!last && rest.every((one) => one === '')) break;
    const entry = tree.find(current.join('/'));
    if (entry?.type !== 'symlink' || entry.link === null) continue;
    if (++links > mostLinks) return null;
    if (entry.link.startsWith('/')) current = [];
    else current.pop();
    rest = [...entry.link.split('/'), ...rest];
  }
  return current.join('/');
}

/** Go's path.Join("/", word) without the leading slash: cleaned, and never above the root. */
export function fromRoot(word: string): string {
  return posix.resolve('/', word).slice(1);
}
