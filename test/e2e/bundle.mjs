// Bundles what the runners start: the suite as one CommonJS file, which is what VS Code loads, and for the runner
// itself the daemons of test/support and the image of many files.
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

export function bundleDaemons(out) {
  return bundleModule('test/support/daemons.ts', path.join(out, 'daemons.mjs'), 'esm');
}

export function bundleLargeImage(out) {
  // tar-stream's packages ask for Node's by require().
  return bundleModule('test/e2e/largeImage.ts', path.join(out, 'largeImage.cjs'), 'cjs');
}

async function bundleModule(entry, outfile, format) {
  await build({ ...shared, entryPoints: [entry], outfile, format, logLevel: 'warning' });
  return outfile;
}
