// What lines of several Dockerfiles take from their build contexts, where the answer decides whether stages share them: each
// context is walked once for each ignore file. Bounded in time and bytes; a line that is too much stays open.
import { selectAll } from '../context/contentKey';
import { createHashes } from '../context/hashes';
import { findIgnoreFile } from '../context/ignoreFile';
import type { ContextSnapshot } from '../context/model';
import { walkContext } from '../context/walk';
import type { KnownContent } from '../forecast/cacheGraph';
import { contextSources } from '../forecast/contextSources';
import { isCancelled } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { contentsIn } from './contextContents';
import type { WorkspaceFile } from './workspaceStages';

/** For all Dockerfiles together: somebody waits for the answer. */
const longestMs = 20_000;
const mostBytes = 512 * 1024 ** 2;
const mostEntries = 200_000;

/**
 * By file, then by instruction; what is not known is not there.
 * @param lines which instructions of which files are asked for
 * @throws StrataError 'cancelled'
 */
export async function sharedContents(
  host: Host,
  files: readonly WorkspaceFile[],
  lines: ReadonlyMap<number, ReadonlySet<number>>,
  signal?: AbortSignal,
): Promise<Map<number, KnownContent>[]> {
  const deadline = host.now() + longestMs;
  const hashes = createHashes(host);
  const snapshots = new Map<string, ContextSnapshot>();
  let bytes = 0;

  const snapshotOf = async ({ path: dockerfile, context: root }: WorkspaceFile): Promise<ContextSnapshot> => {
    const request = { dockerfile, rules: 'buildkit' } as const;
    const ignore = await findIgnoreFile(host, { ...request, context: root });
    const key = `${root}\0${ignore?.path ?? ''}`;
    const limits = { entries: mostEntries, ms: Math.max(1, deadline - host.now()) };
    const found = snapshots.get(key) ?? (await walkContext(host, { ...request, root, signal, limits }));
    snapshots.set(key, found);
    return found;
  };

  const contentsOf = async (file: WorkspaceFile, wanted: ReadonlySet<number>) => {
    const found = new Map<number, KnownContent>();
    // As the classic builder, which builds all stages: those that no target needs are looked at, too.
    const asked = contextSources(file.dockerfile, file.choice, file.extraArguments, 'classic');
    const sources = asked.filter(({ instruction }) => wanted.has(instruction));
    if (sources.length === 0 || host.now() > deadline) return found;
    const snapshot = await snapshotOf(file);
    if (!snapshot.complete) return found;
    const fitting = sources.filter((source) => {
      const more = (selectAll(snapshot, source) ?? []).reduce((sum, { entry }) => sum + entry.size, 0);
      if (bytes + more > mostBytes) return false;
      bytes += more;
      return true;
    });
    for (const { instruction, key } of await contentsIn(snapshot, fitting, { hashes, signal })) {
      found.set(instruction, { key, parts: null });
    }
    return found;
  };

  const all: Map<number, KnownContent>[] = [];
  for (const [at, file] of files.entries()) {
    const wanted = lines.get(at);
    try {
      all.push(wanted ? await contentsOf(file, wanted) : new Map());
    } catch (error) {
      if (isCancelled(error)) throw error;
      // A context that cannot be read leaves its lines open.
      all.push(new Map());
    }
  }
  return all;
}
