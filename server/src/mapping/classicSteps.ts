// Ties the steps of the classic builder to lines: `Step 3/7 : RUN x` counts all instructions of the file in order, the
// global ARGs and FROMs too, up to the end of the target stage (moby builder.go, dispatchDockerfileWithCancellation).
import type { BuildStep } from '../build/model';
import type { Dockerfile } from '../dockerfile/model';

/** By instruction index; the step of the triggers that fired at a FROM is under that FROM. Empty if the counts differ. */
export function classicSteps(dockerfile: Dockerfile, steps: readonly BuildStep[]): Map<number, BuildStep[]> {
  const total = steps.find((step) => step.total !== null)?.total ?? 0;
  const ends = dockerfile.stages.map((stage) => Math.max(stage.from, ...stage.instructions.slice(-1)) + 1);
  for (const end of ends.toReversed()) {
    const found = end <= total ? tieUpTo(dockerfile, steps, end) : null;
    if (found) return found;
  }
  return new Map();
}

/** Null if a step is of another keyword than its line. Beyond the target `--label` adds a LABEL for each label. */
function tieUpTo(
  { instructions }: Dockerfile,
  steps: readonly BuildStep[],
  end: number,
): Map<number, BuildStep[]> | null {
  const found = new Map<number, BuildStep[]>();
  let line = -1;
  for (const step of steps) {
    if (step.number === null) {
      if (step.onBuild) found.get(line)?.push(step);
    } else if (step.number > end) {
      if (step.keyword !== 'LABEL') return null;
    } else {
      line = step.number - 1;
      if (instructions[line]?.keyword !== step.keyword) return null;
      found.set(line, [...(found.get(line) ?? []), step]);
    }
  }
  return found;
}
