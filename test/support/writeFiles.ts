// Files from literals on the real disk.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Writes files by their names below `folder`, and makes the folders that they need. */
export function writeFiles(
  folder: string,
  files: Iterable<readonly [name: string, data: string | Uint8Array]>,
): void {
  for (const [name, data] of files) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, data);
  }
}
