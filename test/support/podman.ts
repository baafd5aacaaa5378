// A real podman for tests, with an image storage of its own below os.tmpdir(). Driver vfs: it mounts nothing, so that
// stopping it is removing a folder. podman has no daemon.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

export interface Podman {
  /** To be merged over process.env; skopeo's `containers-storage:` follows it, too. */
  readonly env: Record<string, string>;
  stop(): void;
}

/** What startPodman and copies by skopeo need and this machine lacks, each with where it comes from. */
export function podmanMissing(): string[] {
  if (process.platform !== 'linux') return ['Linux'];
  const missing = process.getuid?.() === 0 ? [] : ['root (podman keeps the owners of files)'];
  for (const command of ['podman', 'skopeo', 'crun']) {
    if (spawnSync(command, ['--version']).error) missing.push(`${command} (apt-get install ${command})`);
  }
  return missing;
}

export function startPodman(): Podman {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'strata-podman-'));
  const conf = path.join(folder, 'storage.conf');
  const places = { driver: 'vfs', graphroot: path.join(folder, 'graph'), runroot: path.join(folder, 'run') };
  const lines = Object.entries(places).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  fs.writeFileSync(conf, ['[storage]', ...lines, ''].join('\n'));
  return {
    env: { CONTAINERS_STORAGE_CONF: conf, STORAGE_DRIVER: 'vfs' },
    stop: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}
