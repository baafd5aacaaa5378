// Changes valid images at random and reads them: `node scripts/fuzz.mjs [--seconds N] [--seed S]`. The seeds of
// test/fixtures/fuzz/seeds.json run first, then S, S+1, … until the time is over. What is no refusal in words, takes
// longer than 10 s or leaves a file open is printed with its seed and fails; add that seed to `found`.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { build as esbuild } from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const hangMs = 10_000;

if (isMainThread) await main();
else await work();

async function main() {
  const { values } = parseArgs({
    options: { seconds: { type: 'string', default: '20' }, seed: { type: 'string' } },
  });
  const seconds = Number(values.seconds);
  const first = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  if (!Number.isFinite(seconds) || !Number.isSafeInteger(first)) {
    console.error('Use: node scripts/fuzz.mjs [--seconds N] [--seed S]');
    process.exit(2);
  }
  const bundle = path.join(root, 'out/fuzz/fuzz.cjs');
  await esbuild({
    absWorkingDir: root,
    entryPoints: ['test/support/fuzz.ts'],
    outfile: bundle,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  const kept = JSON.parse(readFileSync(path.join(root, 'test/fixtures/fuzz/seeds.json'), 'utf8'));
  const end = Date.now() + seconds * 1000;
  const queue = [...kept.found, ...kept.kept];
  let next = first;
  let runs = 0;
  const failures = [];
  while ((queue.length > 0 || Date.now() < end) && failures.length < 10) {
    // A thread at a time, so that one that hangs can be ended from outside.
    const batch = queue.length > 0 ? queue.splice(0) : Array.from({ length: 500 }, () => next++);
    runs += await runBatch(bundle, batch, end, failures);
  }
  for (const { seed, what } of failures) console.log(`FAILED  seed ${seed}: ${what}\n`);
  console.log(`${runs} images from seed ${first} on, ${failures.length} failed`);
  process.exit(failures.length > 0 ? 1 : 0);
}

/** Runs seeds in a thread under a watchdog; how many were run. */
function runBatch(bundle, seeds, end, failures) {
  return new Promise((resolve) => {
    const worker = new Worker(fileURLToPath(import.meta.url), {
      workerData: { bundle, seeds, end },
      execArgv: ['--enable-source-maps'],
      resourceLimits: { maxOldGenerationSizeMb: 1024 },
    });
    let runs = 0;
    let current = seeds[0];
    let watchdog;
    const watch = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => {
        failures.push({ seed: current, what: `still running after ${hangMs / 1000} s` });
        worker.terminate();
      }, hangMs);
    };
    watch();
    worker.on('message', ({ seed, what, done }) => {
      watch();
      if (!done) current = seed;
      else runs++;
      if (what) failures.push({ seed, what });
    });
    worker.on('error', (error) => failures.push({ seed: current, what: error.stack ?? String(error) }));
    worker.on('exit', () => {
      clearTimeout(watchdog);
      resolve(runs);
    });
  });
}

async function work() {
  const { bundle, seeds, end } = workerData;
  const { fuzzOne } = (await import(pathToFileURL(bundle).href)).default;
  let seed;
  process.on('unhandledRejection', (error) => {
    parentPort.postMessage({ seed, what: `an unhandled rejection: ${error?.stack ?? error}`, done: true });
  });
  for (const [i, each] of seeds.entries()) {
    if (i > 0 && seeds.length === 500 && Date.now() > end) break;
    seed = each;
    parentPort.postMessage({ seed });
    parentPort.postMessage({ seed, what: await fuzzOne(seed), done: true });
  }
}
