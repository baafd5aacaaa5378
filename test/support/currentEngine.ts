// A current Docker Engine for tests, with a containerd of its own that keeps its images: the one that people have, beside
// Debian's older one of daemons.ts. Both programs are built by scripts/tools.mjs; the client is the docker on PATH.
import * as path from 'node:path';
import { clientFolders, type Daemon, daemonsMissing, writeFile } from './daemons';
import { answers, launch, newFolder } from './launch';
import { installedTool } from './programs';

export interface CurrentEngine extends Daemon {
  /** What containerd keeps: blobs by their digests. Root alone may look into it. */
  readonly contentFolder: string;
  /** Socket of its containerd, for ctr. */
  readonly containerd: string;
  /** The ctr of that containerd. */
  readonly ctr: string;
}

/** What startCurrentEngine needs and this machine lacks, each with where it comes from. */
export function currentEngineMissing(): string[] {
  const missing = daemonsMissing();
  for (const name of process.platform === 'linux' ? ['moby', 'containerd'] : []) {
    if (!installedTool(name)) missing.push(`${name} (node scripts/tools.mjs ${name})`);
  }
  return missing;
}

/**
 * Builds need `--network none`: it has no bridge and writes no rules of iptables.
 * @param images `graph driver`: as engines kept them before, and do on machines that were upgraded
 */
export async function startCurrentEngine(
  images: 'containerd' | 'graph driver' = 'containerd',
): Promise<CurrentEngine> {
  const tools = ['moby', 'containerd'].map(installedTool);
  const [moby, containerd] = tools;
  if (!moby || !containerd)
    throw new Error('Docker Engine is not installed: node scripts/tools.mjs moby containerd');
  const folder = newFolder('engine');
  // Debian's runc 1.1 knows no namespace of time, which this Engine gives each container.
  const features = { 'time-namespaces': false, 'containerd-snapshotter': images === 'containerd' };
  const driver = images === 'containerd' ? {} : { 'storage-driver': 'overlay2' };
  const socket = path.join(folder, 'docker.sock');
  const daemon = launch(
    folder,
    path.join(moby, 'dockerd'),
    [
      ...['--data-root', path.join(folder, 'data'), '--exec-root', path.join(folder, 'exec')],
      ...['--host', `unix://${socket}`, '--pidfile', path.join(folder, 'dockerd.pid')],
      ...[
        '--config-file',
        writeFile(
          folder,
          'daemon.json',
          JSON.stringify({ features, ...driver, builder: { gc: { enabled: false } } }),
        ),
      ],
      ...['--iptables=false', '--ip6tables=false', '--bridge=none'],
    ],
    [containerd],
  );
  await daemon.until('answer on its socket', () => answers(socket));
  return {
    env: { DOCKER_HOST: `unix://${socket}`, ...clientFolders(folder) },
    contentFolder: path.join(folder, 'data/containerd/daemon/io.containerd.content.v1.content'),
    containerd: path.join(folder, 'exec/containerd/containerd.sock'),
    ctr: path.join(containerd, 'ctr'),
    stop: daemon.stop,
  };
}
