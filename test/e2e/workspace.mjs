// The folder that the suite works in: a copy of the examples, to edit, and beside them two Dockerfiles that have never
// been built.
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));

/** `base` is the image that the Dockerfile in plain/ builds on. */
export function makeWorkspace(base) {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'strata-workspace-'));
  cpSync(examples, folder, { recursive: true });
  const write = (name, text) => {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  // BuildKit as in Docker Engine 20.10 knows no here-documents.
  write('plain/Dockerfile', `FROM ${base}\nCOPY hello.txt /\nRUN head -c 300000 /dev/zero > /zeros\n`);
  write('plain/hello.txt', 'hello\n');
  write('forecast/Dockerfile', `FROM ${base}\nCOPY <<EOF /hello\nhello\nEOF\n`);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
