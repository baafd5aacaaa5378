// One build of a log, read with the reader of its form: steps, image, how it ended. Which lines are its, and whether its
// steps are of the text that is given, is not decided here.
import { createBuildahReader } from './buildahProgress';
import { createClassicReader } from './classicProgress';
import { createExportReader } from './exportFacts';
import { type ImportedPart, noImageFacts } from './importedPart';
import type { LogBuild, LogForm } from './logBuilds';
import { timeOf } from './logLines';
import { ownLines } from './logTarget';
import type { BuildRules, BuildStep } from './model';
import { createPlainReader } from './plainProgress';
import { type ProgressReader, wasCancelled } from './progress';
import { createRawjsonReader } from './rawjson';
import { keepWords } from './words';

/**
 * @param lines of the whole log, without the prefixes of the CI system; `times` of each as the CI system wrote them
 * @param target of bake, null for a build of one target
 * @param writtenMs stands for times that the log does not tell
 */
export function readLogBuild(
  build: LogBuild,
  lines: readonly string[],
  times: readonly (string | null)[],
  target: string | null,
  writtenMs: number,
): Pick<ImportedPart, 'image' | 'outcome' | 'words'> & { steps: BuildStep[] } {
  /** Of the newest line that has one. */
  let at: string | null = null;
  let reached = 0;
  /** Never goes back: lines of two streams, and jobs on two machines, may stand in any order. */
  const clock = () => {
    reached = Math.max(reached, at === null ? writtenMs : (timeOf(at) ?? reached));
    return reached;
  };
  const own = target === null ? (line: string) => line : ownLines(target);
  const chosen = lines.slice(build.from, build.to).map(own);
  const reader = readerOf(build.form, clock);
  const facts = createExportReader(rulesOf(build.form));
  const words = keepWords();
  let isBuilt = false;
  let error: string | null = null;
  for (const [index, line] of chosen.entries()) {
    at = times[build.from + index] ?? at;
    if (line === null) continue;
    facts.take(line);
    if (/^Successfully (?:built|tagged) \S+$|^[0-9a-f]{64}$/.test(line)) isBuilt = true;
    if (isLastWord(build.form, line)) error = line;
    if (!reader.take(line) && line.trim() !== '') words.take(line);
  }
  if (isBuilt) error = null;
  if (error !== null) reader.fail?.(error);
  const steps = reader.steps();
  const failed = error !== null || steps.some((step) => step.error !== null && !wasCancelled(step));
  const isBuildkit = rulesOf(build.form) === 'buildkit';
  const isFailed = failed || (isBuildkit && isRefused(words.lines()));
  const hasTimes = at !== null || build.form === 'rawjson';
  return {
    steps: hasTimes ? steps : steps.map((step) => withoutTimes(step, build.form)),
    image: { ...noImageFacts, ...facts.facts() },
    outcome: isFailed
      ? ('failed' as const)
      : (isBuildkit ? isOver(steps) : isBuilt)
        ? ('built' as const)
        : ('unfinished' as const),
    words: isFailed ? [...words.lines(), ...(error === null ? [] : [error])] : [],
  };
}

export function rulesOf(form: LogForm): BuildRules {
  return form === 'classic' || form === 'buildah' ? form : 'buildkit';
}

interface LogReader extends ProgressReader {
  fail?(error: string): void;
}

function readerOf(form: LogForm, now: () => number): LogReader {
  if (form === 'rawjson') return createRawjsonReader();
  if (form === 'plain') return createPlainReader(now);
  if (form === 'classic') return createClassicReader(now);
  const reader = createBuildahReader(now);
  // Both streams are one here: what comes on stderr has marks of its own.
  const isOfStderr =
    /^(?:Error: |subprocess exited |time="|Trying to pull |Getting image |Copying (?:blob|config) |Writing manifest |Storing sign)/;
  return { ...reader, take: (line) => (isOfStderr.test(line) ? reader.takeError(line) : reader.take(line)) };
}

/** How a builder without vertexes ends that failed [Docker Engine 20.10.24, buildah 1.28.2]: on stderr, mixed in here. */
function isLastWord(form: LogForm, line: string): boolean {
  if (form === 'buildah') return /^Error: /.test(line);
  if (form !== 'classic') return false;
  return /^The command '.*' returned a non-zero code: \d+$|^(?:COPY|ADD) failed: |^failed to /s.test(line);
}

function isRefused(words: readonly string[]): boolean {
  return words.some((line) =>
    /^(?:ERROR: |error: )?(?:failed to (?:build|solve)|target \S+: failed to solve)/.test(line),
  );
}

/** The image was exported, or at least nothing that was begun is left open. */
function isOver(steps: readonly BuildStep[]): boolean {
  const isDone = (step: BuildStep) => step.cached || step.durationMs !== null;
  return (
    steps.some((step) => /^exporting to /.test(step.name) && isDone(step)) ||
    (steps.length > 0 && steps.every(isDone))
  );
}

/** `DONE 1.2s` is BuildKit's own measure; all else was taken by a clock that the log does not have. */
function withoutTimes(step: BuildStep, form: LogForm): BuildStep {
  const isMeasured = form === 'plain' && step.error === null && !step.cached;
  return { ...step, durationMs: step.cached || isMeasured ? step.durationMs : null };
}
