// Ties buildah's steps to lines: `[2/3] STEP 4/7: RUN x` is the fourth instruction of the second stage, its FROM the
// first. Triggers that fire at FROM stand between, and raise the total behind it (seen on buildah 1.28.2).
import type { BuildStep } from '../build/model';
import type { Dockerfile, Stage } from '../dockerfile/model';

export interface BuildahSteps {
  /** By instruction index; the steps of triggers are under their FROM, marked `onBuild`. */
  steps: Map<number, BuildStep[]>;
  /** How many triggers fired, by stage; absent for a stage of which no step but its FROM was seen. */
  fired: Map<number, number>;
}

export function buildahSteps(dockerfile: Dockerfile, steps: readonly BuildStep[]): BuildahSteps {
  const found: BuildahSteps = { steps: new Map(), fired: new Map() };
  const byStage = new Map<number, BuildStep[]>();
  for (const step of steps) {
    // Stages are counted as the file has them; those that the target does not need have no steps.
    const at = step.stage === null ? 0 : Number(/^\d+/.exec(step.stage)?.[0]) - 1;
    if (step.number !== null) byStage.set(at, [...(byStage.get(at) ?? []), step]);
  }
  for (const [at, own] of byStage) {
    const stage = dockerfile.stages[at];
    const tied = stage && tieStage(dockerfile, stage, own);
    if (!tied) continue;
    for (const [line, group] of tied.lines) found.steps.set(line, group);
    if (tied.triggers !== null) found.fired.set(at, tied.triggers);
  }
  return found;
}

/** Null if a step is of another keyword than its line. Beyond the last line `--label` adds a LABEL for each label. */
function tieStage({ instructions }: Dockerfile, stage: Stage, steps: readonly BuildStep[]) {
  const [from, ...others] = steps;
  if (from?.number !== 1 || from.keyword !== 'FROM') return null;
  const declared = from.total! - 1;
  const triggers = others.length === 0 ? null : others[0]!.total! - from.total!;
  if (declared < stage.instructions.length || (triggers ?? 0) < 0) return null;
  const lines = new Map<number, BuildStep[]>([[stage.from, [from]]]);
  for (const step of others) {
    const place = step.number! - 2 - (triggers ?? 0);
    const line = place < 0 ? stage.from : stage.instructions[place];
    if (place < 0) lines.get(stage.from)!.push({ ...step, onBuild: true });
    else if (line === undefined) {
      if (step.keyword !== 'LABEL') return null;
    } else {
      if (instructions[line]!.keyword !== step.keyword) return null;
      lines.set(line, [step]);
    }
  }
  return { lines, triggers };
}
