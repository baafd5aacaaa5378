// The one test command: build, type-check, lint, then the suites; prints `N passed, N failed, N skipped` last.
//   node scripts/test.mjs [--only unit,lsp,cli,live,e2e] [--grep TEXT] [--files PATTERN] [--times]
// Suites are folders of test/. All but e2e are node:test files, bundled by esbuild; e2e runs inside a real VS Code.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build as esbuild } from 'esbuild';
import { build } from './build.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    grep: { type: 'string' },
    /** Files whose name fits. */
    files: { type: 'string' },
    /** Says how long each file took. */
    times: { type: 'boolean' },
  },
});
const suites = values.only ? values.only.split(',') : ['unit', 'lsp', 'cli', 'live', 'e2e'];
const total = { passed: 0, failed: 0, skipped: 0 };
const ci = process.env.CI === 'true';
/** Loud lines: what was skipped and why, printed once more at the end. */
const loud = [];

function check(title, args) {
  const started = Date.now();
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  console.log(`${status === 0 ? 'ok' : 'FAILED'}  ${title}  ${((Date.now() - started) / 1000).toFixed(1)} s`);
  if (status === 0) total.passed++;
  else total.failed++;
}

function filesOf(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.test.ts') && (!values.files || new RegExp(values.files).test(name)))
    .sort()
    .map((name) => path.join(folder, name));
}

/** All cases of the differential tests take hours of a builder, a sample minutes. */
const liveMs = process.env.STRATA_DIFFERENTIAL === 'all' ? 5 * 3_600_000 : 20 * 60_000;

async function bundleTests(files, out) {
  rmSync(out, { recursive: true, force: true });
  await esbuild({
    absWorkingDir: root,
    entryPoints: files,
    outdir: out,
    outbase: path.join(root, 'test'),
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    sourcemap: 'inline',
    define: { 'process.env.STRATA_ROOT': JSON.stringify(root) },
    logLevel: 'warning',
  });
  return files.map((file) =>
    path.join(out, path.relative(path.join(root, 'test'), file).replace(/\.ts$/, '.cjs')),
  );
}

/** Runs node:test files and counts leaves (a test with subtests counts as its subtests). */
async function runNodeTests(suite, files) {
  const bundled = await bundleTests(files, path.join(root, 'out/test', suite));
  const parents = new Set();
  const spent = new Map();
  const stream = run({
    files: bundled,
    concurrency: suite === 'live' ? 1 : 2,
    timeout: suite === 'live' ? liveMs : 5 * 60_000,
    testNamePatterns: values.grep ? [new RegExp(values.grep)] : undefined,
  });
  for await (const { type, data } of stream) {
    if (type === 'test:start' && data.nesting > 0) parents.add(`${data.file}#${data.nesting - 1}`);
    if (type === 'test:stderr' || type === 'test:stdout') process.stdout.write(data.message);
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.nesting === 0) {
      const ms = data.details?.duration_ms ?? 0;
      spent.set(data.file, (spent.get(data.file) ?? 0) + ms);
    }
    const isParent = parents.delete(`${data.file}#${data.nesting}`);
    // node:test reports each file as a test of its own when it fails to load; keep those failures.
    if (isParent && type === 'test:pass') continue;
    if (isParent && data.details?.error?.failureType === 'subtestsFailed') continue;
    if (data.name === data.file && type === 'test:pass') continue;
    if (data.skip !== undefined) {
      total.skipped++;
      loud.push(`SKIPPED  ${suite}: ${data.name}${typeof data.skip === 'string' ? `: ${data.skip}` : ''}`);
    } else if (type === 'test:pass') total.passed++;
    else {
      total.failed++;
      const error = data.details?.error;
      const cause = error?.cause ?? error;
      console.log(
        `FAILED  ${path.relative(root, data.file ?? '')}: ${data.name}\n${cause?.stack ?? cause}\n`,
      );
    }
  }
  if (!values.times) return;
  for (const [file, ms] of [...spent].sort((a, b) => b[1] - a[1]).slice(0, 20)) {
    console.log(`${(ms / 1000).toFixed(1).padStart(8)} s  ${path.relative(root, file ?? '')}`);
  }
}

/** Runs a script that prints `N passed, N failed, N skipped` as its last line, and adds its counts. */
async function runScript(suite, script) {
  const child = spawn(process.execPath, [script], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text) => {
    output += text;
    process.stdout.write(text);
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  const counts = [...output.matchAll(/^(\d+) passed, (\d+) failed, (\d+) skipped$/gm)].at(-1);
  if (counts) {
    total.passed += Number(counts[1]);
    total.failed += Number(counts[2]);
    total.skipped += Number(counts[3]);
    for (const line of output.matchAll(/^SKIPPED {2}.*$/gm)) loud.push(line[0]);
  }
  if (!counts || (code !== 0 && Number(counts[2]) === 0)) {
    total.failed++;
    console.log(`FAILED  ${suite}: the runner ended with code ${code}`);
  }
}

await build();
total.passed++;
if (!values.only) {
  check('type-check', ['node_modules/typescript/bin/tsc', '-p', '.']);
  check('type-check webview', ['node_modules/typescript/bin/tsc', '-p', 'client/webview']);
  check('lint and format', ['node_modules/@biomejs/biome/bin/biome', 'ci', '.']);
}
for (const suite of suites) {
  const started = Date.now();
  const before = { ...total };
  if (suite === 'e2e') await runScript('e2e', 'test/e2e/run.mjs');
  else {
    const files = filesOf(path.join(root, 'test', suite));
    if (files.length > 0) await runNodeTests(suite, files);
  }
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(
    `${suite}: ${total.passed - before.passed} passed, ${total.failed - before.failed} failed in ${seconds} s`,
  );
}
for (const line of loud) console.log(line);
if (ci && total.skipped > 0) {
  console.log('Nothing may be skipped in CI: each skipped test counts as failed.');
  total.failed += total.skipped;
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 ? 1 : 0);
