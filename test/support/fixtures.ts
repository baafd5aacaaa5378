// The recorded files of test/fixtures.
import { readFileSync } from 'node:fs';
import path from 'node:path';

const folder = path.join(process.env.STRATA_ROOT ?? process.cwd(), 'test/fixtures');

/** The text of a file, by its path below test/fixtures. */
export function readFixture(name: string): string {
  return readFileSync(path.join(folder, name), 'utf8');
}
