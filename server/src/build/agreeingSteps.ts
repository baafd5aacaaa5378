// Whether the steps of a log are of the text that is given, for builders that print each instruction as it stands: the
// classic one and buildah. BuildKit's names lose quotes and gain values; mapping/stageSteps.ts compares those.
import type { Dockerfile, Instruction } from '../dockerfile/model';
import { bareText } from './logBuilds';
import type { BuildRules, BuildStep } from './model';
import { buildahPlace } from './stepLine';

/** The steps without those that have another text than their line, and how many those are. */
export function agreeingSteps(
  steps: readonly BuildStep[],
  dockerfile: Dockerfile,
  rules: BuildRules,
): { steps: BuildStep[]; differ: number } {
  if (rules === 'buildkit') return { steps: [...steps], differ: 0 };
  const kept = steps.filter((step) => {
    // buildah prints the image that it found for a FROM.
    if (step.number === null || (rules === 'buildah' && step.keyword === 'FROM')) return true;
    const own =
      rules === 'classic'
        ? dockerfile.instructions[step.number - 1]
        : buildahInstruction(dockerfile, steps, step);
    return own === null || (own !== undefined && bareText(own.text) === bareText(step.name));
  });
  return { steps: kept, differ: steps.length - kept.length };
}

/** `[2/3] STEP 4/7`: null for a trigger of the base, which the file does not have; undefined for no line of it. */
function buildahInstruction(
  { stages, instructions }: Dockerfile,
  steps: readonly BuildStep[],
  step: BuildStep,
): Instruction | null | undefined {
  const at = buildahPlace(steps, step);
  if (at === null || at.place < 0) return null;
  return instructions[stages[at.stage]?.instructions[at.place] ?? -1];
}
