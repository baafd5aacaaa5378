// `npm run record-examples`: builds the examples for real and writes their records to examples/*/.strata/.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as esbuild } from 'esbuild';
import { build } from './build.mjs';
import { tool } from './tools.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
tool('buildkit');
tool('buildx');
await build();
const file = path.join(root, 'out/recordExamples.cjs');
await esbuild({
  absWorkingDir: root,
  entryPoints: ['test/support/recordExamples.ts'],
  outfile: file,
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  define: { 'process.env.STRATA_ROOT': JSON.stringify(root) },
});
process.exit(spawnSync(process.execPath, [file], { cwd: root, stdio: 'inherit' }).status ?? 1);
