// The same suite in a desktop VS Code, by @vscode/test-electron. STRATA_VSCODE names its executable, or is `download`
// for the latest stable one. What needs the screen is skipped there: run.mjs shows it.
//   STRATA_VSCODE=/path/to/code node test/desktop.mjs
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTests } from '@vscode/test-electron';
import { build } from '../scripts/build.mjs';
import { bundleSuite } from './e2e/bundle.mjs';
import { addResults, finish, skip } from './e2e/results.mjs';
import { makeWorkspace } from './e2e/workspace.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const out = path.join(root, 'out/desktop');
const executable = process.env.STRATA_VSCODE;

async function run() {
  mkdirSync(out, { recursive: true });
  const resultFile = path.join(out, 'desktop.json');
  rmSync(resultFile, { force: true });
  await build();
  const workspace = makeWorkspace('busybox:1.36');
  let ended = 'code 0';
  try {
    await runTests({
      ...(executable === 'download' ? {} : { vscodeExecutablePath: executable }),
      extensionDevelopmentPath: root,
      extensionTestsPath: await bundleSuite(out),
      launchArgs: [workspace.folder, '--disable-extensions', '--disable-workspace-trust'],
      extensionTestsEnv: {
        STRATA_RESULT: resultFile,
        STRATA_SUITES: 'activation,editor,tree,fixes,recovery,diff',
      },
    });
  } catch (error) {
    ended = error.message;
  } finally {
    workspace.remove();
  }
  addResults('desktop', resultFile, ended);
}

if (executable) await run();
else skip('desktop', 'no desktop VS Code is named (STRATA_VSCODE=/path/to/code, or download)');
process.exit(finish());
