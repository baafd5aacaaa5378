// A real podman for tests, with an image storage of its own below os.tmpdir(). podman has no daemon. Driver vfs mounts
// nothing, so that stopping it is removing a folder; overlay builds faster: vfs waits for the next second at each layer.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Daemon } from './daemons';
import { unmountBelow } from './launch';

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

/** The same for builds by podman and buildah. */
export function buildahMissing(): string[] {
  const missing = podmanMissing();
  for (const [command, name] of [
    ['buildah', 'buildah'],
    ['busybox', 'busybox-static'],
  ] as const) {
    if (spawnSync(command, ['--help']).error) missing.push(`${command} (apt-get install ${name})`);
  }
  return missing;
}

export function startPodman(driver: 'vfs' | 'overlay' = 'vfs'): Podman {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'strata-podman-'));
  const conf = path.join(folder, 'storage.conf');
  const places = { driver, graphroot: path.join(folder, 'graph'), runroot: path.join(folder, 'run') };
  const lines = Object.entries(places).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  fs.writeFileSync(conf, ['[storage]', ...lines, ''].join('\n'));
  return {
    env: { CONTAINERS_STORAGE_CONF: conf, STORAGE_DRIVER: driver },
    stop: () => {
      // Overlay leaves some mounted between commands.
      unmountBelow(folder);
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** podman behind docker's commands, to which it answers. */
export function podmanAsDaemon(): Daemon {
  const { env, stop } = startPodman('overlay');
  return { env: { ...env, STRATA_DOCKER: '/usr/bin/podman' }, stop: async () => stop() };
}
