// `strata build`: a real build with live progress per line, its record kept, then the report of analyze.
import path from 'node:path';
import { knowledgeOfRecord } from '../analysis/knowledge';
import { findBuilder } from '../build/detect';
import type { BuilderKind, BuildProgress, BuildRecord, BuildRules } from '../build/model';
import { severalPlatforms } from '../build/platforms';
import { recordsOf } from '../build/records';
import { instructionTitle } from '../describe/layerTitle';
import { durationText } from '../describe/style';
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import { parseDockerfile } from '../dockerfile/parse';
import { stepsOfLines } from '../mapping/lineSteps';
import { keepFolder } from '../measure/buildPlan';
import { buildRecords } from '../measure/buildRecords';
import { choiceOf, wordsFor } from '../measure/declared/declaredRequest';
import { measureRecord } from '../measure/measureRecord';
import { recordForProject } from '../measure/recordForProject';
import { StrataError } from '../primitives/errors';
import { printAnalysis } from './analyze';
import {
  commonOptions,
  dockerfileOptions,
  parseWords,
  readChoice,
  readDockerfile,
  readFormat,
  usage,
} from './args';
import type { Cli } from './cli';
import { declaredFrom, listDeclared } from './declared';
import { progressLine } from './progress';
import { clean } from './reportText';
import { openStores } from './stores';

const builderKinds: readonly BuilderKind[] = ['buildx', 'docker', 'podman', 'buildah'];

export async function buildCommand(cli: Cli, args: string[]): Promise<number> {
  const options = {
    ...commonOptions,
    ...dockerfileOptions,
    builder: { type: 'string' },
    tag: { type: 'string' },
    'no-cache': { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    note: { type: 'string' },
    'builder-arg': { type: 'string', multiple: true },
    from: { type: 'string' },
    list: { type: 'boolean', default: false },
  } as const;
  const { values, positionals } = parseWords('build', args, options, 1);
  const format = readFormat('build', values.format, ['text', 'json']);
  if (values.image !== undefined) throw usage('build', '--image goes with analyze');
  const given = readChoice(cli, 'build', values);
  const file = await readDockerfile(cli, positionals[0]);
  if (values.list) {
    await listDeclared(cli, file.path, format);
    return 0;
  }
  const declared = await declaredFrom(cli, values.from, file.path);
  const platforms = severalPlatforms(cli.host, given.platform);
  const asked = {
    ...given,
    platform: platforms[0] ?? given.platform,
    context: values.context === undefined ? null : path.resolve(cli.workingDirectory, values.context),
    extraArguments: values['builder-arg'] ?? [],
  };
  const { context, choice } = choiceOf(cli.host, declared, asked);
  const prefer = readBuilder(values.builder);
  const builder = await findBuilder(cli.host, { prefer, programs: {}, signal: cli.signal });
  const { extraArguments, remarks } = wordsFor(declared, asked, builder.identity);
  for (const remark of [...declared.problems, ...remarks]) cli.err(`strata: ${clean(remark)}\n`);
  const stores = await openStores(cli, values['no-store']);
  const progress = progressLine(cli, !values['no-progress']);
  try {
    const built = parseDockerfile(file.text);
    const records = await buildRecords(
      cli.host,
      builder,
      { dockerfile: built, records: await recordsOf(cli.host.files, stores.records, file.path) },
      {
        dockerfile: file.path,
        text: file.text,
        context,
        choice,
        ...(platforms.length > 0 ? { platforms } : {}),
        tag: values.tag ?? null,
        noCache: values['no-cache'],
        keep: keepFolder(stores.images, file.path),
        extraArguments,
      },
      {
        onProgress: (state) => progress.show(progressText(built, state, builder.identity.rules, choice)),
        onLog: (line) => {
          if (!cli.terminal && !values['no-progress']) cli.err(`${clean(line)}\n`);
        },
      },
      cli.signal,
    );
    const [record, ...others] = await keepEach(cli, stores, file.path, records, values.note, progress);
    if (!record) throw new StrataError('cancelled', 'The build was cancelled.');
    for (const { choice: other } of others)
      cli.err(`strata: built for ${other.platform} too: strata analyze --platform ${other.platform}\n`);
    if (values.record && record.outcome === 'built')
      await recordForProject(cli.host, stores.indexes, file.path, record);
    await printAnalysis(cli, format, built, knowledgeOfRecord(record), file.shown, record.choice);
    if (record.outcome === 'failed') throw failure(record);
    return 0;
  } finally {
    progress.clear();
    await stores.close();
  }
}

/** Measures and keeps the records of one build; none of a build that was cancelled. */
async function keepEach(
  cli: Cli,
  { indexes, records: store }: Awaited<ReturnType<typeof openStores>>,
  file: string,
  records: readonly BuildRecord[],
  note: string | undefined,
  progress: ReturnType<typeof progressLine>,
): Promise<BuildRecord[]> {
  progress.clear();
  const kept: BuildRecord[] = [];
  for (const told of records) {
    if (told.outcome === 'cancelled') continue;
    let record = note === undefined ? told : { ...told, note: [note, told.note].filter(Boolean).join(' ') };
    if (record.outcome === 'built') record = await measure(cli, indexes, record, progress.show);
    progress.clear();
    await store?.add(file, record);
    kept.push(record);
  }
  return kept;
}

function readBuilder(name: string | undefined): 'auto' | BuilderKind {
  if (name === undefined) return 'auto';
  const kind = builderKinds.find((one) => one === name);
  if (kind) return kind;
  throw new StrataError(
    'no-builder',
    `Strata knows no builder '${name}'.`,
    `It can use ${builderKinds.join(', ')}.`,
  );
}

function measure(
  cli: Cli,
  store: Parameters<typeof measureRecord>[0]['store'],
  record: BuildRecord,
  show: (text: string) => void,
): Promise<BuildRecord> {
  return measureRecord({ host: cli.host, indexer: cli.indexer, store }, record, {
    signal: cli.signal,
    onProgress: ({ done, total }) => show(`reading layers ${done}/${total}`),
  });
}

/** `4/8 · 31 s · RUN make`. */
function progressText(
  built: Dockerfile,
  { steps, elapsedMs }: BuildProgress,
  rules: BuildRules,
  choice: BuildChoice,
): string {
  const lines = [...stepsOfLines(built, steps, rules, choice)];
  const done = lines.filter(([, list]) =>
    list.every((step) => step.cached || step.durationMs !== null),
  ).length;
  const running = lines.find(([, list]) =>
    list.some((step) => step.startedMs !== null && step.durationMs === null && !step.cached),
  );
  const title = running ? clean(instructionTitle(built.instructions[running[0]]!)) : '';
  return [`${done}/${lines.length}`, durationText(elapsedMs), title].filter(Boolean).join(' · ');
}

function failure(record: BuildRecord): StrataError {
  const { failure: found } = record;
  const last =
    found && found.lastLines.length > 0
      ? `\n${found.lastLines.map((line) => `  ${clean(line)}`).join('\n')}\n`
      : '';
  const message = found?.message ?? 'The build failed.';
  // Most messages name the line themselves.
  const named = found?.line == null || new RegExp(`\\bline ${found.line}\\b`).test(message);
  const where = named ? '' : ` (line ${found.line})`;
  return new StrataError('build-failed', `${message}${where}${last}`, found?.hint ?? '');
}
