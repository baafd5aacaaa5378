// Builds Strata and opens a real VS Code with it and the examples: the `code` on PATH with a profile of its own, else
// the VS Code server from npm, in the browser. Ctrl-C ends all.
//   node scripts/start.mjs [--browser] [--open] [--port N] [FOLDER]
// --browser: the server even where `code` is; --open: also opens the address in the default browser.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { packageExtension } from './package.mjs';
import { installedTool, tool } from './tools.mjs';
import { pageAddress, startHost } from './vscodeHost.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const windows = process.platform === 'win32';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { browser: { type: 'boolean' }, open: { type: 'boolean' }, port: { type: 'string' } },
});
const folder = path.resolve(positionals[0] ?? path.join(root, 'examples'));
const firstFile = path.join(folder, 'layers', 'Dockerfile');

function onPath(command) {
  const endings = windows ? ['.cmd', '.exe'] : [''];
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .flatMap((place) => endings.map((ending) => path.join(place, command + ending)))
    .find((file) => existsSync(file));
}

/** Until the window is closed. A fresh profile: none of the user's extensions or settings, and nothing left behind. */
async function openDesktop(code) {
  const profile = mkdtempSync(path.join(tmpdir(), 'strata-profile-'));
  const args = [
    ...[
      '--new-window',
      '--wait',
      '--user-data-dir',
      profile,
      '--extensions-dir',
      path.join(profile, 'extensions'),
    ],
    ...['--disable-workspace-trust', `--extensionDevelopmentPath=${root}`, folder],
    ...(existsSync(firstFile) ? [firstFile] : []),
  ];
  console.log(`Opening ${folder} in ${code}. Ctrl-C, or closing the window, ends this.`);
  // Windows starts code.cmd through its shell, which splits at blanks.
  const child = spawn(windows ? `"${code}"` : code, windows ? args.map((one) => `"${one}"`) : args, {
    stdio: 'inherit',
    shell: windows,
  });
  await new Promise((resolve, reject) => {
    child.on('exit', resolve);
    child.on('error', reject);
  });
  rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
}

async function openInBrowser() {
  if (!installedTool('vscode-server')) {
    console.log(
      'There is no `code` on PATH: fetching the VS Code server from npm. This happens once, and takes a minute.',
    );
  }
  const node = tool('node24');
  const codeServer = tool('vscode-server');
  mkdirSync(path.join(root, 'out'), { recursive: true });
  const host = await startHost({
    node,
    codeServer,
    trustAll: true,
    testDriver: false,
    vsix: await packageExtension(path.join(root, 'out', 'strata.vsix')),
    ...(options.port ? { port: Number(options.port) } : {}),
  });
  const address = pageAddress(host.origin, {
    workspace: folder,
    ...(existsSync(firstFile) ? { file: firstFile } : {}),
  });
  console.log(`\nVS Code with Strata:\n\n  ${address}\n\nCtrl-C ends it.`);
  if (options.open) openAddress(address);
  await new Promise((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
    host.server.once('exit', resolve);
  });
  await host.stop();
}

function openAddress(address) {
  const [command, ...args] = { darwin: ['open'], win32: ['cmd', '/c', 'start', '""'] }[process.platform] ?? [
    'xdg-open',
  ];
  spawn(command, [...args, address], { stdio: 'ignore', detached: true })
    .on('error', () => console.log('No browser could be opened; the address above does it by hand.'))
    .unref();
}

await build();
const code = options.browser ? undefined : onPath('code');
if (code) await openDesktop(code);
else await openInBrowser();
