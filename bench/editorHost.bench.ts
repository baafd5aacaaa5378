// What a person waits for in VS Code: activation inside a real extension host, and the size of what they download.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { median, printTable } from './measure';

const root = process.env.STRATA_ROOT ?? process.cwd();
const folder = mkdtempSync(path.join(tmpdir(), 'strata-bench-'));

/** activate() of one fresh VS Code, ms; null where no VS Code can be had. */
function activation(): { activationMs: number; vscode: string } | null {
  const file = path.join(folder, 'figures.json');
  rmSync(file, { force: true });
  spawnSync(process.execPath, ['test/e2e/run.mjs', '--setup', 'trusted', '--grep', 'activates Strata'], {
    cwd: root,
    env: { ...process.env, STRATA_FIGURES: file },
    stdio: 'ignore',
  });
  return existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { activationMs: number; vscode: string })
    : null;
}

/** Reading and running dist/extension.js up to its exports, ms, in a fresh Node: the other part of activation. */
function loading(): number {
  const script = `
    const load = require('node:module')._load;
    const empty = new Proxy(class {}, { get: (target, key) => (key in target ? target[key] : empty) });
    require('node:module')._load = (name, ...rest) => (name === 'vscode' ? empty : load(name, ...rest));
    const started = performance.now();
    require(process.argv[1]);
    console.log(performance.now() - started);`;
  const file = path.join(root, 'dist/extension.js');
  const { stdout } = spawnSync(process.execPath, ['-e', script, file], { encoding: 'utf8' });
  return Number(stdout.trim().split('\n').at(-1));
}

const runs = [activation(), activation(), activation()].filter((run) => run !== null);
if (runs.length === 0)
  console.log('\nNo VS Code to measure activation in: node scripts/tools.mjs node24 vscode-server');
else {
  printTable(
    'Activation in VS Code, ms (median of 3, a fresh VS Code each)',
    ['VS Code', 'activate()', 'loading of extension.js in Node'],
    [[runs[0]!.vscode, median(runs.map((run) => run.activationMs)), median([1, 2, 3, 4, 5].map(loading))]],
  );
}
const vsix = path.join(folder, 'strata.vsix');
spawnSync(process.execPath, ['scripts/package.mjs', vsix], { cwd: root, stdio: 'ignore' });
printTable('Package, kB', ['file', 'kB'], [['.vsix', Math.round(statSync(vsix).size / 1000)]]);
rmSync(folder, { recursive: true, force: true });
