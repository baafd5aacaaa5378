// Which platform the lines show of a build that was for several: the one that a person chose of this Dockerfile, as long
// as the server runs, else the first. Chooses among records; what they tell is knowledge.ts.

import type { BuildRecord } from '../build/model';
import { ofSameBuild } from '../build/platforms';
import { sum } from '../primitives/sum';
import type { PlatformsParams, PlatformsResult } from '../protocol';
import type { DocumentState } from './documents';
import { filePath, recordedBuilds, showRecord } from './knowledge';
import type { Session } from './session';

/** `strata/platforms`: what the shown build was for; with `choose` the lines show that one from now on. */
export async function platformViews(session: Session, params: PlatformsParams): Promise<PlatformsResult> {
  const document = session.documents.get(params.uri);
  const file = document && filePath(document);
  if (!document || !file) return { platforms: [] };
  const records = await recordedBuilds(session, file);
  const shown = document.knowledge.record;
  const build = shown ? ofSameBuild(records, shown) : [];
  if (build.length < 2) return { platforms: [] };
  const picked = build.find(({ choice }) => choice.platform === params.choose);
  if (picked) await show(session, document, file, records, picked);
  return {
    platforms: build.flatMap(({ choice, image, id }) =>
      choice.platform === null
        ? []
        : {
            platform: choice.platform,
            bytes: image && sum(image.layers.map(({ unpackedBytes }) => unpackedBytes)),
            shown: id === document.knowledge.record?.id,
          },
    ),
  };
}

async function show(
  session: Session,
  document: DocumentState,
  file: string,
  records: readonly BuildRecord[],
  record: BuildRecord,
): Promise<void> {
  if (record.choice.platform !== null) session.shownPlatform.set(document.uri, record.choice.platform);
  // One that is still being read is shown when that is done.
  if (document.knowledge.record?.id === record.id || !record.image) return;
  await showRecord(session, document, file, records, record);
  session.changed(document);
}
