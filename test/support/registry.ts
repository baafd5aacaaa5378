// A real registry for tests: Debian's docker-registry on a free port of 127.0.0.1, in a folder of its own below
// os.tmpdir(), stopped by process id. Images come to it through skopeo, from an OCI layout.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface TestRegistry {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly user: string;
  readonly password: string;
  /** Copies an image (or all of an index) from an OCI layout to `repository:tag`. */
  fill(layout: string, repository: string): void;
  stop(): Promise<void>;
}

const startMs = 30_000;
const user = 'reader';
const password = 'päss:word';
/** As `htpasswd -nbB` writes it for the two above. */
const passwordLine = 'reader:$2y$05$.ETV6GSQcoSxiHXqnPTQROe3qsXLnY4It2euSE70zwjiLQM1UfgBu';

/** What startRegistry needs and this machine lacks, each with where it comes from. */
export function registryMissing(): string[] {
  const packages = { 'docker-registry': 'docker-registry', skopeo: 'skopeo' };
  return Object.entries(packages)
    .filter(([command]) => spawnSync(command, ['--help'], { stdio: 'ignore' }).error)
    .map(([command, name]) => `${command} (apt-get install ${name})`);
}

/** @param withPassword whoever reads must sign in (Basic) */
export async function startRegistry(withPassword = false): Promise<TestRegistry> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'strata-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  const log = fs.openSync(path.join(folder, 'log'), 'w');
  const config = writeConfig(folder, host, withPassword);
  const child = spawn('docker-registry', ['serve', config], { cwd: folder, stdio: ['ignore', log, log] });
  fs.closeSync(log);
  try {
    await answering(child, host, folder);
  } catch (error) {
    await end(child, folder);
    throw error;
  }
  return {
    host,
    user,
    password,
    fill(layout, repository) {
      const sign = withPassword ? ['--dest-creds', `${user}:${password}`] : [];
      run('skopeo', [
        ...['--insecure-policy', 'copy', '--all', '--preserve-digests', '--dest-tls-verify=false'],
        ...[...sign, `oci:${layout}`, `docker://${host}/${repository}`],
      ]);
    },
    stop: () => end(child, folder),
  };
}

function writeConfig(folder: string, host: string, withPassword: boolean): string {
  const config: Record<string, unknown> = {
    version: '0.1',
    log: { level: 'warn' },
    storage: { filesystem: { rootdirectory: path.join(folder, 'data') } },
    http: { addr: host },
  };
  if (withPassword) {
    const file = path.join(folder, 'htpasswd');
    fs.writeFileSync(file, `${passwordLine}\n`);
    config.auth = { htpasswd: { realm: 'test', path: file } };
  }
  // JSON is YAML.
  const file = path.join(folder, 'config.yml');
  fs.writeFileSync(file, JSON.stringify(config));
  return file;
}

async function answering(child: ChildProcess, host: string, folder: string): Promise<void> {
  const deadline = Date.now() + startMs;
  for (;;) {
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error(`The registry did not start.\n${fs.readFileSync(path.join(folder, 'log'), 'utf8')}`);
    }
    const status = await fetch(`http://${host}/v2/`).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200 || status === 401) return;
    await delay(50);
  }
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
  fs.rmSync(folder, { recursive: true, force: true });
}

function run(program: string, args: string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Error(`${program} ${args[0]}: ${error?.message ?? stderr}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
