// Makes a folder with those above it. Not by mkdir's own `recursive`: where a folder is there and yet takes none (a removed
// working directory, /proc), that tries for ever, in a thread that nothing can stop [Node 20, 24].
import { mkdir, stat } from 'node:fs/promises';
import * as path from 'node:path';

/** Rejects with the system's own error. */
export async function makeFolders(folder: string): Promise<void> {
  const error = await tryToMake(folder);
  if (error === null) return;
  const parent = path.dirname(folder);
  if (error.code !== 'ENOENT' || parent === folder) throw error;
  await makeFolders(parent);
  const still = await tryToMake(folder);
  if (still !== null) throw still;
}

/** Null when the folder is there, whoever made it; a drive answers with other codes than EEXIST. */
async function tryToMake(folder: string): Promise<NodeJS.ErrnoException | null> {
  try {
    await mkdir(folder);
    return null;
  } catch (error) {
    const stats = await stat(folder).catch(() => null);
    return stats?.isDirectory() ? null : (error as NodeJS.ErrnoException);
  }
}
