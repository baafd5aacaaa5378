// The folder that the suite works in: a copy of the examples, to edit and to build in, and beside them a Dockerfile
// that has never been built.
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));

/** `base` is the image that the Dockerfile in plain/ builds on. */
export function makeWorkspace(base) {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'strata-workspace-'));
  cpSync(examples, folder, { recursive: true });
  mkdirSync(path.join(folder, 'plain'));
  writeFileSync(
    path.join(folder, 'plain/Dockerfile'),
    `FROM ${base}\nRUN head -c 300000 /dev/zero > /zeros\nCOPY <<EOF /hello\nhello\nEOF\n`,
  );
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
