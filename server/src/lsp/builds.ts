// Runs a build on a person's command: picks the builder, follows it line by line, keeps its record, then measures its
// image. Never in an untrusted workspace. What the build said is told once, with what to do next.
import * as l10n from '@vscode/l10n';
import type { CancellationToken } from 'vscode-languageserver/node';
import { type DetectOptions, detectBuilders, findBuilder } from '../build/detect';
import type { BuildProgress, BuildRecord, FoundBuilder, LineState } from '../build/model';
import { severalPlatforms } from '../build/platforms';
import { redact } from '../build/redact';
import { durationText } from '../describe/style';
import { translated } from '../describe/translate';
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import { parseDockerfile } from '../dockerfile/parse';
import { stepsOfLines } from '../mapping/lineSteps';
import { keepFolder } from '../measure/buildPlan';
import { buildRecords } from '../measure/buildRecords';
import { choiceOf, wordsFor } from '../measure/declared/declaredRequest';
import { isCancelled, StrataError } from '../primitives/errors';
import {
  type BuilderView,
  type BuildParams,
  type BuildProgressView,
  type BuildResult,
  notifications,
} from '../protocol';
import { abortOf } from './cancellation';
import { pickedBuild } from './declared';
import type { Building, DocumentState } from './documents';
import { sessionHashes } from './forecasts';
import { describeError } from './guard';
import { adoptRecords, recordedBuilds } from './knowledge';
import type { Session } from './session';
import { pathOfUri } from './uris';
import { failureWords } from './words';

/** A running build refreshes its hints at least this often, ms: seconds are shown. */
const tickMs = 1_000;

export async function runBuild(
  session: Session,
  params: BuildParams,
  token: CancellationToken,
): Promise<BuildResult> {
  const refused = (message: string, hint = ''): BuildResult => ({
    outcome: 'refused',
    message,
    hint,
    line: null,
  });
  if (!session.trusted) {
    return refused(
      l10n.t('Strata does not build in a workspace that is not trusted: a build runs its commands.'),
      l10n.t('Trust the workspace, then build again.'),
    );
  }
  const document = session.documents.get(params.uri);
  const file = pathOfUri(params.uri);
  if (!document || file === null) {
    return refused(l10n.t('Only a Dockerfile that is saved on this machine’s disk can be built.'));
  }
  if (document.building) return refused(l10n.t('This Dockerfile is being built already.'));
  try {
    return await build(session, document, file, params, abortOf(token));
  } catch (error) {
    if (isCancelled(error)) {
      return { outcome: 'cancelled', message: l10n.t('The build was cancelled.'), hint: '', line: null };
    }
    session.connection.console.error(`build: ${describeError(error)}`);
    const { message, hint } = failureWords(error);
    return refused(message, hint);
  } finally {
    document.building = null;
    tell(session, document, null);
    session.changed(document);
  }
}

async function build(
  session: Session,
  document: DocumentState,
  file: string,
  params: BuildParams,
  abort: AbortController,
): Promise<BuildResult> {
  const { host } = session;
  const text = await host.files.readText(file);
  if (text === null)
    throw new StrataError('not-found', l10n.t('{0} is not on disk.', file), l10n.t('Save it first.'));
  const building: Building = {
    abort,
    built: parseDockerfile(text),
    lines: new Map(),
    startedMs: host.now(),
    done: 0,
    total: 0,
  };
  document.building = building;
  tell(session, document, building);
  session.changed(document);
  const picked = await pickedBuild(session, params, file, abort.signal);
  const platforms = severalPlatforms(host, picked.asked.platform);
  const asked = { ...picked.asked, platform: platforms[0] ?? picked.asked.platform };
  const { context, choice } = choiceOf(host, picked.build, asked);
  const builder = await findBuilder(session.host, detectOptions(session, abort.signal));
  const { extraArguments, remarks } = wordsFor(picked.build, asked, builder.identity);
  // Addresses in it may bear a password.
  const log = (line: string) =>
    void session.connection.sendNotification(notifications.buildLog, { uri: params.uri, line: redact(line) });
  for (const remark of [...picked.build.problems, ...remarks]) log(remark);
  const tick = setInterval(() => {
    session.changed(document);
    tell(session, document, building);
  }, tickMs);
  let records: BuildRecord[];
  try {
    const images = session.stores?.images ?? (await host.files.makeTemporary('strata-image-'));
    const before = await recordedBuilds(session, file);
    document.buildContext = context;
    records = await buildRecords(
      host,
      builder,
      { dockerfile: building.built, records: before, hashes: sessionHashes(session) },
      {
        dockerfile: file,
        text,
        context,
        choice,
        ...(platforms.length > 0 ? { platforms } : {}),
        tag: null,
        noCache: params.noCache,
        keep: keepFolder(images, file),
        extraArguments,
      },
      {
        onProgress: (progress) => follow(session, document, building, builder, choice, progress),
        onLog: log,
      },
      abort.signal,
    );
  } finally {
    clearInterval(tick);
  }
  document.building = null;
  await adoptRecords(session, document, file, records);
  return resultOf(records[0]!);
}

function detectOptions({ settings }: Session, signal: AbortSignal): DetectOptions {
  return {
    prefer: settings.builder,
    programs: { docker: settings.docker.path, podman: settings.podman.path, buildah: settings.buildah.path },
    signal,
  };
}

/** `strata/builders`: what was found and why one cannot be used. */
export async function listBuilders(session: Session): Promise<BuilderView[]> {
  if (!session.trusted) return [];
  const found = await detectBuilders(session.host, detectOptions(session, AbortSignal.timeout(30_000)));
  return found.map(({ identity, unusable }) => ({
    kind: identity.kind,
    label: [identity.kind, identity.version].filter(Boolean).join(' '),
    usable: unusable === null,
    detail:
      unusable !== null
        ? translated(unusable)
        : [identity.engine, identity.instance, identity.driver].filter(Boolean).join(' · '),
  }));
}

/** Takes the builder's steps over to the lines. */
function follow(
  session: Session,
  document: DocumentState,
  building: Building,
  builder: FoundBuilder,
  choice: BuildChoice,
  progress: BuildProgress,
): void {
  const now = session.host.now();
  const lines = stepsOfLines(building.built, progress.steps, builder.identity.rules, choice);
  for (const [instruction, steps] of lines) {
    const state = stateOf(steps);
    const known = building.lines.get(instruction);
    const durationMs = state === 'building' || state === 'waiting' ? null : sumOfDurations(steps);
    building.lines.set(instruction, {
      state,
      since: known?.state === state ? known.since : now,
      durationMs,
    });
  }
  building.total = building.lines.size;
  building.done = [...building.lines.values()].filter(
    (line) => line.state !== 'waiting' && line.state !== 'building',
  ).length;
  session.changed(document);
  tell(session, document, building);
}

function stateOf(steps: BuildProgress['steps']): LineState {
  if (steps.some((step) => step.error !== null)) return 'failed';
  if (steps.every((step) => step.cached)) return 'cached';
  if (steps.every((step) => step.cached || step.durationMs !== null)) return 'done';
  return steps.some((step) => step.startedMs !== null && !step.cached) ? 'building' : 'waiting';
}

function sumOfDurations(steps: BuildProgress['steps']): number {
  return steps.reduce((total, step) => total + (step.cached ? 0 : (step.durationMs ?? 0)), 0);
}

function tell(session: Session, document: DocumentState, building: Building | null): void {
  const running = building ? [...building.lines].find(([, line]) => line.state === 'building') : undefined;
  const view: BuildProgressView = {
    uri: document.uri,
    running: building !== null,
    done: building?.done ?? 0,
    total: building?.total ?? 0,
    elapsedMs: building ? session.host.now() - building.startedMs : 0,
    label: running ? lineLabel(building!.built, running[0]) : '',
  };
  void session.connection.sendNotification(notifications.buildProgress, view);
}

function lineLabel(built: Dockerfile, index: number): string {
  const text = built.instructions[index]?.text.replace(/\s+/g, ' ') ?? '';
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function resultOf(record: BuildRecord): BuildResult {
  switch (record.outcome) {
    case 'cancelled':
      return { outcome: 'cancelled', message: l10n.t('The build was cancelled.'), hint: '', line: null };
    case 'failed':
      return {
        outcome: 'failed',
        message: record.failure ? translated(record.failure.message) : l10n.t('The build failed.'),
        hint: translated(record.failure?.hint ?? ''),
        line: record.failure?.line ?? null,
      };
    case 'built':
      return {
        outcome: 'built',
        message: l10n.t('Built in {0}.', durationText(record.durationMs)),
        hint: translated(record.note ?? ''),
        line: null,
      };
  }
}
