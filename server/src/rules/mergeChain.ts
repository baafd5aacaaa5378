// Which RUN steps of a Dockerfile can be one, and by which edits: the hazards of each, of what stands between them, and
// of their sharing a shell. Nothing is offered that is not sure; every no has its reason.
import type { BashParser } from '../dockerfile/bash';
import { perParser } from '../dockerfile/memo';
import type { Dockerfile, Instruction, TextEdit } from '../dockerfile/model';
import { uniteFlags } from './mergeMounts';
import { planMerge } from './mergePlan';
import { type ReadRun, readRun } from './mergeReading';
import { mergeScriptEdits } from './mergeScripts';
import { mergeEdits, sourceParts } from './mergeText';
import { workdirHazard } from './mergeWorkdir';
import { shellOf } from './runShell';

/** The edits, or why there are none: a sentence without a full stop. */
export type Merge = { edits: TextEdit[] } | { refusal: string };

/** Steps that go into one at the most: what is longer nobody would want, and each costs time at a keystroke. */
export const longestChain = 64;

/** Linux takes 128 KiB for one argument (MAX_ARG_STRLEN); a step's text is one. */
const longestCommand = 120_000;

/** Instructions that a RUN may be moved across: they change the image's configuration only, and no RUN sees them. */
const crossable = new Set([
  'LABEL',
  'EXPOSE',
  'STOPSIGNAL',
  'HEALTHCHECK',
  'CMD',
  'ENTRYPOINT',
  'MAINTAINER',
]);

/** The nearest RUN above in the stage with only such instructions between; else what stands in the way. */
export function runAbove(dockerfile: Dockerfile, run: Instruction): Instruction | string {
  for (let index = run.index - 1; index >= 0; index--) {
    const above = dockerfile.instructions[index]!;
    if (above.keyword === 'RUN' && above.stage === run.stage) return above;
    if (!crossable.has(above.keyword) || above.stage !== run.stage)
      return `the step above is ${above.keyword}`;
  }
  return 'no step stands above it';
}

const merges = perParser(() => new Map<string, Merge>());

/**
 * Merges two or more RUNs of one stage, in order, between which stands nothing that matters to them. Asked for often, so
 * that it is remembered.
 */
export function mergeRuns(
  dockerfile: Dockerfile,
  runs: readonly Instruction[],
  parser: BashParser | null,
): Merge {
  const known = merges(dockerfile, parser);
  const key = runs.map(({ index }) => index).join();
  const merge = known.get(key) ?? mergeOnce(dockerfile, runs, parser);
  known.set(key, merge);
  return merge;
}

function mergeOnce(dockerfile: Dockerfile, runs: readonly Instruction[], parser: BashParser | null): Merge {
  const reads = readsOf(dockerfile, runs, parser);
  const refusal = chainHazard(dockerfile, reads);
  if (refusal !== null) return { refusal };
  const united = sumHazard(dockerfile, reads);
  if ('refusal' in united) return united;
  const { errexit } = shellOf(dockerfile, runs[0]!);
  const plan = planMerge(
    reads.map(({ facts }) => facts),
    errexit,
  );
  const parts = sourceParts(dockerfile, reads, plan);
  if (!parts) return { refusal: 'a comment hides a part of a command' };
  if (reads[0]!.form === 'script') {
    const edits = mergeScriptEdits(dockerfile, parts, plan, united.flags);
    return typeof edits === 'string' ? { refusal: edits } : { edits };
  }
  const edits = mergeEdits(dockerfile, parts, plan, united.flags);
  return edits ? { edits } : { refusal: 'the joined text would not be read as one RUN' };
}

/** What only the whole of a chain decides: its flags, or why they do not go together, and its length. */
function sumHazard(dockerfile: Dockerfile, reads: readonly ReadRun[]): ReturnType<typeof uniteFlags> {
  let bytes = 0;
  for (const { run } of reads) bytes += Buffer.byteLength(dockerfile.text.slice(run.start, run.end));
  if (bytes > longestCommand) return { refusal: 'the joined text would be too long for one command' };
  return uniteFlags(reads);
}

/** Why the RUNs cannot share a step, whatever their flags and their formatting; null when they can. */
function chainHazard(dockerfile: Dockerfile, reads: readonly ReadRun[]): string | null {
  for (const [i, read] of reads.entries()) {
    const before = reads[i - 1];
    if (before) {
      const above = runAbove(dockerfile, read.run);
      if (above !== before.run) return typeof above === 'string' ? above : 'another RUN stands between them';
      if (shellOf(dockerfile, before.run).name !== shellOf(dockerfile, read.run).name)
        return 'their shells differ';
    }
    if (read.hazard !== null) return read.hazard;
    if (before && before.form !== read.form) {
      return `only one of lines ${before.run.line} and ${read.run.line} is a heredoc script`;
    }
    if (i < reads.length - 1) {
      const leaves = workdirHazard(dockerfile, read);
      if (leaves !== null) return `line ${read.run.line} ${leaves}`;
    }
  }
  return null;
}

/** An image takes 127 layers or so; a file with more steps than this is none that a build was made of. */
const mostSteps = 512;

/** RUNs that can become one, in order, two at least; as long as possible, each RUN in one chain at the most. */
export const chainsOf = perParser((dockerfile, parser): Instruction[][] => {
  const chains: Instruction[][] = [];
  let steps = 0;
  for (const { keyword } of dockerfile.instructions) if (keyword === 'RUN') steps++;
  if (steps > mostSteps) return chains;
  let chain: Instruction[] = [];
  const end = () => {
    if (chain.length > 1) chains.push(chain);
  };
  for (const run of dockerfile.instructions) {
    if (run.keyword !== 'RUN') continue;
    const last = chain.at(-1);
    const joins =
      last !== undefined &&
      chain.length < longestChain &&
      runAbove(dockerfile, run) === last &&
      'edits' in mergeRuns(dockerfile, [last, run], parser) &&
      (chain.length === 1 || 'flags' in sumHazard(dockerfile, readsOf(dockerfile, [...chain, run], parser)));
    if (joins) chain.push(run);
    else {
      end();
      chain = [run];
    }
  }
  end();
  return chains;
});

function readsOf(dockerfile: Dockerfile, runs: readonly Instruction[], parser: BashParser | null): ReadRun[] {
  return runs.map((run) => readRun(dockerfile, run, parser));
}
