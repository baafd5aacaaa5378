// Which steps of a builder's progress belong to which line, while it builds and afterwards. Decides by stage, number and
// keyword; a step that could be of two lines belongs to none. What the steps mean for cache and layers is for others.
import type { BuildRules, BuildStep } from '../build/model';
import { stageBases } from '../dockerfile/bases';
import {
  type BuildChoice,
  type Dockerfile,
  defaultChoice,
  type Stage,
  type StageBase,
} from '../dockerfile/model';
import { reachableStages, sourceStage, sourcesOf } from '../dockerfile/stageGraph';
import { buildahSteps } from './buildahSteps';
import { classicSteps } from './classicSteps';
import { emissionOf } from './emits';
import { meaningsOf } from './instructionMeaning';
import { type StagePlan, type StageSteps, tieStageSteps } from './stageSteps';
import { workdirsOf } from './workdirs';

export interface LineSteps {
  /** By instruction index, in order of appearance; FROM has its own and those of the triggers that fired at it. */
  steps: Map<number, BuildStep[]>;
  /** BuildKit only, by stage: which of its lines have a step. */
  stages: Map<number, StageSteps>;
  /** buildah only, by stage: how many triggers fired at its FROM. */
  fired: ReadonlyMap<number, number>;
}

export const noSteps: LineSteps = { steps: new Map(), stages: new Map(), fired: new Map() };

/** For showing a running build: the steps named so far, by instruction index. */
export function stepsOfLines(
  dockerfile: Dockerfile,
  steps: readonly BuildStep[],
  rules: BuildRules,
  choice: BuildChoice = defaultChoice,
): Map<number, BuildStep[]> {
  return tieSteps(dockerfile, steps, rules, choice, false).steps;
}

/** @param complete the build went to its end, so that every step was named */
export function tieSteps(
  dockerfile: Dockerfile,
  steps: readonly BuildStep[],
  rules: BuildRules,
  choice: BuildChoice,
  complete: boolean,
): LineSteps {
  if (rules === 'classic') return { ...noSteps, steps: classicSteps(dockerfile, steps) };
  if (rules === 'buildah') return { ...noSteps, ...buildahSteps(dockerfile, steps) };
  const built = reachableStages(dockerfile, choice);
  const plans = plansOf(dockerfile, choice, built);
  const found: LineSteps = { ...noSteps, steps: new Map(), stages: new Map() };
  for (const [stage, plan] of plans) {
    const own = stepsOfStage(dockerfile, plan.stage, built, steps, choice);
    const tied = own ? tieStageSteps(plan, own, complete) : sameName;
    found.stages.set(stage, tied);
    for (const [line, group] of tied.steps) found.steps.set(line, [...group]);
  }
  shareSteps(dockerfile, plans, built, found, complete);
  return found;
}

const sameName: StageSteps = {
  numbered: null,
  steps: new Map(),
  triggers: null,
  why: 'two stages of the same name were built, and their steps cannot be told apart',
};

function plansOf(
  dockerfile: Dockerfile,
  choice: BuildChoice,
  built: ReadonlySet<number>,
): Map<number, StagePlan> {
  const bases = stageBases(dockerfile, choice);
  const workdirs = workdirsOf(dockerfile, choice);
  // `COPY --from=image` makes BuildKit count a stage on that image, which may be the base of another.
  const takesFromImages = dockerfile.instructions.some((instruction) =>
    sourcesOf(instruction).some((source) => sourceStage(dockerfile, instruction, source) === null),
  );
  const isImage = (stage: number) => /^(?:image|unknown)$/.test(bases[stage]?.kind ?? '');
  const images = [...built].filter(isImage).length;
  const named = new Map<string, number>();
  for (const stage of built) {
    const name = baseName(dockerfile.stages[stage]!, bases[stage]);
    named.set(name, (named.get(name) ?? 0) + 1);
  }
  const plans = new Map<number, StagePlan>();
  for (const stage of dockerfile.stages) {
    const own = stage.instructions.map((index) => dockerfile.instructions[index]!);
    const layerOf = (at: (typeof own)[number]) =>
      emissionOf(at.keyword, 'buildkit', workdirs[stage.index]?.get(at)?.isRoot ?? null).layer;
    const fromImage = isImage(stage.index);
    const name = baseName(stage, bases[stage.index]);
    const numbered = own.filter(({ keyword }) => /^(?:RUN|COPY|ADD|WORKDIR)$/.test(keyword));
    plans.set(stage.index, {
      stage,
      sure: numbered.filter((at) => layerOf(at) === 'always'),
      possible: numbered.filter((at) => layerOf(at) !== 'never'),
      fromImage,
      counted: numbered.length + (fromImage ? 1 : 0),
      baseName: name,
      // Two names can mean one image, so that any other image may be a twin.
      hasTwin: fromImage ? takesFromImages || images > 1 : (named.get(name) ?? 0) > 1,
    });
  }
  return plans;
}

/** Steps named after the stage; null when another stage of that name was built too. */
function stepsOfStage(
  dockerfile: Dockerfile,
  stage: Stage,
  built: ReadonlySet<number>,
  steps: readonly BuildStep[],
  choice: BuildChoice,
): BuildStep[] | null {
  const label = labelOf(stage);
  const named = dockerfile.stages.filter((other) => labelOf(other) === label);
  if (named.length > 1) {
    if (!built.has(stage.index)) return [];
    if (named.filter((other) => built.has(other.index)).length > 1) return null;
  }
  // A file of one stage has no labels, unless `COPY --from=image` makes BuildKit count a second one.
  const isAlone = dockerfile.stages.length === 1;
  const own = steps.filter((step) => step.stage === label || (isAlone && step.stage === null));
  return onPlatform(own, choice.platform);
}

function labelOf({ name, index }: Stage): string {
  return name ?? `stage-${index}`;
}

/**
 * Of a build for several platforms the steps of the one that is looked at, where a number has such: `linux/amd64`, or
 * `linux/amd64->arm64` for a stage that runs on the one and makes files for the other.
 */
function onPlatform(steps: BuildStep[], platform: string | null): BuildStep[] {
  if (platform === null) return steps;
  const fits = (step: BuildStep) => {
    const [runsOn, makes] = step.platform?.split('->') ?? [];
    return makes === undefined ? runsOn === platform : platform === makes || platform.endsWith(`/${makes}`);
  };
  const numbers = new Set(steps.filter(fits).map((step) => step.number));
  return steps.filter((step) => fits(step) || !numbers.has(step.number));
}

/** Equal names: the same base. Names as docker completes them; what the text does not tell is unlike any other. */
function baseName({ index, platform }: Stage, base: StageBase | undefined): string {
  if (base?.kind === 'stage') return `stage ${base.stage}`;
  if (base?.kind === 'scratch') return `scratch ${platform ?? ''}`;
  if (base?.kind !== 'image') return `unknown ${index}`;
  const short = base.reference.replace(/^(?:index\.)?docker\.io\//, '').replace(/^library\//, '');
  return `image ${/[@:][^/]*$/.test(short) ? short : `${short}:latest`} ${platform ?? ''}`;
}

/**
 * Two stages that begin alike share their first steps, which bear the name of one of them (llb marshals equal vertices
 * once, and the name that was set last stays). The lines of the other take them over.
 */
function shareSteps(
  dockerfile: Dockerfile,
  plans: ReadonlyMap<number, StagePlan>,
  built: ReadonlySet<number>,
  found: LineSteps,
  complete: boolean,
) {
  const meanings = meaningsOf(dockerfile);
  const key = (line: number) => `${meanings[line]!.key}\0${meanings[line]!.stages.join()}`;
  // Steps of a build that has ended are all named: one that is missing is another's, and the lines that make files
  // tell which. Before, only the whole text above a line tells.
  const linesOf = ({ stage, sure }: StagePlan) => [
    stage.from,
    ...(complete
      ? (found.stages.get(stage.index)?.numbered ?? sure).map(({ index }) => index)
      : stage.instructions.filter((line) => !meanings[line]!.inert)),
  ];
  for (const index of built) {
    const plan = plans.get(index)!;
    if (!plan.hasTwin || found.stages.get(index)?.why) continue;
    const lines = linesOf(plan);
    const candidates = new Map<number, readonly BuildStep[] | null>();
    for (const other of built) {
      const twin = plans.get(other)!;
      if (other === index || twin.baseName !== plan.baseName) continue;
      const twins = linesOf(twin);
      for (let at = 0; at < lines.length && at < twins.length; at++) {
        if (at > 0 && key(lines[at]!) !== key(twins[at]!)) break;
        const steps = found.stages.get(other)?.steps.get(twins[at]!);
        if (!steps || found.steps.has(lines[at]!)) continue;
        candidates.set(lines[at]!, candidates.has(lines[at]!) ? null : steps);
      }
    }
    for (const [line, steps] of candidates) if (steps) found.steps.set(line, [...steps]);
  }
}
