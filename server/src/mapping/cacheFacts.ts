// What the last build did with each line: taken from the cache, run, or no question of the cache at all. Read from the
// builder's steps alone; what the next build will do is the forecast's business.
import { builtStages } from '../build/builtStages';
import type { BuildRecord, BuildStep } from '../build/model';
import type { BuildChoice, Dockerfile, Instruction } from '../dockerfile/model';
import { isCacheable } from './emits';
import type { CacheFact, LineFacts } from './model';
import { workdirsOf } from './workdirs';

export type CacheFacts = Pick<LineFacts, 'cache' | 'durationMs' | 'error'> & { why: string | null };

/**
 * One for each instruction.
 * @param steps by instruction index
 * @param stepless lines of which the builder's steps told that they have none
 * @param open why the steps of a stage could not be tied to its lines, a sentence; by stage
 */
export function cacheFacts(
  dockerfile: Dockerfile,
  record: BuildRecord | null,
  steps: ReadonlyMap<number, readonly BuildStep[]>,
  stepless: ReadonlySet<number>,
  choice: BuildChoice,
  open: (stage: number) => string | null = () => null,
): CacheFacts[] {
  const rules = record?.builder.rules ?? 'buildkit';
  const built = builtStages(dockerfile, choice, rules);
  const workdirs = workdirsOf(dockerfile, choice);
  return dockerfile.instructions.map((instruction) => {
    const { index, keyword, stage } = instruction;
    const isRoot = stage === null ? null : (workdirs[stage]?.get(instruction)?.isRoot ?? null);
    const own = steps.get(index) ?? [];
    const error = errorOf(record, instruction, own);
    // A global ARG is read, not built, by every builder.
    if (stage === null || !isCacheable(keyword, rules, isRoot) || stepless.has(index)) {
      return { cache: 'not-cacheable', durationMs: null, error, why: null };
    }
    const skipped =
      record && !built.has(stage) ? 'The target does not need this stage, so it was not built.' : null;
    const told = cacheOf(makersOf(own));
    const isDoubtful =
      told === 'hit' &&
      record?.outcome === 'failed' &&
      rules === 'buildkit' &&
      !hasRunAfter(dockerfile, instruction, steps);
    const cache = isDoubtful ? 'unknown' : told;
    const why = skipped ?? (cache === 'unknown' && own.length === 0 ? open(stage) : null);
    return { cache, durationMs: cache === 'miss' ? durationOf(own) : null, error, why };
  });
}

/**
 * Whether a later line of the stage was begun: its builder then had this one's result. BuildKit calls steps cached too
 * that a build which failed never came to [BuildKit 0.34.2].
 */
function hasRunAfter(
  { instructions }: Dockerfile,
  { index, stage }: Instruction,
  steps: ReadonlyMap<number, readonly BuildStep[]>,
): boolean {
  return instructions.some(
    (later) => later.stage === stage && later.index > index && (steps.get(later.index) ?? []).some(wasBegun),
  );
}

/**
 * The steps that make what a line leaves. ADD of an address has a step for each download, which runs in each build to ask
 * the server; the step that copies takes them as inputs, so that it begins last [BuildKit 0.34 and 0.8]. The order in
 * which steps are named tells nothing: 0.34 names this one first.
 */
function makersOf(steps: readonly BuildStep[]): readonly BuildStep[] {
  const adds = steps.filter(({ keyword, linkMerge }) => keyword === 'ADD' && !linkMerge);
  const begin = ({ startedMs }: BuildStep) => startedMs ?? Number.POSITIVE_INFINITY;
  const copy = adds.reduce<BuildStep | null>(
    (latest, step) => (latest && begin(latest) > begin(step) ? latest : step),
    null,
  );
  return adds.length < 2 ? steps : steps.filter((step) => !adds.includes(step) || step === copy);
}

/** Steps of one line count together: `COPY --link` is a hit if neither its copy nor its merge ran. */
function cacheOf(steps: readonly BuildStep[]): CacheFact {
  if (steps.length === 0) return 'unknown';
  if (steps.every((step) => step.cached)) return 'hit';
  // A step that was never started, or was given up since another failed, tells nothing.
  return steps.some((step) => wasBegun(step) && !wasGivenUp(step)) ? 'miss' : 'unknown';
}

function wasBegun({ cached, startedMs }: BuildStep): boolean {
  return !cached && startedMs !== null;
}

function durationOf(steps: readonly BuildStep[]): number | null {
  const ran = steps.filter((step) => !step.cached && step.durationMs !== null);
  return ran.length === 0 ? null : ran.reduce((sum, step) => sum + step.durationMs!, 0);
}

function errorOf(
  record: BuildRecord | null,
  { line, endLine }: Instruction,
  steps: readonly BuildStep[],
): string | null {
  const failed = steps.find((step) => step.error !== null && !wasGivenUp(step));
  if (failed) return failed.error;
  const failure = record?.failure;
  return failure?.line != null && failure.line >= line && failure.line <= endLine ? failure.message : null;
}

/** BuildKit's words for a step that it stopped because another failed or the build was cancelled. */
function wasGivenUp({ error }: BuildStep): boolean {
  return error?.endsWith('context canceled') ?? false;
}
