// Which Dockerfile each past build of buildx was of. That costs a process for each build and never changes once the build
// has ended: what was told is remembered for as long as the server runs, a refusal is not.
import { dockerfileOfBuild, type HistoryTools, type PastBuild } from '../build/history';
import { isCancelled, StrataError } from '../primitives/errors';
import type { Session } from './session';

const atOnce = 4;
/** The builder itself forgets its older builds. */
const mostKept = 2_000;

/** Absolute path of the Dockerfile by ref; null for one that came from elsewhere. */
const kept = new WeakMap<Session, Map<string, string | null>>();

/** By ref; null where nobody knows. @throws StrataError 'cancelled' */
export async function ownersOf(
  session: Session,
  tools: HistoryTools,
  builds: readonly Pick<PastBuild, 'ref' | 'status'>[],
): Promise<Map<string, string | null>> {
  const known = keptOf(session);
  const owners = new Map<string, string | null>();
  for (let from = 0; from < builds.length; from += atOnce) {
    const some = builds.slice(from, from + atOnce);
    await Promise.all(
      some.map(async ({ ref, status }) => {
        const owner = known.has(ref) ? known.get(ref)! : await told(session, tools, ref);
        owners.set(ref, owner ?? null);
        // What a running build tells may not be all yet.
        if (owner !== undefined && status !== 'running') keep(known, ref, owner);
      }),
    );
  }
  return owners;
}

/** Undefined when it could not be told this time. */
async function told(session: Session, tools: HistoryTools, ref: string): Promise<string | null | undefined> {
  try {
    return await dockerfileOfBuild(session.host, tools, ref);
  } catch (error) {
    if (isCancelled(error) || !(error instanceof StrataError)) throw error;
    return undefined;
  }
}

function keptOf(session: Session): Map<string, string | null> {
  const found = kept.get(session) ?? new Map<string, string | null>();
  kept.set(session, found);
  return found;
}

function keep(known: Map<string, string | null>, ref: string, owner: string | null): void {
  // Last used, last forgotten.
  known.delete(ref);
  known.set(ref, owner);
  const oldest = known.keys().next();
  if (known.size > mostKept && !oldest.done) known.delete(oldest.value);
}
