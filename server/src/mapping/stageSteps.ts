// Ties BuildKit's steps to the lines of one stage by number: `[build 3/5] COPY …` is the third numbered step of stage
// `build`. Names are checked against the lines, never searched by; what fits in two ways stays open.
// How the numbers come about: dockerfile2llb/convert.go, prefixCommand and the count in ds.cmdTotal.
import type { BuildStep } from '../build/model';
import type { Instruction, Stage } from '../dockerfile/model';
import { nameFits } from './stepName';

/** What is known of a stage before its steps are read. */
export interface StagePlan {
  stage: Stage;
  /** Its base is an image, so that FROM can have a step. */
  fromImage: boolean;
  /** Instructions that have a step, in order: RUN, COPY, ADD and WORKDIR to another path than `/`. */
  sure: readonly Instruction[];
  /** The same with each WORKDIR whose path the text does not tell. */
  possible: readonly Instruction[];
  /** All of those keywords, WORKDIR to `/` included, and FROM if it names an image: BuildKit's first count. */
  counted: number;
  /** The same for stages on the same base. */
  baseName: string;
  /** Another stage may have the same base: equal steps of both are one, under the name of one of them. */
  hasTwin: boolean;
}

export interface StageSteps {
  /** Instructions that have a step, in order; null when the steps leave it open. */
  numbered: readonly Instruction[] | null;
  /** Steps by instruction index; FROM has its own and those of the triggers that fired at it. */
  steps: ReadonlyMap<number, readonly BuildStep[]>;
  /** How many triggers of the base made a step; null when unknown. */
  triggers: number | null;
  /** Why `numbered` is null; null also when there is no step at all. */
  why: string | null;
}

/** Why the steps of a stage leave something open, as a sentence; null when they do not. */
export function whyOpen(told: StageSteps | undefined): string | null {
  const why = told?.why;
  return why ? `${why[0]!.toUpperCase()}${why.slice(1)}.` : null;
}

const nothing: StageSteps = { numbered: null, steps: new Map(), triggers: null, why: null };

/** @param complete the build went to its end, so that each of its steps was named */
export function tieStageSteps(plan: StagePlan, steps: readonly BuildStep[], complete: boolean): StageSteps {
  const numbers = new Map<number, BuildStep[]>();
  for (const step of steps) {
    if (step.number !== null) numbers.set(step.number, [...(numbers.get(step.number) ?? []), step]);
  }
  if (numbers.size === 0) return nothing;
  const layouts = listsOf(plan).flatMap((list) =>
    offsetsOf(list, plan, numbers, complete).map((offset) => ({ list, offset })),
  );
  const [layout] = layouts;
  if (!layout) return { ...nothing, why: "the numbers of the builder's steps do not fit this stage" };
  if (layouts.length > 1)
    return { ...nothing, why: "the builder's steps fit this stage in more than one way" };

  const { list, offset } = layout;
  const byLine = new Map<number, BuildStep[]>();
  let named = 0;
  let froms = 0;
  for (const [number, group] of numbers) {
    const line = number > offset ? list[number - offset - 1]!.index : plan.stage.from;
    byLine.set(line, [...(byLine.get(line) ?? []), ...group]);
    if (number > offset) continue;
    named++;
    if (group.some(isFrom)) froms++;
  }
  // A number below that has no step belongs to a twin: it may be the FROM or a trigger.
  return { numbered: list, steps: byLine, triggers: named === offset ? offset - froms : null, why: null };
}

/** Lines of which the text does not tell whether they have a step: beyond this many, the steps are not asked either. */
const mostUnsure = 8;

/** Every way in which the lines can have steps. */
function listsOf({ sure, possible }: StagePlan): (readonly Instruction[])[] {
  const isSure = new Set(sure);
  const unsure = possible.filter((one) => !isSure.has(one));
  if (unsure.length === 0) return [sure];
  if (unsure.length > mostUnsure) return [];
  return Array.from({ length: 2 ** unsure.length }, (_, chosen) =>
    possible.filter((one) => isSure.has(one) || (chosen >> unsure.indexOf(one)) % 2 === 1),
  );
}

/**
 * How many numbers can stand before the first of `list`: FROM and the triggers of its base. FROM has none when the base
 * is scratch, a stage or a named context; triggers are only known to the base.
 */
function offsetsOf(
  list: readonly Instruction[],
  plan: StagePlan,
  numbers: ReadonlyMap<number, readonly BuildStep[]>,
  complete: boolean,
): number[] {
  const highest = Math.max(...numbers.keys());
  const total = [...numbers.values()][0]![0]!.total;
  // Before 0.17 BuildKit does not count triggers, so that numbers run past the total; before 0.18 it does not mark their
  // names either [0.8 in Docker Engine 20.10.24: `[3/2] RUN …`].
  const uncounted = total !== null && highest > total;
  const unmarked = uncounted || (total !== null && total > plan.counted);
  const most =
    total === null || uncounted ? highest : Math.max(0, total - plan.counted) + (plan.fromImage ? 1 : 0);
  const fitting: number[] = [];
  if (complete && !isUnbroken(numbers, highest, plan.hasTwin)) return fitting;
  for (let offset = 0; offset <= Math.min(most, highest); offset++) {
    if (complete ? highest !== offset + list.length : highest > offset + list.length) continue;
    let fits = true;
    for (const [number, steps] of numbers) {
      fits &&= steps.every((step) =>
        number > offset
          ? isStepOf(step, list[number - offset - 1]!)
          : isFrom(step)
            ? number === 1 && plan.fromImage
            : step.onBuild || unmarked,
      );
    }
    if (fits) fitting.push(offset);
  }
  return fitting;
}

/** All steps of a finished build are named; only the first ones of a stage can bear the name of a twin. */
function isUnbroken(numbers: ReadonlyMap<number, unknown>, highest: number, hasTwin: boolean): boolean {
  const lowest = Math.min(...numbers.keys());
  return (lowest === 1 || hasTwin) && numbers.size === highest - lowest + 1;
}

function isStepOf(step: BuildStep, instruction: Instruction): boolean {
  return !step.onBuild && step.keyword === instruction.keyword && nameFits(step.name, instruction);
}

function isFrom(step: BuildStep): boolean {
  return step.keyword === 'FROM';
}
