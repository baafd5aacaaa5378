// Which stages of a Dockerfile a builder runs, by its rules. Which of them ship is dockerfile/stageGraph.ts.
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import { reachableStages, targetStage } from '../dockerfile/stageGraph';
import type { BuildRules } from './model';

/** The classic builder runs every stage up to the target, needed or not; the others what the target needs. */
export function builtStages(
  dockerfile: Dockerfile,
  choice: BuildChoice,
  rules: BuildRules,
): ReadonlySet<number> {
  if (rules !== 'classic') return reachableStages(dockerfile, choice);
  const last = targetStage(dockerfile, choice) ?? dockerfile.stages.length - 1;
  return new Set(dockerfile.stages.slice(0, last + 1).map(({ index }) => index));
}
