// The recorded builds of a Dockerfile as a list to choose from: when, how long, how big, how much came from the cache,
// and whether their files can still be compared.

import { knowledgeOfRecord } from '../analysis/knowledge';
import type { BuildRecord } from '../build/model';
import { platformOf } from '../build/platforms';
import { translated } from '../describe/translate';
import { cacheTotals } from '../mapping/mapLayers';
import { areFilesKnown } from '../measure/contents';
import { sum } from '../primitives/sum';
import type { RecordView } from '../protocol';
import { filePath, recordedBuilds } from './knowledge';
import type { Session } from './session';

export async function recordViews(session: Session, uri: string): Promise<RecordView[]> {
  const document = session.documents.get(uri);
  const file = document && filePath(document);
  if (!document || !file) return [];
  const records = await recordedBuilds(session, file);
  return Promise.all(records.map((record) => view(session, file, record, document.knowledge.record?.id)));
}

async function view(
  session: Session,
  file: string,
  record: BuildRecord,
  shown: string | undefined,
): Promise<RecordView> {
  const { mapping } = knowledgeOfRecord(record);
  const totals = mapping && cacheTotals(mapping);
  return {
    id: record.id,
    started: record.started,
    outcome: record.outcome,
    builder: [record.builder.kind, record.builder.version].filter(Boolean).join(' '),
    platform: platformOf(record),
    durationMs: record.durationMs,
    imageBytes: record.image && sum(record.image.layers.map(({ unpackedBytes }) => unpackedBytes)),
    layers: record.image?.layers.length ?? null,
    cacheableSteps: totals?.cacheable ?? null,
    cachedSteps: totals?.cached ?? null,
    shown: record.id === shown,
    comparable: await areFilesKnown(session.host, session.stores?.indexes ?? null, file, record),
    note: record.note === null ? null : translated(record.note),
  };
}
