// What stages do not share and could: equal steps on one base that come after different ones or are given other variables,
// and tags of one repository. Hints for a person: whether a step needs what stands before it, no text tells.
import { changedEntries, type Item } from './runEnvironment';
import type { ChainBase, ChainStep, StageChain } from './stageChains';
import { grouped, type Place } from './stageSharing';

export interface OrderHint {
  kind: 'order';
  base: ChainBase;
  /** The same steps, one place for each way in which they are made; at least two. */
  made: {
    /** One after the other. */
    steps: Place[];
    /** Steps of its own that stand before them, after the common beginning. */
    after: Place[];
    /** Whether any of those brings files, which the steps may need. */
    bringsFiles: boolean;
  }[];
}

export interface VariablesHint {
  kind: 'variables';
  base: ChainBase;
  /** The same command, two of the ways in which it is made. */
  steps: [Place, Place];
  /** Variables that differ, each with the line that sets it; empty when only their order does. */
  variables: { name: string; place: Place | null }[];
}

export interface TagsHint {
  kind: 'tags';
  repository: string;
  /** At least two, in order of appearance. */
  bases: { base: ChainBase; chains: number[] }[];
}

export type SharingHint = OrderHint | VariablesHint | TagsHint;

interface Met {
  chain: StageChain;
  at: number;
  step: ChainStep;
}

const mostHints = 100;
const mostMade = 12;

/** Pure. Bounded: what is beyond 100 hints is not told. */
export function sharingHints(chains: readonly StageChain[]): SharingHint[] {
  const hints: SharingHint[] = tagHints(chains);
  for (const members of grouped(chains, ({ base }) => base.key).values()) {
    if (members.length > 1 && members[0]!.base.kind !== 'unknown')
      hints.push(...orderHints(members), ...variableHints(members));
    if (hints.length >= mostHints) break;
  }
  return hints.slice(0, mostHints);
}

function tagHints(chains: readonly StageChain[]): TagsHint[] {
  const images = chains.flatMap(({ base }, at) => (base.repository === '' ? [] : [{ base, at }]));
  return [...grouped(images, ({ base }) => `${base.repository} ${base.platform}`).values()].flatMap(
    (ones) => {
      const bases = [...grouped(ones, ({ base }) => base.key).values()].map((same) => ({
        base: same[0]!.base,
        chains: same.map(({ at }) => at),
      }));
      const { repository } = ones[0]!.base;
      return bases.length > 1 ? [{ kind: 'tags', repository, bases } satisfies TagsHint] : [];
    },
  );
}

function orderHints(chains: readonly StageChain[]): OrderHint[] {
  const hints: OrderHint[] = [];
  /** The hint that a run of steps goes on with, by where its next step is. */
  const going = new Map<string, OrderHint>();
  const placeName = (met: readonly Met[], by: number) =>
    met.map(({ chain, at }) => `${chain.file} ${chain.stage} ${at + by}`).join();
  for (const all of ways(chains, ({ alone }) => alone)) {
    if (hints.length >= mostHints) break;
    const common = commonDepth(all.map(({ chain }) => chain));
    const met = all.filter((one, at) => !all.slice(0, at).some((other) => isLike(one, other, common)));
    if (met.length < 2) continue;
    const earlier = going.get(placeName(met, 0));
    const hint = earlier ?? {
      kind: 'order',
      base: met[0]!.chain.base,
      made: met.map((one) => wayOf(one, common)),
    };
    if (earlier) for (const [which, one] of met.entries()) earlier.made[which]!.steps.push(placeOf(one));
    else hints.push(hint);
    going.set(placeName(met, 1), hint);
  }
  return hints;
}

/** Nothing but files tells the two apart: there is nothing to move. */
function isLike(a: Met, b: Met, common: number): boolean {
  if (a.at !== b.at) return false;
  for (let at = common; at < a.at; at++)
    if (a.chain.steps[at]!.open !== b.chain.steps[at]!.open) return false;
  return true;
}

function wayOf(one: Met, common: number): OrderHint['made'][number] {
  const after = one.chain.steps.slice(common, one.at);
  return {
    steps: [placeOf(one)],
    after: after.map(({ instruction }) => ({ file: one.chain.file, instruction })),
    bringsFiles: after.some(({ op }) => op.kind === 'COPY'),
  };
}

function variableHints(chains: readonly StageChain[]): VariablesHint[] {
  return ways(chains, ({ bare }) => bare).flatMap((met) => {
    const [first] = met as [Met];
    const other = met.find(({ step }) => step.alone !== first.step.alone);
    if (!other) return [];
    const variables = [...differing(first, other), ...differing(other, first)];
    const named = new Set<string>();
    const distinct = variables.filter(({ name, place }) => {
      const key = `${name} ${place?.file} ${place?.instruction}`;
      return !named.has(key) && named.add(key);
    });
    const steps: [Place, Place] = [placeOf(first), placeOf(other)];
    return [
      { kind: 'variables', base: first.chain.base, steps, variables: distinct } satisfies VariablesHint,
    ];
  });
}

function differing({ step, chain }: Met, { step: other }: Met): VariablesHint['variables'] {
  const none: readonly Item[] = [];
  return changedEntries(step.op.environment ?? none, other.op.environment ?? none).map(({ name, setBy }) => ({
    name,
    place: setBy === null ? null : { file: chain.file, instruction: setBy },
  }));
}

/** For each step that is made in at least two ways in two lines: the first of each way, in order of the chains. */
function ways(chains: readonly StageChain[], keyOf: (step: ChainStep) => number | null): Met[][] {
  const met = chains.flatMap((chain) =>
    chain.steps.flatMap((step, at) => (keyOf(step) === null ? [] : [{ chain, at, step }])),
  );
  return [...grouped(met, ({ step }) => keyOf(step)).values()].flatMap((all) => {
    const lines = new Set<string>();
    const inChains = new Set<StageChain>();
    const made = new Map<number, Met>();
    for (const one of all) {
      const { chain, step } = one;
      const line = `${chain.file} ${step.instruction}`;
      // The same line in several stages, or a stage that says the same twice, is one place.
      if (lines.has(line) || inChains.has(chain) || made.has(step.key)) continue;
      lines.add(line);
      inChains.add(chain);
      made.set(step.key, one);
      if (made.size >= mostMade) break;
    }
    return made.size > 1 ? [[...made.values()]] : [];
  });
}

function placeOf({ chain, step }: Met): Place {
  return { file: chain.file, instruction: step.instruction };
}

function commonDepth(chains: readonly StageChain[]): number {
  const [first] = chains as [StageChain];
  let depth = 0;
  while (
    depth < first.steps.length &&
    chains.every(({ steps }) => steps[depth]?.key === first.steps[depth]!.key)
  )
    depth++;
  return depth;
}
