// Runs the suite of test/e2e/suite inside a real VS Code, several times: a trusted folder, Restricted Mode, the oldest
// VS Code that package.json allows with the packaged extension, a real builder. Last line: `N passed, N failed, N skipped`.
//   node test/e2e/run.mjs [--setup trusted,untrusted,...] [--grep TEXT] [--verbose]
// STRATA_PICTURES=1 copies the pictures from out/shots into docs/.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from '../../scripts/build.mjs';
import { packageExtension } from '../../scripts/package.mjs';
import { installedTool, tool } from '../../scripts/tools.mjs';
import { pageAddress, startHost } from '../../scripts/vscodeHost.mjs';
import { findChromium, openBrowser, openPage, startBridge } from './browser.mjs';
import { bundleDaemons, bundleLargeImage, bundleSuite } from './bundle.mjs';
import { addResults, fail, finish, skip } from './results.mjs';
import { makeWorkspace } from './workspace.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const out = path.join(root, 'out/e2e');
const pictures = path.join(root, 'out/shots');
const suiteMs = 10 * 60_000;
const largestPicture = 300_000;

const { values: options } = parseArgs({
  options: { setup: { type: 'string' }, grep: { type: 'string' }, verbose: { type: 'boolean' } },
});

/** Each opens one VS Code. `builder` starts a Docker Engine for it, or a BuildKit, which keeps a history; `vsix` installs the package instead of the folder; `large`
 * makes an image of many files. */
const setups = {
  trusted: {
    suites: [
      'activation',
      'pictures',
      'editor',
      'tree',
      'diff',
      'exports',
      'fixes',
      'sideBar',
      'walkthrough',
      'recovery',
    ],
    trusted: true,
  },
  untrusted: { suites: ['untrusted'], trusted: false },
  floor: {
    suites: ['activation', 'editor', 'tree', 'diff', 'walkthrough'],
    trusted: true,
    vsix: true,
    server: 'vscode-server-floor',
  },
  build: { suites: ['build'], trusted: true, builder: 'engine' },
  imports: { suites: ['imports'], trusted: true, builder: 'buildkit' },
  chinese: { suites: ['chinese'], trusted: true, language: 'zh-cn' },
  large: { suites: ['large', 'states'], trusted: true, large: true },
};

/** What the machine lacks for a setup; in CI it is installed here. */
function missing(server) {
  const lacking = [];
  if (!findChromium()) lacking.push('no Chromium (install chromium, or name one in CHROMIUM)');
  for (const name of ['node24', server]) {
    try {
      const found = process.env.CI === 'true' ? tool(name) : installedTool(name);
      if (!found) lacking.push(`no ${name} (node scripts/tools.mjs ${name})`);
    } catch (error) {
      lacking.push(error.message);
    }
  }
  return lacking;
}

async function runSetup(name, setup) {
  const server = setup.server ?? 'vscode-server';
  const lacking = missing(server);
  if (lacking.length > 0) return skip(name, lacking.join('; '));
  const builder = setup.builder ? await startBuilder(name, setup.builder) : null;
  if (setup.builder && !builder) return;
  const resultFile = path.join(out, `${name}.json`);
  const figures = path.join(out, `${name}-figures.json`);
  for (const file of [resultFile, figures]) rmSync(file, { force: true });
  const workspace = makeWorkspace(builder?.base ?? 'busybox:1.36');
  const browser = await openBrowser(findChromium());
  let host;
  let bridge;
  try {
    const page = await openPage(browser);
    if (setup.language) await page.addInitScript(speak, setup.language);
    bridge = await startBridge(page, pictures);
    host = await startHost({
      node: nodeFor(server),
      codeServer: installedTool(server),
      trustAll: setup.trusted,
      vsix: setup.vsix ? await packageExtension(path.join(out, 'strata.vsix')) : undefined,
      log: path.join(out, `${name}.log`),
      settings: {
        'git.enabled': false,
        'editor.fontFamily': 'DejaVu Sans Mono',
        'editor.cursorBlinking': 'solid',
        'editor.occurrencesHighlight': 'off',
        'editor.scrollbar.vertical': 'hidden',
        'editor.scrollbar.horizontal': 'hidden',
        ...builder?.settings,
      },
      env: {
        ...builder?.env,
        STRATA_BRIDGE: String(bridge.port),
        STRATA_RESULT: resultFile,
        STRATA_SUITES: setup.suites.join(','),
        STRATA_GREP: options.grep ?? '',
        ...(setup.large ? { STRATA_FIGURES: figures } : {}),
      },
    });
    if (setup.large) await makeLarge(workspace.folder, host.folder);
    const extension = setup.vsix ? emptyExtension(host.folder) : root;
    const ended = await runSuite(page, host.origin, workspace.folder, extension);
    if (!existsSync(resultFile)) await page.screenshot({ path: path.join(pictures, `${name}-end.png`) });
    addResults(name, resultFile, ended);
    if (setup.large) tellMemory(figures);
  } finally {
    await browser.close();
    await host?.stop();
    bridge?.close();
    await builder?.stop();
    workspace.remove();
  }
}

/** In the page, before VS Code starts: it then loads the extensions' words in that language, its own are in a pack. */
function speak(language) {
  const told = { get: () => language, set: () => {}, configurable: true };
  Object.defineProperty(globalThis, '_VSCODE_NLS_LANGUAGE', told);
}

/** The oldest VS Code has Node 20, on which the extension has to work as well. */
function nodeFor(server) {
  const own = process.versions.node.split('.')[0];
  return server === 'vscode-server-floor' && own === '20' ? process.execPath : installedTool('node24');
}

/** Opens the page with the suite; the exit code that VS Code gives, or the word timeout. */
async function runSuite(page, origin, workspace, extension) {
  let end;
  const ended = new Promise((resolve) => {
    end = resolve;
  });
  // The page calls these two by name: the same contract that @vscode/test-web uses.
  await page.exposeFunction('codeAutomationLog', (_type, given) => {
    if (options.verbose) console.log('   ', ...[given].flat());
  });
  await page.exposeFunction('codeAutomationExit', (code) => end(code));
  const suite = path.join(out, 'suite.cjs');
  await page.goto(pageAddress(origin, { workspace, extension, suite }), { timeout: 60_000 });
  const timer = setTimeout(() => end('timeout'), suiteMs);
  const how = await ended;
  clearTimeout(timer);
  return how;
}

/** A builder with a base image; null, and told, when it cannot be had. */
async function startBuilder(name, kind) {
  const daemons = await import(pathToFileURL(await bundleDaemons(out)).href);
  const lacking = daemons.daemonsMissing();
  if (lacking.length > 0) {
    skip(name, `no builder: ${lacking.join('; ')}`);
    return null;
  }
  if (kind === 'buildkit') return startBuildkit(daemons);
  const daemon = await daemons.startDockerd();
  const base = 'strata-base:1';
  await daemons.importBase(daemon, base);
  const settings = { 'strata.build.extraArguments': ['--network', 'none'] };
  if (daemon.env.STRATA_DOCKER) settings['strata.docker.path'] = daemon.env.STRATA_DOCKER;
  return { base, env: daemon.env, settings, stop: daemon.stop };
}

/** The base is an OCI layout, which builds are given by STRATA_E2E_BASE. */
async function startBuildkit(daemons) {
  const daemon = await daemons.startBuildkitd();
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'strata-e2e-base-'));
  const { context } = daemons.baseLayout(folder);
  const stop = async () => {
    await daemon.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { base: 'base', env: { ...daemon.env, STRATA_E2E_BASE: context }, settings: {}, stop };
}

/** Into `large/` of the workspace, its record where Strata keeps records in that VS Code. */
async function makeLarge(workspace, vscodeFolder) {
  const { makeLargeImage } = await import(pathToFileURL(await bundleLargeImage(out)).href);
  const storage = path.join(vscodeFolder, 'data/User/globalStorage/strata.strata-layers');
  await makeLargeImage(path.join(workspace, 'large'), storage, path.join(root, 'dist'));
}

function tellMemory(file) {
  if (!existsSync(file)) return;
  const { extensionHost, server } = JSON.parse(readFileSync(file, 'utf8'));
  const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;
  console.log(
    `e2e large: extension host ${megabytes(extensionHost)}, server ${megabytes(server ?? Number.NaN)}`,
  );
}

/** VS Code runs tests of an extension in development; here the one under test is installed. */
function emptyExtension(folder) {
  const driver = path.join(folder, 'driver');
  mkdirSync(driver, { recursive: true });
  const manifest = { name: 'driver', publisher: 'strata-tests', version: '0.0.0', engines: { vscode: '*' } };
  writeFileSync(path.join(driver, 'package.json'), JSON.stringify(manifest));
  return driver;
}

/** Into docs/, for the README. A machine with other fonts makes other pictures, so this is asked for. */
function keepPictures() {
  mkdirSync(path.join(root, 'docs'), { recursive: true });
  for (const name of ['editor', 'diff', 'hover', 'image'].flatMap((what) =>
    ['dark', 'light', 'chinese'].map((how) => `${what}-${how}`),
  )) {
    const picture = path.join(pictures, `${name}.png`);
    if (!existsSync(picture)) continue;
    const { size } = statSync(picture);
    if (size > largestPicture) fail('pictures', `docs/${name}.png would have ${size} bytes`);
    else copyFileSync(picture, path.join(root, 'docs', `${name}.png`));
  }
}

mkdirSync(out, { recursive: true });
await build();
await bundleSuite(out);
for (const [name, setup] of Object.entries(setups)) {
  if (options.setup && !options.setup.split(',').includes(name)) continue;
  try {
    await runSetup(name, setup);
  } catch (error) {
    fail(name, error.stack);
  }
}
if (process.env.STRATA_PICTURES === '1') keepPictures();
process.exit(finish());
