// Makes the .vsix: builds, then packs what .vscodeignore lets through. Prints its size and fails above the budget.
//   node scripts/package.mjs [FILE]
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVSIX } from '@vscode/vsce';
import { build } from './build.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const budget = 2_000_000;

/** Packs dist/ as it is; the path of the .vsix. */
export async function packageExtension(file) {
  await createVSIX({
    cwd: root,
    packagePath: file,
    dependencies: false, // everything is bundled
    allowMissingRepository: true,
    rewriteRelativeLinks: false, // they would need a repository's address
  });
  return file;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build();
  const { name, version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const file = path.resolve(process.argv[2] ?? path.join(root, `${name}-${version}.vsix`));
  await packageExtension(file);
  const { size } = statSync(file);
  console.log(`${path.relative(process.cwd(), file)}: ${(size / 1e6).toFixed(2)} MB`);
  if (size > budget) {
    console.error(`The package may have at most ${budget / 1e6} MB.`);
    process.exitCode = 1;
  }
}
