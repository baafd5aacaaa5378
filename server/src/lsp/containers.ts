// The containers that a person can look into: those of the Dockerfile's last build first.
import { translated } from '../describe/translate';
import { containersOf } from '../measure/containerContents';
import type { ContainersResult } from '../protocol';
import { documentOf } from './diffs';
import { measureTools } from './knowledge';
import type { Session } from './session';
import { forgetContainers } from './states';

/** Starts the engines' programs: only in a trusted workspace. */
export async function containerViews(session: Session, uri: string): Promise<ContainersResult> {
  if (!session.trusted) return { containers: [], why: '' };
  forgetContainers(session);
  const ours = documentOf(session, uri).knowledge.image?.layers.map(({ diffId }) => diffId) ?? [];
  const { containers, refusals } = await containersOf(measureTools(session, null));
  const views = containers.map(({ engine, id, name, image, state, diffIds }) => ({
    ...{ engine, id, name, image, state },
    ofThisImage: ours.length > 0 && ours.join() === diffIds.join(),
  }));
  const first = views.filter(({ ofThisImage }) => ofThisImage);
  const why = containers.length === 0 ? refusals.map(({ message }) => translated(message)).join(' ') : '';
  return { containers: [...first, ...views.filter(({ ofThisImage }) => !ofThisImage)], why };
}
