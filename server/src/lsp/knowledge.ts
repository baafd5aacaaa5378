// What the server knows of each open Dockerfile: reads its records when it opens, keeps the record of a new build, and
// measures its image in the background. Sizes appear as soon as any are known; files follow.

import path from 'node:path';
import * as l10n from '@vscode/l10n';
import { knowledgeOfRecord, nothingKnown } from '../analysis/knowledge';
import type { BuildRecord } from '../build/model';
import { buildBefore, platformsOfBuild, shownRecord } from '../build/platforms';
import { createRecordStore, recordsOf } from '../build/records';
import { openIndexStore } from '../layers/store';
import { keepFolder } from '../measure/buildPlan';
import {
  type Contents,
  contentsOfRecord,
  noContents,
  type OpenTools,
  type RecordedImage,
} from '../measure/contents';
import { type MeasureTools, measureRecord } from '../measure/measureRecord';
import { isCancelled } from '../primitives/errors';
import type { DocumentState } from './documents';
import { describeError } from './guard';
import { promiseKept } from './promises';
import type { Session, Stores } from './session';
import { pathOfUri } from './uris';
import { plainMessage } from './words';

export function openStores(session: Session, folder: string): Stores {
  const { host, connection, settings } = session;
  return {
    records: createRecordStore(host, folder),
    indexes: openIndexStore(host, folder, {
      maxBytes: settings.cache.maxBytes,
      onRefused: (error) =>
        connection.console.warn(
          l10n.t(
            'Strata cannot write to {0}: layers are indexed anew each time. {1}',
            folder,
            describeError(error),
          ),
        ),
    }),
    images: path.join(folder, 'images'),
  };
}

/** How images are opened: the person's programs, and where saved ones are kept; one folder for each Dockerfile. */
function openTools({ settings, stores }: Session, file: string | null): OpenTools {
  return {
    docker: settings.docker.path || undefined,
    podman: settings.podman.path || undefined,
    configs: stores ? path.join(stores.images, 'configs') : undefined,
    keep: stores
      ? path.join(
          file === null ? path.join(stores.images, 'others') : keepFolder(stores.images, file),
          'saved',
        )
      : undefined,
  };
}

/** What measures and opens images; `file` as for `openTools`. */
export function measureTools(session: Session, file: string | null): MeasureTools {
  const { host, indexer, stores } = session;
  return { host, indexer, store: stores?.indexes ?? null, ...openTools(session, file) };
}

/** The recorded builds of a Dockerfile, newest first. */
export function recordedBuilds({ host, stores }: Session, file: string): Promise<BuildRecord[]> {
  return recordsOf(host.files, stores?.records ?? null, file);
}

/** The files of a recorded build; `known`: the indexes of its layers, where they are at hand. */
export function contentsOf(
  session: Session,
  file: string,
  record: RecordedImage,
  known: Contents['indexes'] | null = null,
): Promise<Contents> {
  const { host, stores } = session;
  return contentsOfRecord(host, stores?.indexes ?? null, openTools(session, file), file, record, known);
}

/** Path on disk; null for a document that is elsewhere. */
export function filePath(document: DocumentState): string | null {
  return pathOfUri(document.uri);
}

/** Takes over the newest record that was built, its contents, and the failure of a later one. */
export async function loadKnowledge(session: Session, document: DocumentState): Promise<void> {
  const file = filePath(document);
  if (file === null) return;
  const records = await recordedBuilds(session, file);
  document.forecaster?.setRecords(records);
  const built = shownRecord(records, session.shownPlatform.get(document.uri) ?? null);
  const newest = records[0];
  document.setFailed(newest?.outcome === 'failed' ? newest : null);
  if (built) await showRecord(session, document, file, records, built);
  else document.know(newest ? knowledgeOfRecord(newest) : nothingKnown, null);
  session.changed(document);
}

/** The lines show this record of the Dockerfile's `records` from now on. */
export async function showRecord(
  session: Session,
  document: DocumentState,
  file: string,
  records: readonly BuildRecord[],
  record: BuildRecord,
): Promise<void> {
  document.know(knowledgeOfRecord(record), buildBefore(records, record), platformsOfBuild(records, record));
  document.contents = await contentsOf(session, file, record);
}

/**
 * Keeps the records of a build that has just ended, one for each platform, shows what is known at once of the one that
 * a person looks at, and measures the rest meanwhile.
 */
export async function adoptRecords(
  session: Session,
  document: DocumentState,
  file: string,
  records: readonly BuildRecord[],
): Promise<void> {
  const wanted = session.shownPlatform.get(document.uri) ?? null;
  const record = records.find(({ choice }) => choice.platform === wanted) ?? records[0];
  if (!record || record.outcome === 'cancelled') return;
  for (const one of records) await keepRecord(session, file, one);
  // The forecast goes by all builds; the newest may be another one's by now.
  const known = await recordedBuilds(session, file);
  document.forecaster?.setRecords(known);
  document.setFailed(record.outcome === 'failed' ? record : null);
  if (record.outcome === 'failed') {
    // What was measured before stays; without any, the cache facts of the failed build are better than nothing.
    if (!document.knowledge.image) document.know(knowledgeOfRecord(record), null);
    session.changed(document);
    return;
  }
  const platforms = records.flatMap(({ choice }) => choice.platform ?? []);
  const previous = buildBefore(known, record);
  document.reading = true;
  const measuring = measure(session, file, record, (glance) => {
    document.know(knowledgeOfRecord(glance), previous, platforms);
    document.contents = noContents;
    session.changed(document);
  });
  const others = records.filter((one) => one !== record);
  void finish(session, document, file, { previous, platforms, others }, measuring);
}

function measure(
  session: Session,
  file: string,
  record: BuildRecord,
  onGlance?: (record: BuildRecord) => void,
): Promise<BuildRecord> {
  return measureRecord(measureTools(session, file), record, { onGlance });
}

interface Beside {
  previous: BuildRecord | null;
  platforms: readonly string[];
  /** The records of the other platforms. */
  others: readonly BuildRecord[];
}

async function finish(
  session: Session,
  document: DocumentState,
  file: string,
  { previous, platforms, others }: Beside,
  measuring: Promise<BuildRecord>,
): Promise<void> {
  try {
    const record = await measuring;
    await keepRecord(session, file, record);
    document.know(knowledgeOfRecord(record), previous, platforms);
    document.contents = await contentsOf(session, file, record);
    const base = document.knowledge.mapping?.baseLayers.length ?? 0;
    const kept = promiseKept(session, document.uri, previous, record, base);
    if (kept !== null) void session.connection.window.showInformationMessage(plainMessage(kept));
    if (others.length > 0 && session.stores) {
      session.changed(document);
      for (const other of others) await keepRecord(session, file, await measure(session, file, other));
      // Another one may have been chosen meanwhile.
      await loadKnowledge(session, document);
    }
  } catch (error) {
    if (!isCancelled(error)) {
      session.connection.console.error(`measure: ${describeError(error)}`);
      void session.connection.window.showErrorMessage(plainMessage(describeError(error)));
    }
  } finally {
    document.reading = false;
    session.changed(document);
  }
}

/** A record that cannot be kept is told, and the measures are still shown. */
export async function keepRecord(session: Session, file: string, record: BuildRecord): Promise<void> {
  try {
    await session.stores?.records.add(file, record);
  } catch (error) {
    session.connection.console.error(`record: ${describeError(error)}`);
    void session.connection.window.showWarningMessage(
      plainMessage(l10n.t('The record of this build could not be kept: {0}', describeError(error))),
    );
  }
}

/** `strata/clearCache`: forgets records, indexes and kept images. */
export async function clearCache(session: Session): Promise<null> {
  const { stores } = session;
  if (!stores) return null;
  await stores.records.clear();
  await stores.indexes.clear();
  await session.host.files.remove(stores.images);
  for (const document of session.documents.values()) {
    document.know(nothingKnown, null);
    document.contents = noContents;
    await loadKnowledge(session, document);
  }
  return null;
}
