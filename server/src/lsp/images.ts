// The local engines' images as one tree of snapshots, for the view that shows what they share.
import * as l10n from '@vscode/l10n';
import type { Snapshot } from '../layers/sharing';
import { localImages } from '../measure/localImages';
import type { ImagesResult, SnapshotView } from '../protocol';
import { measureTools } from './knowledge';
import type { Session } from './session';

/** Of snapshots; a machine with more has other worries. */
const mostSnapshots = 5000;

/** Starts the engines' programs: only in a trusted workspace. */
export async function imageViews(session: Session, uri: string | null): Promise<ImagesResult> {
  const nothing = { snapshots: [], storedBytes: null, apartBytes: null };
  if (!session.trusted) return { ...nothing, why: l10n.t('Images are listed in trusted workspaces only.') };
  const { sharing, refusals } = await localImages(measureTools(session, null));
  const ours = uri === null ? undefined : session.documents.get(uri)?.knowledge.image?.layers;
  const own = new Set<string>(ours?.map(({ chainId }) => chainId));
  const snapshots: SnapshotView[] = [];
  const add = ({ chainId, diffId, bytes, images, tops, children }: Snapshot, parent: string | null): void => {
    if (snapshots.length >= mostSnapshots) return;
    snapshots.push({ chainId, diffId, parent, bytes, images, tops, ofThisImage: own.has(chainId) });
    for (const child of children) add(child, chainId);
  };
  for (const root of sharing.roots) add(root, null);
  const refused = refusals.map(({ message }) => message).join(' ');
  const why = snapshots.length > 0 ? '' : refused || l10n.t('There are no images yet.');
  return { snapshots, storedBytes: sharing.storedBytes, apartBytes: sharing.apartBytes, why };
}
