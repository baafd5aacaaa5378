// Bundles what the runners start: the suite as one CommonJS file, which is what VS Code loads, and the daemons of
// test/support for the runner itself.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const shared = { absWorkingDir: root, bundle: true, platform: 'node', target: 'node20', sourcemap: 'inline' };

export async function bundleSuite(out) {
  const outfile = path.join(out, 'suite.cjs');
  await build({
    ...shared,
    entryPoints: ['test/e2e/suite/index.ts'],
    outfile,
    format: 'cjs',
    external: ['vscode'],
    logLevel: 'error', // Mocha resolves workers at run time, which this suite does not use
  });
  return outfile;
}

export async function bundleDaemons(out) {
  const outfile = path.join(out, 'daemons.mjs');
  await build({
    ...shared,
    entryPoints: ['test/support/daemons.ts'],
    outfile,
    format: 'esm',
    logLevel: 'warning',
  });
  return outfile;
}
