// The builds that buildx remembers (`docker buildx history`, buildx 0.20 and BuildKit 0.11 on): which there are. What
// one of them tells is importHistory.ts's. Nothing is built, and no builder is started for it.
import * as path from 'node:path';
import { dockerProgram } from '../image/dockerCli';
import { isCancelled, StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { type Fields, parseFields, text, time } from './jsonFields';
import { asSentence, firstWords } from './words';

export interface HistoryTools {
  /** The docker program; default: STRATA_DOCKER, else docker on PATH. */
  docker?: string;
  /** The buildx builder instance; default: the current one. */
  builder?: string;
  signal?: AbortSignal;
}

export interface PastBuild {
  /** `builder/node/id`, or the id alone: what importHistory takes. */
  ref: string;
  /** As buildx names it: folder of the context, Dockerfile when it is another, target: `web/api.Dockerfile (prod)`. */
  name: string;
  status: 'completed' | 'failed' | 'cancelled' | 'running';
  /** ms since 1970, by the builder's clock. */
  startedMs: number;
  /** Null while it runs. */
  durationMs: number | null;
  steps: number;
  cachedSteps: number;
}

const answerMs = 20_000;
const mostBuilds = 500;
const longestName = 1024;
const refPattern = /^[\w.-]{1,256}(?:\/[\w.-]{1,256}){0,2}$/;

/**
 * Newest first, at most 500.
 * @throws StrataError 'unsupported' for a buildx without history, 'no-builder' when it does not answer, 'not-found'
 * without docker, 'cancelled'
 */
export async function listBuilds(host: Host, tools: HistoryTools = {}): Promise<PastBuild[]> {
  const answer = await runHistory(host, tools, ['ls', ...builderFlag(tools.builder), '--format', 'json']);
  return answer
    .split('\n')
    .flatMap((line) => pastBuild(parseFields(line) ?? {}) ?? [])
    .sort((a, b) => b.startedMs - a.startedMs)
    .slice(0, mostBuilds);
}

function pastBuild(value: Fields): PastBuild | null {
  const ref = text(value.ref, longestName);
  const started = time(value.created_at);
  if (ref === null || !refPattern.test(ref) || started === null) return null;
  const completed = time(value.completed_at);
  return {
    ref,
    name: text(value.name, longestName) ?? '',
    status: statusOf(text(value.status, longestName) ?? '', completed),
    startedMs: started,
    durationMs: completed === null ? null : Math.max(0, completed - started),
    steps: count(value.total_steps),
    cachedSteps: count(value.cached_steps),
  };
}

/** `Completed`, `Error`, `Canceled`, `Running` (buildx commands/history/utils.go). */
function statusOf(status: string, completed: number | null): PastBuild['status'] {
  if (/^cancel/i.test(status)) return 'cancelled';
  if (/^(?:error|failed)/i.test(status)) return 'failed';
  return completed === null || /^running/i.test(status) ? 'running' : 'completed';
}

/** What `docker buildx history inspect` tells of one build. */
export async function inspectBuild(host: Host, tools: HistoryTools, ref: string): Promise<Fields> {
  const { id, builder } = splitRef(ref, tools);
  const answer = await runHistory(host, tools, [
    'inspect',
    ...builderFlag(builder),
    ...['--format', 'json', id],
  ]);
  const value = parseFields(answer);
  if (value) return value;
  throw new StrataError(
    'unsupported',
    `buildx told of build ${id} in a form that Strata does not know.`,
    'Use buildx 0.21 or newer.',
  );
}

/** Absolute path of the Dockerfile that a build was of; null when it came from elsewhere or nobody knows. */
export async function dockerfileOfBuild(
  host: Host,
  tools: HistoryTools,
  ref: string,
): Promise<string | null> {
  const told = await inspectBuild(host, tools, ref);
  const context = text(told.Context, longestName);
  const dockerfile = text(told.Dockerfile, longestName);
  if (context === null || dockerfile === null || dockerfile === '-' || /^\w+:\/\/|^git@/.test(context))
    return null;
  // Both are told relative to where buildx runs, if they lie below it [buildx 0.38]; `runHistory` says where.
  const folder = path.resolve(historyFolder, context);
  return path.resolve(folder, dockerfile);
}

/** Folder in which `docker buildx history` is run: the root, so that nothing depends on ours. */
export const historyFolder = path.parse(process.cwd()).root;

/** A ref names its builder; the commands that look at one build take the id alone [buildx 0.38: `no record found`]. */
export function splitRef(ref: string, tools: HistoryTools): { id: string; builder: string | undefined } {
  if (!refPattern.test(ref))
    throw new StrataError('usage', `'${ref.slice(0, 80)}' is no reference of a build.`);
  const parts = ref.split('/');
  return { id: parts.at(-1)!, builder: tools.builder ?? (parts.length === 3 ? parts[0] : undefined) };
}

export function builderFlag(builder: string | undefined): string[] {
  return builder === undefined ? [] : [`--builder=${builder}`];
}

/** Runs `docker buildx history ARGS` and gives what it prints on standard output. */
export async function runHistory(host: Host, tools: HistoryTools, args: readonly string[]): Promise<string> {
  const program = historyProgram(host, tools);
  const options = { cwd: historyFolder, signal: tools.signal, timeoutMs: answerMs };
  const result = await host.processes.run(program, ['buildx', 'history', ...args], options);
  if (result.code === 0) return result.stdout;
  throw refusal(result.code === null, result.stderr);
}

export function historyProgram(host: Host, { docker }: HistoryTools): string {
  return dockerProgram(host, { docker });
}

/** What docker said when it refused, as an error of ours. */
export function refusal(isLate: boolean, stderr: string): StrataError {
  const said = firstWords(stderr);
  if (isLate)
    return new StrataError('no-builder', `buildx did not tell its history within ${answerMs / 1000} s.`);
  if (/no record found|record not found/.test(said)) {
    return new StrataError(
      'not-found',
      `buildx remembers no such build: ${asSentence(said)}`,
      'See strata history.',
    );
  }
  if (/unknown (?:command|flag|shorthand)|is not a docker command|unknown docker command/i.test(said)) {
    return new StrataError(
      'unsupported',
      `This docker does not tell past builds: ${asSentence(said)}`,
      'They need buildx 0.21 or newer.',
    );
  }
  if (/code = Unimplemented|unknown (?:method|service)/i.test(stderr)) {
    return new StrataError(
      'unsupported',
      `This builder keeps no history: ${asSentence(said)}`,
      'It needs BuildKit 0.11, or Docker Engine 24.',
    );
  }
  return new StrataError(
    'no-builder',
    `buildx could not tell its history: ${asSentence(said || 'no reason')}`,
  );
}

/** True when there is simply no history to be had: no docker, no buildx, an old one, a builder that is not there. */
export function hasNoHistory(error: unknown): boolean {
  if (isCancelled(error)) return false;
  return error instanceof StrataError && /^(?:unsupported|no-builder|not-found)$/.test(error.code);
}

function count(value: unknown): number {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : 0;
}
