// Ties the steps of BuildKit's progress to lines, by stage and number: `[build 3/5] COPY …` is the third numbered step
// of stage `build`. Names are checked against the line, never searched by. The classic builder's are in classicSteps.
// How the numbers come about: dockerfile2llb/convert.go, prefixCommand and the count of ds.cmdTotal.
import type { BuildStep } from '../build/model';
import type { Dockerfile, Instruction, Stage } from '../dockerfile/model';
import { nameFits } from './stepName';

export interface StageSteps {
  stage: number;
  /** Instructions of the stage that have a step of their own, in order; null when the steps leave it open. */
  numbered: number[] | null;
  /** Steps by instruction; those of FROM and of the triggers of its base under the FROM. */
  steps: Map<number, BuildStep[]>;
  /** How many of the base's ONBUILD triggers have a step; null when unknown. */
  triggers: number | null;
  /** Why `numbered` is null, one sentence. */
  why: string | null;
}

/** What is known of a stage's instructions before its steps are read. */
export interface StagePlan {
  stage: Stage;
  /** Those that have a step, in order. */
  sure: Instruction[];
  /** The same with those of which the text does not tell: WORKDIR on a path that may be `/`. */
  possible: Instruction[];
  /** Another stage that is built may have the same steps under its own name: equal vertices are one. */
  hasTwin: boolean;
}

/** Ties the steps of one stage. `complete`: the build went to its end, so that each step of it was named. */
export function tieStageSteps(
  dockerfile: Dockerfile,
  plan: StagePlan,
  all: readonly BuildStep[],
  complete: boolean,
): StageSteps {
  const own = stepsOfStage(dockerfile, plan.stage, all);
  const found: StageSteps = { stage: plan.stage.index, numbered: null, steps: new Map(), triggers: null, why: null };
  if (own === null) return { ...found, why: 'Two stages of this name were built, and their steps cannot be told apart.' };
  const numbers = new Map<number, BuildStep[]>();
  for (const step of own) {
    if (step.number === null) continue;
    numbers.set(step.number, [...(numbers.get(step.number) ?? []), step]);
  }
  const fits = plan.possible.length === plan.sure.length ? [plan.sure] : [plan.possible, plan.sure];
  const layouts = fits.flatMap((list) => layoutsOf(list, numbers, plan, complete).map((offset) => ({ list, offset })));
  // The two lists can only differ in lines that no step speaks of.
  const [layout, other] = layouts;
  if (!layout) return { ...found, why: numbers.size === 0 ? null : 'The numbers of the builder\'s steps do not fit the lines of this stage.' };
  if (other) return { ...found, why: 'The numbers of the builder\'s steps fit the lines of this stage in more than one way.' };
  const { list, offset } = layout;
  for (const [number, steps] of numbers) {
    const line = number > offset ? list[number - offset - 1]!.index : plan.stage.from;
    found.steps.set(line, [...(found.steps.get(line) ?? []), ...steps]);
  }
  const below = [...numbers].filter(([number]) => number <= offset);
  const from = below.some(([, steps]) => steps.some(isFrom));
  const triggers = below.filter(([, steps]) => !steps.some(isFrom)).length;
  return {
    ...found,
    numbered: list.map(({ index }) => index),
    // A number without a step belongs to a vertex that another stage named: it may be the FROM or a trigger.
    triggers: triggers + (from ? 1 : 0) === offset ? triggers : null,
  };
}
