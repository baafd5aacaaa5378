// Real builders for tests: Docker Engine and BuildKit, each on a socket and in a folder of its own below
// os.tmpdir(), stopped by process id. Nothing here touches a daemon that was running before.
// What must be on the machine: .ci/run and scripts/tools.mjs install it; daemonsMissing() names what is absent.
import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import { baseConfig, baseLayer } from './baseRootfs';
import { answers, launch, newFolder } from './launch';
import { allOnPath, installedTool, need, onPath } from './programs';

export interface Daemon {
  /**
   * To be merged over process.env. DOCKER_HOST, DOCKER_CONFIG (a folder with the buildx plugin), STRATA_DOCKER when
   * the docker on PATH is not the one of the Engine's version.
   */
  readonly env: Record<string, string>;
  stop(): Promise<void>;
}

export interface BuildkitDaemon extends Daemon {
  /** unix://… of buildkitd, for buildctl. */
  readonly address: string;
  /** Name of the buildx builder of driver `remote`; env.BUILDX_BUILDER says the same. */
  readonly builder: string;
}

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

const commandMs = 120_000;

/** What startDockerd and startBuildkitd need and this machine lacks, each with where it comes from. */
export function daemonsMissing(): string[] {
  if (process.platform !== 'linux') return ['Linux'];
  const missing: string[] = [];
  if (process.getuid?.() !== 0) missing.push('root (the daemons mount file systems)');
  const packages = {
    dockerd: 'docker.io',
    runc: 'runc',
    busybox: 'busybox-static',
    setpriv: 'util-linux',
    tar: 'tar',
  };
  for (const [command, name] of Object.entries(packages)) {
    if (!onPath(command)) missing.push(`${command} (apt-get install ${name})`);
  }
  if (onPath('dockerd') && !engineDocker())
    missing.push('docker of the same version as dockerd (apt-get install docker.io)');
  for (const name of ['buildkit', 'buildx']) {
    if (!installedTool(name)) missing.push(`${name} (node scripts/tools.mjs ${name})`);
  }
  return missing;
}

/** Why tests that need what is missing are skipped; false when nothing is, and in CI, where they have to fail. */
export function skipReason(missing: readonly string[]): string | false {
  return missing.length > 0 && process.env.CI !== 'true'
    ? `not on this machine: ${missing.join(', ')}`
    : false;
}

/** Docker Engine. Builds need `--network none`: it has no bridge and writes no iptables rules. */
export async function startDockerd(): Promise<Daemon> {
  const dockerd = need('dockerd');
  const folder = newFolder('dockerd');
  const socket = path.join(folder, 'docker.sock');
  const daemon = launch(folder, dockerd, [
    ...['--data-root', path.join(folder, 'data'), '--exec-root', path.join(folder, 'exec')],
    ...['--host', `unix://${socket}`, '--pidfile', path.join(folder, 'dockerd.pid')],
    ...['--config-file', writeFile(folder, 'daemon.json', '{}\n')],
    ...['--iptables=false', '--bridge=none'],
  ]);
  await daemon.until('answer on its socket', () => answers(socket));
  const docker = engineDocker();
  return {
    env: {
      DOCKER_HOST: `unix://${socket}`,
      ...clientFolders(folder),
      ...(docker && docker !== onPath('docker') ? { STRATA_DOCKER: docker } : {}),
    },
    stop: daemon.stop,
  };
}

/** BuildKit with its OCI worker, and a buildx builder that reaches it. Needs no Docker Engine. */
export async function startBuildkitd(): Promise<BuildkitDaemon> {
  const runc = need('runc');
  const tools = installedTool('buildkit');
  const buildx = installedTool('buildx');
  if (!tools || !buildx) throw new Error('BuildKit is not installed: node scripts/tools.mjs buildkit buildx');
  const folder = newFolder('buildkitd');
  const address = `unix://${path.join(folder, 'buildkitd.sock')}`;
  const daemon = launch(folder, path.join(tools, 'buildkitd'), [
    ...['--config', writeFile(folder, 'buildkitd.toml', '')],
    ...['--root', path.join(folder, 'data'), '--addr', address],
    ...['--oci-worker=true', '--containerd-worker=false', '--oci-worker-net=host'],
    ...['--oci-worker-binary', runc],
    // What is forecast as cached must still be there, however full the disk is.
    '--oci-worker-gc=false',
    ...['--otel-socket-path', path.join(folder, 'otel.sock')],
  ]);
  const workers = ['--addr', address, 'debug', 'workers'];
  await daemon.until('answer on its socket', async () => {
    return (await run(path.join(tools, 'buildctl'), workers)).code === 0;
  });
  const builder = `strata-${randomBytes(4).toString('hex')}`;
  const env = { ...clientFolders(folder), BUILDX_BUILDER: builder };
  const created = await run(buildx, ['create', '--name', builder, '--driver', 'remote', address], { env });
  if (created.code !== 0) {
    await daemon.stop();
    throw new Error(`docker buildx create ended with ${created.code}: ${created.stderr}`);
  }
  return { env, address, builder, stop: daemon.stop };
}

/** The docker of this environment: the Engine's own where PATH has another version first. */
export function dockerCommand(env: Record<string, string>): string {
  return env.STRATA_DOCKER ?? 'docker';
}

/** Makes a small base image (busybox, users root and app) in the Engine, named `ref`. Without network. */
export async function importBase(daemon: Daemon, ref: string): Promise<void> {
  const changes = baseConfig.Env.map((entry) => `ENV ${entry}`).concat(
    `CMD ${JSON.stringify(baseConfig.Cmd)}`,
  );
  const args = ['import', ...changes.flatMap((change) => ['--change', change]), '-', ref];
  const imported = await run(dockerCommand(daemon.env), args, { env: daemon.env, input: baseLayer() });
  if (imported.code !== 0)
    throw new Error(`docker import ${ref} ended with ${imported.code}: ${imported.stderr}`);
}

/**
 * Writes the same base as an OCI layout into `dir` and returns what a build takes as its context:
 * `--build-context base=${context}` for `FROM base`. Needs no daemon.
 */
export function baseLayout(dir: string): { context: string; digest: string } {
  const blobs = path.join(dir, 'blobs', 'sha256');
  fs.mkdirSync(blobs, { recursive: true });
  const put = (mediaType: string, bytes: Buffer) => {
    fs.writeFileSync(path.join(blobs, sha256(bytes)), bytes);
    return { mediaType, digest: `sha256:${sha256(bytes)}`, size: bytes.length };
  };
  const putJson = (mediaType: string, value: unknown) => put(mediaType, Buffer.from(JSON.stringify(value)));

  const type = 'application/vnd.oci.image';
  const tar = baseLayer();
  const layer = put(`${type}.layer.v1.tar+gzip`, gzipSync(tar));
  const created = '1970-01-01T00:00:00Z';
  const config = putJson(`${type}.config.v1+json`, {
    architecture: { x64: 'amd64', ia32: '386' }[process.arch as string] ?? process.arch,
    os: 'linux',
    created,
    config: baseConfig,
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(tar)}`] },
    history: [
      { created, created_by: 'ADD rootfs.tar /' },
      { created, created_by: `CMD ${JSON.stringify(baseConfig.Cmd)}`, empty_layer: true },
    ],
  });
  const mediaType = `${type}.manifest.v1+json`;
  const manifest = putJson(mediaType, { schemaVersion: 2, mediaType, config, layers: [layer] });
  const named = { ...manifest, annotations: { 'org.opencontainers.image.ref.name': '1' } };
  writeFile(dir, 'oci-layout', JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  writeFile(dir, 'index.json', JSON.stringify({ schemaVersion: 2, manifests: [named] }));
  return { context: `oci-layout://${dir}@${manifest.digest}`, digest: manifest.digest };
}

/** Runs a command to its end, without a shell; a missing command or a passed deadline throws. */
export function run(
  command: string,
  args: string[],
  options: { env?: Record<string, string>; cwd?: string; input?: Buffer | string } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...options.env };
    const child = spawn(command, args, { cwd: options.cwd, env, timeout: commandMs, killSignal: 'SIGKILL' });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const [stdout, stderr] = [String(Buffer.concat(out)), String(Buffer.concat(err))];
      if (code === null) reject(new Error(`${command} ${args.join(' ')} was ended by ${signal}: ${stderr}`));
      else resolve({ code, stdout, stderr });
    });
    // The command may end without reading its input (EPIPE); its exit code tells.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input);
  });
}

/** Folders of the docker client: nothing of the user's is read or written, and buildx is a plugin there. */
export function clientFolders(folder: string): Record<string, string> {
  const config = path.join(folder, 'client');
  const plugins = path.join(config, 'cli-plugins');
  fs.mkdirSync(plugins, { recursive: true });
  const buildx = installedTool('buildx');
  if (buildx) fs.symlinkSync(buildx, path.join(plugins, 'docker-buildx'));
  return { DOCKER_CONFIG: config, BUILDX_CONFIG: path.join(config, 'buildx') };
}

/** Returns its path. */
export function writeFile(folder: string, name: string, text: string): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, text);
  return file;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The docker client of dockerd's own version, which has the classic builder and BuildKit built in. */
function engineDocker(): string | undefined {
  const version = (command: string) => {
    const told = spawnSync(command, ['--version'], { encoding: 'utf8' }).stdout ?? '';
    return /version ([\d.]+)/.exec(told)?.[1];
  };
  const dockerd = onPath('dockerd');
  const wanted = dockerd && version(dockerd);
  return wanted ? allOnPath('docker').find((docker) => version(docker) === wanted) : undefined;
}
