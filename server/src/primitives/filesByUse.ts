// The files of a folder of ours by when they were last used, for throwing away the ones that were used longest ago. How
// many may stay is for the owner of the folder.
import type { HostFiles } from './host';

export interface UsedFile {
  path: string;
  /** bytes */
  size: number;
  /** ms since 1970 */
  mtimeMs: number;
}

/** Plain files whose names are ours, the one used last first. */
export async function filesByUse(
  files: HostFiles,
  folder: string,
  isOurs: (name: string) => boolean,
): Promise<UsedFile[]> {
  const used: UsedFile[] = [];
  for (const { name, kind } of await files.list(folder)) {
    const path = `${folder}/${name}`;
    const stat = kind === 'file' && isOurs(name) ? await files.stat(path) : null;
    if (stat) used.push({ path, size: stat.size, mtimeMs: stat.mtimeMs });
  }
  return used.sort((a, b) => b.mtimeMs - a.mtimeMs);
}
