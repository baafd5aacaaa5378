// Ties the steps of the classic builder to lines: `Step 3/7 : RUN x` counts all instructions of the file in order, the
// global ARGs and FROMs too, up to the end of the target stage (moby builder.go, dispatchDockerfileWithCancellation).
import type { BuildStep } from '../build/model';
import type { Dockerfile } from '../dockerfile/model';

/** By instruction index; the step of the triggers that fired at a FROM is under that FROM. Empty if the counts differ. */
export function classicSteps(dockerfile: Dockerfile, steps: readonly BuildStep[]): Map<number, BuildStep[]> {
  const found = new Map<number, BuildStep[]>();
  const { instructions, stages } = dockerfile;
  const total = steps.find((step) => step.total !== null)?.total ?? null;
  // `docker build --label` adds one LABEL to the last stage.
  const ends = stages.map((stage) => Math.max(stage.from, ...stage.instructions.slice(-1)) + 1);
  if (total === null || !ends.some((end) => total === end || total === end + 1)) return found;
  let line = -1;
  for (const step of steps) {
    if (step.number === null) {
      if (step.onBuild && line >= 0) found.get(line)?.push(step);
      continue;
    }
    const instruction = instructions[step.number - 1];
    if (instruction?.keyword !== step.keyword) {
      if (step.number === total && step.keyword === 'LABEL') continue;
      return new Map();
    }
    line = instruction.index;
    found.set(line, [...(found.get(line) ?? []), step]);
  }
  return found;
}
