// The entry that VS Code calls inside its extension host, from run.mjs (VS Code server) as from desktop.mjs (desktop).
// Runs the suites that STRATA_SUITES names and writes what came of each test to STRATA_RESULT.
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import * as vscode from 'vscode';
import { activationSuite } from './activation';
import { buildSuite } from './build';
import { chineseSuite } from './chinese';
import { diffSuite } from './diff';
import { editorSuite } from './editor';
import { exportsSuite } from './exports';
import { fixesSuite } from './fixes';
import { importsSuite } from './imports';
import { largeSuite } from './large';
import { picturesSuite } from './pictures';
import { recoverySuite } from './recovery';
import { sideBarSuite } from './sideBar';
import { statesSuite } from './states';
import { treeSuite } from './tree';
import { untrustedSuite } from './untrusted';
import { walkthroughSuite } from './walkthrough';

const suites: Record<string, () => void> = {
  activation: activationSuite,
  editor: editorSuite,
  tree: treeSuite,
  diff: diffSuite,
  exports: exportsSuite,
  fixes: fixesSuite,
  recovery: recoverySuite,
  walkthrough: walkthroughSuite,
  untrusted: untrustedSuite,
  build: buildSuite,
  imports: importsSuite,
  chinese: chineseSuite,
  pictures: picturesSuite,
  large: largeSuite,
  states: statesSuite,
  sideBar: sideBarSuite,
};

export interface TestResult {
  title: string;
  outcome: 'passed' | 'failed' | 'skipped';
  /** Stack of the failure. */
  error: string | null;
  ms: number;
}

export async function run(): Promise<void> {
  const mocha = new Mocha({
    ui: 'tdd',
    timeout: 60_000,
    color: false,
    ...(process.env.STRATA_GREP ? { grep: process.env.STRATA_GREP } : {}),
  });
  // What Mocha does before it loads a file: gives `suite` and `test` to the files, which here are one bundle.
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  for (const name of (process.env.STRATA_SUITES ?? 'activation').split(',')) {
    const define = suites[name];
    if (!define) throw new Error(`There is no suite ${name}.`);
    define();
  }
  const results: TestResult[] = [];
  const add = (test: Mocha.Test, outcome: TestResult['outcome'], error: string | null = null) =>
    results.push({ title: test.fullTitle(), outcome, error, ms: test.duration ?? 0 });
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on('pass', (test) => add(test, 'passed'));
    runner.on('pending', (test) => add(test, 'skipped'));
    runner.on('fail', (test, error) => add(test, 'failed', String(error.stack ?? error)));
  });
  const file = process.env.STRATA_RESULT;
  if (file) {
    const host = { vscode: vscode.version, node: process.version };
    writeFileSync(file, JSON.stringify({ ...host, results }, null, 2));
  }
  if (failures > 0) throw new Error(`${failures} tests failed`);
}
