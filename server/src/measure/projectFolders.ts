// Where the files of a Dockerfile's project are looked for: its folder and those above it, up to the repository's root.
// Decides how far up; reads nothing but whether there is a `.git`.
import path from 'node:path';
import type { Host } from '../primitives/host';

const mostFolders = 64;

/**
 * The nearest first. Outside of a repository only `start` counts, and the folders above it up to `within`, if that holds
 * it.
 * @param start absolute
 */
export async function projectFolders(
  { files }: Host,
  start: string,
  within: string | null = null,
): Promise<string[]> {
  const folders: string[] = [];
  for (let folder = start; folders.length < mostFolders; folder = path.dirname(folder)) {
    folders.push(folder);
    // A worktree and a submodule have a file there.
    if (await files.stat(path.join(folder, '.git'))) return folders;
    if (path.dirname(folder) === folder) break;
  }
  const last = within === null ? -1 : folders.indexOf(path.resolve(within));
  return folders.slice(0, Math.max(0, last) + 1);
}
