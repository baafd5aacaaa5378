// Builds that were made elsewhere, on a person's request: which ones docker buildx remembers, and one of them, or a
// file or an image that tells of one, shown on the lines as a build of ours would be. Never in an untrusted workspace.
import path from 'node:path';
import * as l10n from '@vscode/l10n';
import type { CancellationToken } from 'vscode-languageserver/node';
import type { Knowledge } from '../analysis/knowledge';
import { hasNoHistory, listBuilds } from '../build/history';
import type { BuildRecord } from '../build/model';
import { buildBefore, platformsOfBuild } from '../build/platforms';
import { SeveralTargets } from '../build/severalTargets';
import { translated } from '../describe/translate';
import { type Dockerfile, defaultChoice } from '../dockerfile/model';
import type { RecordedImage } from '../measure/contents';
import { type ImportedBuild, type ImportSources, importBuild } from '../measure/importBuild';
import { isCancelled, StrataError } from '../primitives/errors';
import type { ImportBuildParams, ImportBuildResult, PastBuildsParams, PastBuildsResult } from '../protocol';
import { ownersOf } from './buildOwners';
import { abortOf } from './cancellation';
import type { DocumentState } from './documents';
import { describeError } from './guard';
import { contentsOf, filePath, keepRecord, measureTools } from './knowledge';
import type { Session } from './session';
import { failureWords } from './words';

/** Of the newest builds it is asked which Dockerfile they were of: each that is not known yet costs a process. */
const mostInspected = 24;
const mostTargets = 200;
/** Clocks of the builder and of this machine differ a little. */
const clockMs = 2_000;

export async function pastBuilds(
  session: Session,
  { uri, since }: PastBuildsParams,
  token: CancellationToken,
): Promise<PastBuildsResult> {
  const document = session.documents.get(uri);
  const file = document && filePath(document);
  if (!session.trusted || !file) return { builds: [], why: session.trusted ? '' : untrusted() };
  const tools = { docker: session.settings.docker.path || undefined, signal: abortOf(token).signal };
  try {
    const all = await listBuilds(session.host, tools);
    const builds = all.filter(({ startedMs }) => since === null || startedMs >= since - clockMs);
    const owners = await ownersOf(session, tools, builds.slice(0, mostInspected));
    return {
      why: '',
      builds: builds.map(({ startedMs, ...build }) => {
        const owner = owners.get(build.ref) ?? null;
        return {
          ...build,
          started: new Date(startedMs).toISOString(),
          own: owner === null ? null : isSameFile(session, owner, file),
        };
      }),
    };
  } catch (error) {
    if (!(error instanceof StrataError) || !hasNoHistory(error)) throw error;
    return { builds: [], why: [error.message, error.hint].map(translated).filter(Boolean).join(' ') };
  }
}

function isSameFile({ host }: Session, a: string, b: string): boolean {
  const key = (file: string) =>
    host.os === 'windows' ? path.resolve(file).toLowerCase() : path.resolve(file);
  return key(a) === key(b);
}

const nothing = { hint: '', platform: null, platforms: [], bakeTargets: [] };

export async function importForDocument(
  session: Session,
  params: ImportBuildParams,
  token: CancellationToken,
): Promise<ImportBuildResult> {
  const refused = (message: string, hint = ''): ImportBuildResult => {
    return { ...nothing, outcome: 'refused', message, hint };
  };
  if (!session.trusted) return refused(untrusted(), l10n.t('Trust the workspace, then import again.'));
  const document = session.documents.get(params.uri);
  const file = document && filePath(document);
  if (!document || !file)
    return refused(l10n.t('Only for a Dockerfile that is saved on this machine’s disk.'));
  if (document.building) return refused(l10n.t('This Dockerfile is being built already.'));
  document.reading = true;
  session.changed(document);
  try {
    return await adopt(session, document, file, params, abortOf(token).signal);
  } catch (error) {
    if (isCancelled(error))
      return { ...nothing, outcome: 'cancelled', message: l10n.t('The import was cancelled.') };
    session.connection.console.error(`import: ${describeError(error)}`);
    const { message, hint } = failureWords(error);
    if (error instanceof SeveralTargets)
      return { ...refused(message), bakeTargets: error.targets.slice(0, mostTargets) };
    return refused(message, hint);
  } finally {
    document.reading = false;
    session.changed(document);
  }
}

async function adopt(
  session: Session,
  document: DocumentState,
  file: string,
  { source, platform, bakeTarget }: ImportBuildParams,
  signal: AbortSignal,
): Promise<ImportBuildResult> {
  const { dockerfile } = document.parsed();
  const none: ImportSources = { history: null, metadata: null, log: null, image: null };
  const imported = await importBuild(
    measureTools(session, file),
    {
      ...none,
      [source.kind]: source.value,
      text: dockerfile.text,
      name: path.basename(file),
      choice: platform === null ? null : { ...defaultChoice, platform },
      bakeTarget,
    },
    { signal, base: path.dirname(file) },
  );
  const { knowledge, record } = imported;
  const platforms = { platform: record?.choice.platform ?? null, platforms: [...imported.platforms] };
  if (knowledge.built && isOfAnother(knowledge.built, dockerfile)) {
    throw new StrataError(
      'usage',
      l10n.t('That build was of another Dockerfile: it has no line in common with this one.'),
      l10n.t('Open the Dockerfile that was built.'),
    );
  }
  if (record?.outcome === 'cancelled') {
    throw new StrataError('unreadable', l10n.t('That build did not come to its end.'), record.note ?? '');
  }
  if (record) await keepRecord(session, file, record);
  if (record?.outcome === 'failed') {
    document.setFailed(record);
    if (!document.knowledge.image) document.know(knowledge, null);
    const message = l10n.t('That build failed.');
    return { ...nothing, ...platforms, outcome: 'imported', message, hint: record.failure?.message ?? '' };
  }
  const records = (await session.stores?.records.list(file)) ?? [];
  document.setFailed(null);
  if (record) {
    const others = platformsOfBuild(records, record);
    document.know(knowledge, buildBefore(records, record), others);
    if (others.length > 1 && record.choice.platform !== null)
      session.shownPlatform.set(document.uri, record.choice.platform);
  } else document.know(knowledge, null);
  document.contents = await contentsOf(session, file, recordOfImage(imported), imported.indexes);
  const hint = noteOf(knowledge, record);
  return { ...nothing, ...platforms, outcome: 'imported', message: l10n.t('The build was imported.'), hint };
}

/** What an image's files are opened by; an image of which no build is known is its own record. */
function recordOfImage({ knowledge, record }: ImportedBuild): RecordedImage {
  if (record?.image) return record;
  const { image } = knowledge;
  const { id, choice } = record ?? { id: 'image', choice: defaultChoice };
  return { id, choice, image, imageReference: image?.reference ?? null };
}

function noteOf({ mapping }: Knowledge, record: BuildRecord | null): string {
  return [record?.note ?? '', ...(mapping?.disagreements ?? [])].map(translated).filter(Boolean).join(' ');
}

/** No line but FROM and ARG is in both: measures of one would have no place in the other. */
function isOfAnother(built: Dockerfile, now: Dockerfile): boolean {
  const own = ({ instructions }: Dockerfile) =>
    instructions.filter(({ keyword }) => keyword !== 'FROM' && keyword !== 'ARG').map(({ text }) => text);
  const known = new Set(own(now));
  const lines = own(built);
  return built.text !== now.text && lines.length > 0 && !lines.some((text) => known.has(text));
}

function untrusted(): string {
  return l10n.t('Strata imports no builds in a workspace that is not trusted: programs are run for it.');
}
