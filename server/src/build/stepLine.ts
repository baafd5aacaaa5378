// The line of the Dockerfile that a step stands for, where a builder that does not print it leaves no doubt about it.
// Used for errors and to compare texts alone: layers are tied to lines by mapping/, with named evidence.
import type { Dockerfile, Instruction, Stage } from '../dockerfile/model';
import type { BuildRules, BuildStep } from './model';

/** 1-based; null unless it is certain. */
export function lineOfStep(
  dockerfile: Dockerfile,
  rules: BuildRules,
  steps: readonly BuildStep[],
  step: BuildStep,
): number | null {
  const base = loadedBase(step.name);
  if (base !== null) return lineOfBase(dockerfile, base);
  const instruction =
    rules === 'classic'
      ? classicInstruction(dockerfile, steps, step)
      : rules === 'buildah'
        ? buildahInstruction(dockerfile, steps, step)
        : buildkitInstruction(dockerfile, step);
  return instruction?.line ?? null;
}

/** The image of `[internal] load metadata for docker.io/library/alpine:3`; null for any other step. */
export function loadedBase(stepName: string): string | null {
  return /^\[[^\]]*\] load metadata for (\S+)$/.exec(stepName)?.[1] ?? null;
}

function lineOfBase(dockerfile: Dockerfile, reference: string): number | null {
  const stage = dockerfile.stages.find(
    ({ base }) => base.kind === 'image' && fullName(base.reference) === fullName(reference),
  );
  return stage?.line ?? null;
}

/** As the docker client completes names (distribution/reference, ParseDockerRef): registry, `library`, tag. */
function fullName(reference: string): string {
  const slash = reference.indexOf('/');
  const host = reference.slice(0, Math.max(0, slash));
  const hasHost = /[.:]/.test(host) || host === 'localhost';
  const path = hasHost ? reference.slice(slash + 1) : reference;
  const named = `${hasHost ? host : 'docker.io'}/${hasHost || path.includes('/') ? '' : 'library/'}${path}`;
  return /[@:]/.test(path) ? named : `${named}:latest`;
}

/** The classic builder numbers global ARGs, FROMs and all instructions of all stages as they stand (builder.go). */
function classicInstruction(
  dockerfile: Dockerfile,
  steps: readonly BuildStep[],
  step: BuildStep,
): Instruction | null {
  // Triggers of a base have no number: they belong to the FROM before them.
  const numbered = step.onBuild
    ? steps.slice(0, steps.indexOf(step)).findLast((other) => other.number)
    : step;
  const instruction = dockerfile.instructions[(numbered?.number ?? 0) - 1];
  return instruction && instruction.keyword === numbered?.keyword ? instruction : null;
}

/** Triggers of the base belong to the FROM that they fire at. */
function buildahInstruction(
  { stages, instructions }: Dockerfile,
  steps: readonly BuildStep[],
  step: BuildStep,
): Instruction | null {
  const at = buildahPlace(steps, step);
  const stage = at && stages[at.stage];
  if (!stage) return null;
  const instruction = instructions[at.place < 0 ? stage.from : (stage.instructions[at.place] ?? -1)];
  return instruction && (at.place < 0 || instruction.keyword === step.keyword) ? instruction : null;
}

/**
 * The index of the stage of a step `[2/3] STEP 4/7`, and its place among the stage's instructions: negative for FROM and
 * for the base's triggers, which stand behind FROM and raise the total [buildah 1.28.2]. Null where no FROM is told.
 */
export function buildahPlace(
  steps: readonly BuildStep[],
  { stage, number, total }: BuildStep,
): { stage: number; place: number } | null {
  const from = steps.find((other) => other.stage === stage && other.number === 1);
  if (!from || number === null) return null;
  const triggers = (total ?? 0) - (from.total ?? 0);
  return { stage: stage === null ? 0 : Number.parseInt(stage, 10) - 1, place: number - 2 - triggers };
}

/**
 * BuildKit's numbers shift with ONBUILD triggers of the base, which the file does not show and old versions do not
 * count in the total. So the text decides if it occurs once in the stage, else the keyword if that does.
 */
function buildkitInstruction(dockerfile: Dockerfile, step: BuildStep): Instruction | null {
  const stage = dockerfile.stages.length === 1 ? dockerfile.stages[0] : stageNamed(dockerfile, step.stage);
  if (!stage || step.keyword === null || step.onBuild) return null;
  if (step.keyword === 'FROM') return dockerfile.instructions[stage.from] ?? null;
  const same = stage.instructions
    .map((index) => dockerfile.instructions[index])
    .filter((instruction) => instruction?.keyword === step.keyword);
  const text = step.name.replace(/^\[[^\]]*\] (?:LINK )?/, '');
  const equal = same.filter((instruction) => instruction?.text === text);
  const [only] = equal.length > 0 ? equal : same;
  return (equal.length > 0 ? equal : same).length === 1 && only ? only : null;
}

/** A stage without a name is called by its index, `stage-1` (convert.go). */
function stageNamed(dockerfile: Dockerfile, name: string | null): Stage | null {
  const named = dockerfile.stages.filter((stage) => (stage.name ?? `stage-${stage.index}`) === name);
  return named.length === 1 ? (named[0] ?? null) : null;
}
