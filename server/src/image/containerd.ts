// The snapshots of a containerd, asked by its own program ctr: which there are, what each takes, on what it stands. An
// image's layer is a committed snapshot named by its ChainID; a container's is an active one on top.
import { StrataError } from '../primitives/errors';
import type { Host, ProcessResult } from '../primitives/host';

export interface ContainerdOptions {
  /** Socket; default: CONTAINERD_ADDRESS, else ctr's own. */
  address?: string;
  /** Default: CONTAINERD_NAMESPACE, else ctr's own (`default`); Docker's is `moby`, Kubernetes' `k8s.io`. */
  namespace?: string;
  /** Default: ctr's own (`overlayfs`). */
  snapshotter?: string;
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
  const { address, namespace, snapshotter } = options;
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
