// The snapshots of a containerd, asked by its own program ctr: which there are, what each takes, on what it stands. An
// image's layer is a committed snapshot named by its ChainID; a container's is an active one on top.
import { StrataError } from '../primitives/errors';
import type { Host, ProcessResult } from '../primitives/host';
import { engineStore } from './engineStore';

export interface ContainerdOptions {
  /** Socket; default: CONTAINERD_ADDRESS, else that of Docker where its images are there, else ctr's own. */
  address?: string;
  /** Default: CONTAINERD_NAMESPACE, else Docker's (`moby`) as above, else ctr's own; Kubernetes' is `k8s.io`. */
  namespace?: string;
  /** Default: Docker's as above, else ctr's own (`overlayfs`). */
  snapshotter?: string;
  /** The docker program that is asked for its containerd; default: as for all else. */
  docker?: string;
  /** Program to run; default: ctr on PATH. */
  ctr?: string;
  signal?: AbortSignal;
}

export interface ContainerdSnapshot {
  /** A ChainID for a layer of an image; any name for others. */
  key: string;
  /** Null at the bottom. */
  parent: string | null;
  kind: 'committed' | 'active' | 'view';
  /** What it takes on the disk, blocks and directories included; null when it was not told. */
  usedBytes: number | null;
  inodes: number | null;
}

const mostSnapshots = 10_000;
/** Somebody waits for it. */
const answerMs = 20_000;

/** Throws StrataError('no-daemon' | 'unreadable' | 'cancelled'). */
export async function listSnapshots(
  host: Host,
  options: ContainerdOptions = {},
): Promise<ContainerdSnapshot[]> {
  const { address, namespace, snapshotter } = { ...(await dockersOwn(host, options)), ...given(options) };
  const where = [
    ...(address === undefined ? [] : ['--address', address]),
    ...(namespace === undefined ? [] : ['--namespace', namespace]),
  ];
  const which = snapshotter === undefined ? [] : ['--snapshotter', snapshotter];
  const ask = (...args: string[]) => runCtr(host, [...where, 'snapshots', ...which, ...args], options);
  const [listed, used] = [await ask('ls'), await ask('usage', '-b')];
  const usage = new Map(rowsOf(used).map(([key = '', bytes, inodes]) => [key, { bytes, inodes }]));
  return rowsOf(listed)
    .slice(0, mostSnapshots)
    .flatMap((words) => {
      // The parent's column is empty at the bottom.
      const [key, second, third] = words;
      const kind = kindOf(third ?? second);
      if (key === undefined || !kind) return [];
      const known = usage.get(key);
      return {
        key,
        parent: third === undefined ? null : (second ?? null),
        kind,
        usedBytes: wholeNumber(known?.bytes),
        inodes: wholeNumber(known?.inodes),
      };
    });
}

/** Where Docker keeps its images, if nobody says where to look, and the socket is on this machine. */
async function dockersOwn(host: Host, options: ContainerdOptions): Promise<ContainerdOptions> {
  const { address, namespace, docker, signal } = options;
  const { CONTAINERD_ADDRESS, CONTAINERD_NAMESPACE } = host.environment;
  if (address || namespace || CONTAINERD_ADDRESS || CONTAINERD_NAMESPACE) return {};
  const { containerd = null } = (await engineStore(host, { docker, signal })) ?? {};
  if (!containerd) return {};
  const { address: own, ...rest } = containerd;
  if (own === null) return rest;
  // Else the engine runs on another machine.
  return (await isThere(host, own)) ? { ...rest, address: own } : {};
}

async function isThere(host: Host, path: string): Promise<boolean> {
  try {
    return (await host.files.stat(path)) !== null;
  } catch (error) {
    // Its folder is closed to this user, and ctr will say so.
    if (error instanceof StrataError) return true;
    throw error;
  }
}

function given({ address, namespace, snapshotter }: ContainerdOptions): ContainerdOptions {
  return {
    ...(address === undefined ? {} : { address }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(snapshotter === undefined ? {} : { snapshotter }),
  };
}

/** The rows of a table behind its head: keys and numbers hold no blanks. */
function rowsOf(output: string): string[][] {
  return output
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([first]) => first !== '');
}

function kindOf(word: string | undefined): ContainerdSnapshot['kind'] | null {
  const kind = word?.toLowerCase();
  return kind === 'committed' || kind === 'active' || kind === 'view' ? kind : null;
}

function wholeNumber(word: string | undefined): number | null {
  return word !== undefined && /^\d{1,15}$/.test(word) ? Number(word) : null;
}

async function runCtr(
  host: Host,
  args: string[],
  { ctr = 'ctr', signal }: ContainerdOptions,
): Promise<string> {
  let result: ProcessResult;
  try {
    result = await host.processes.run(ctr, args, { signal, timeoutMs: answerMs });
  } catch (error) {
    if (!(error instanceof StrataError) || error.code !== 'not-found') throw error;
    const message = `Asking containerd needs the ctr program, and '${ctr}' was not found.`;
    throw new StrataError('no-daemon', message, 'It comes with containerd.', error);
  }
  if (result.code === 0) return result.stdout;
  const said = result.stderr.trim().split('\n').at(-1)?.slice(0, 500) || `ctr ended with code ${result.code}`;
  const message = `Asking containerd for its snapshots: ${said}`.replace(/[^.?!]$/, '$&.');
  const unreachable = /connection refused|no such file|permission denied|context deadline/i.test(said);
  throw unreachable
    ? new StrataError('no-daemon', message, 'Name its socket in CONTAINERD_ADDRESS; it lets in root alone.')
    : new StrataError('unreadable', message);
}
