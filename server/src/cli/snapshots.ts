// `strata snapshots`: the layers of all local images as one tree, each stored once; with --containerd, the snapshots that
// containerd keeps of them.

import { type ContainerdSnapshot, listSnapshots } from '../image/containerd';
import type { Engine } from '../image/engines';
import { type Sharing, type Snapshot, savedBytes } from '../layers/sharing';
import { localImages } from '../measure/localImages';
import { formatBytes } from '../primitives/bytes';
import { commonOptions, parseWords, readFormat, usage } from './args';
import type { Cli } from './cli';
import { json } from './openMeasured';
import { clean } from './reportText';
import { openStores } from './stores';

export async function snapshotsCommand(cli: Cli, args: string[]): Promise<number> {
  const options = {
    ...commonOptions,
    engine: { type: 'string' },
    containerd: { type: 'boolean', default: false },
    address: { type: 'string' },
    namespace: { type: 'string' },
    snapshotter: { type: 'string' },
  } as const;
  const { values } = parseWords('snapshots', args, options, 0);
  const format = readFormat('snapshots', values.format, ['text', 'json']);
  const stores = await openStores(cli, values['no-store']);
  try {
    const tools = { host: cli.host, store: stores.indexes };
    const { sharing, refusals } = await localImages(tools, engines(values.engine), cli.signal);
    const { address, namespace, snapshotter } = values;
    const kept = values.containerd
      ? await listSnapshots(cli.host, { address, namespace, snapshotter, signal: cli.signal })
      : null;
    if (sharing.roots.length === 0 && refusals[0] && !kept) throw refusals[0];
    if (format === 'json') cli.out(json(report(sharing, kept)));
    else {
      for (const { message } of refusals) cli.err(`strata: ${message}\n`);
      cli.out(text(sharing, kept));
    }
    return 0;
  } finally {
    await stores.close();
  }
}

function engines(name: string | undefined): Engine[] {
  if (name === undefined) return ['docker', 'podman'];
  if (name === 'docker' || name === 'podman') return [name];
  throw usage('snapshots', `--engine is docker or podman, not '${name}'`);
}

function report(sharing: Sharing, kept: readonly ContainerdSnapshot[] | null) {
  const byKey = new Map(kept?.map((one) => [one.key, one]));
  const snapshots: object[] = [];
  const walk = (one: Snapshot, parent: string | null): void => {
    const { chainId, diffId, bytes, images, tops } = one;
    const stored = byKey.get(chainId) ?? null;
    snapshots.push({
      chainId,
      diffId,
      parent,
      bytes,
      images,
      tops,
      savedBytes: savedBytes(one),
      containerd: stored,
    });
    for (const child of one.children) walk(child, chainId);
  };
  for (const root of sharing.roots) walk(root, null);
  const { storedBytes, apartBytes } = sharing;
  return {
    schema: 1,
    snapshots,
    containerd: kept,
    totals: {
      storedBytes,
      apartBytes,
      savedBytes: storedBytes === null || apartBytes === null ? null : apartBytes - storedBytes,
    },
  };
}

/** Docker puts a snapshot of its own, `ID-init`, between that of a container and its image's [moby v2.0.0-beta.24]. */
function standsOn(
  { key, parent }: ContainerdSnapshot,
  byKey: ReadonlyMap<string, ContainerdSnapshot>,
): string | null {
  return parent === `${key}-init` ? (byKey.get(parent)?.parent ?? null) : parent;
}

/** A tree as `git log --graph` people know it: a line a snapshot, what stands on it further in. */
function text(
  { roots, storedBytes, apartBytes }: Sharing,
  kept: readonly ContainerdSnapshot[] | null,
): string {
  const byKey = new Map(kept?.map((one) => [one.key, one]));
  const lines: string[] = [];
  const walk = (one: Snapshot, head: string, indent: string): void => {
    const stored = byKey.get(one.chainId);
    const parts = [
      one.chainId.slice('sha256:'.length, 'sha256:'.length + 12),
      one.bytes === null ? '' : formatBytes(one.bytes),
      stored?.usedBytes == null ? '' : `${formatBytes(stored.usedBytes)} on disk`,
      one.tops.map(clean).join(', '),
      one.images.length > 1 ? `in ${one.images.length} images` : '',
    ];
    lines.push(`${head}${parts.filter(Boolean).join('  ')}`);
    const above = (kept ?? []).filter(
      (other) => other.kind !== 'committed' && standsOn(other, byKey) === one.chainId,
    );
    const rows = one.children.length + above.length;
    one.children.forEach((child, at) => {
      const last = at === rows - 1;
      walk(child, `${indent}${last ? '└─ ' : '├─ '}`, `${indent}${last ? '   ' : '│  '}`);
    });
    above.forEach(({ key, kind, usedBytes }, at) => {
      const last = one.children.length + at === rows - 1;
      const size = usedBytes === null ? '' : `  ${formatBytes(usedBytes)} on disk`;
      lines.push(`${indent}${last ? '└─ ' : '├─ '}${clean(key)}  ${kind}${size}`);
    });
  };
  for (const root of roots) walk(root, '', '');
  if (roots.length === 0) lines.push('There are no images.');
  if (storedBytes !== null && apartBytes !== null && apartBytes > 0) {
    const saved = formatBytes(apartBytes - storedBytes);
    lines.push(
      '',
      `${formatBytes(storedBytes)} stored; sharing saves ${saved} of ${formatBytes(apartBytes)}.`,
    );
  }
  return `${lines.join('\n')}\n`;
}
