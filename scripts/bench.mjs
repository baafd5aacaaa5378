// `npm run bench [name…]`: bundles bench/*.bench.ts and runs each in a process of its own; every figure stands beside
// a reference measured in the same run. Flags go on to the benchmarks. STRATA_DIST names a folder that holds the bundles
// already; without it they are built anew into dist/.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as esbuild } from 'esbuild';
import { build } from './build.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const flags = process.argv.slice(2).filter((word) => word.startsWith('--'));
const files = readdirSync(path.join(root, 'bench'))
  .filter((name) => name.endsWith('.bench.ts'))
  .filter((name) => wanted.length === 0 || wanted.includes(name.replace('.bench.ts', '')))
  .sort();

if (!process.env.STRATA_DIST) await build();
const out = path.join(root, 'out/bench');
rmSync(out, { recursive: true, force: true });
await esbuild({
  absWorkingDir: root,
  entryPoints: files.map((name) => path.join('bench', name)),
  outdir: out,
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  define: { 'process.env.STRATA_ROOT': JSON.stringify(root) },
  logLevel: 'warning',
});
let failed = false;
for (const name of files) {
  const file = path.join(out, name.replace(/\.ts$/, '.cjs'));
  const { status } = spawnSync(process.execPath, ['--expose-gc', file, ...flags], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) failed = true;
}
process.exit(failed ? 1 : 0);
