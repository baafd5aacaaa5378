// A real VS Code for tests and for `npm start`: the VS Code server out of the npm package code-server, on a folder of
// its own, with settings that keep it quiet. Starts and stops it; what is opened in it is the caller's affair.
import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const quietSettings = {
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'git.openRepositoryInParentFolders': 'never',
  'window.autoDetectColorScheme': false,
  'editor.minimap.enabled': false,
  'files.simpleDialog.enable': true,
  'window.dialogStyle': 'custom',
};

/**
 * @param {{ node: string, codeServer: string, trustAll: boolean, settings?: object, env?: object, vsix?: string,
 *   port?: number, log?: string, testDriver?: boolean }} options
 *   `node` and `codeServer` are paths of scripts/tools.mjs; `trustAll` turns workspace trust off; `testDriver` lets a
 *   page name an extension in development and a test suite.
 */
export async function startHost(options) {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-vscode-'));
  try {
    return await startIn(folder, options);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    throw error;
  }
}

async function startIn(folder, options) {
  const { node, codeServer, trustAll, settings = {}, env = {}, vsix, log, testDriver = true } = options;
  const user = path.join(folder, 'data', 'User');
  mkdirSync(user, { recursive: true });
  const all = { ...quietSettings, 'security.workspace.trust.enabled': !trustAll, ...settings };
  writeFileSync(path.join(user, 'settings.json'), JSON.stringify(all, null, 2));

  const program = path.join(codeServer, 'lib', 'vscode', 'out', 'server-main.js');
  const shared = [
    ...['--server-data-dir', folder, '--extensions-dir', path.join(folder, 'extensions')],
    ...['--accept-server-license-terms', '--disable-telemetry'],
  ];
  const environment = { ...process.env, ...env };
  // Started from a terminal of VS Code, these would lead the new server to the old one.
  for (const key of Object.keys(environment)) if (key.startsWith('VSCODE_')) delete environment[key];

  if (vsix) {
    const args = [program, ...shared, '--install-extension', vsix];
    const { status, stdout, stderr } = spawnSync(node, args, { encoding: 'utf8', env: environment });
    if (status !== 0) throw new Error(`VS Code did not install ${vsix}:\n${stdout}${stderr}`);
  }
  const port = options.port ?? (await freePort());
  const server = spawn(
    node,
    [
      ...[program, '--host', '127.0.0.1', '--port', String(port), '--without-connection-token', ...shared],
      ...(testDriver ? ['--enable-smoke-test-driver'] : []),
      ...(trustAll ? ['--disable-workspace-trust'] : []),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: environment },
  );
  const output = log ? createWriteStream(log) : null;
  for (const stream of [server.stdout, server.stderr]) {
    if (output) stream.pipe(output, { end: false });
    else stream.resume();
  }
  const origin = `http://127.0.0.1:${port}`;
  const stop = async () => {
    if (server.exitCode === null && server.signalCode === null) {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill();
      await Promise.race([ended, delay(5000)]);
      server.kill('SIGKILL');
    }
    output?.end();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  };
  const deadline = Date.now() + 30_000;
  while (!(await answers(`${origin}/version`))) {
    if (server.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`The VS Code server did not answer on ${origin} within 30 s.`);
    }
    await delay(100);
  }
  return { origin, folder, server, stop };
}

/** The address that opens `workspace` and a file in it, or an extension in development with its test suite. */
export function pageAddress(origin, { workspace, file, extension, suite }) {
  const remote = origin.replace('http:', 'vscode-remote:');
  const payload = [
    ['skipWelcome', 'true'],
    ['skipReleaseNotes', 'true'],
  ];
  if (file) payload.push(['openFile', remote + file]);
  if (extension) payload.push(['extensionDevelopmentPath', remote + extension]);
  if (suite) payload.push(['extensionTestsPath', remote + suite]);
  const query = new URLSearchParams({ folder: workspace, payload: JSON.stringify(payload) });
  return `${origin}/?${query}`;
}

async function answers(address) {
  try {
    return (await fetch(address)).ok;
  } catch {
    return false;
  }
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
