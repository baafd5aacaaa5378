// Which stages begin alike: the chains of stageChains.ts as one tree, a group where at least two go together. Two stages
// of a group make the same layers up to where they part, and one builder makes and keeps those once.
import { compareOps } from './cacheGraph';
import type { ChainBase, ChainStep, StageChain } from './stageChains';

/** A line of a Dockerfile. */
export interface Place {
  /** Index among the files given. */
  file: number;
  instruction: number;
}

export interface SharedStep {
  /** As in the chains. */
  key: number;
  /** Each line once, in the order of the stages. */
  places: Place[];
}

export interface StageGroup {
  base: ChainBase;
  /** Indexes of all its chains, at least two. */
  chains: number[];
  /** What they have in common beyond the group that holds this one; oldest first. */
  steps: SharedStep[];
  /** Chains that end here. */
  ends: number[];
  /** Those that go on together. */
  groups: StageGroup[];
  /** Those that go on alone. */
  apart: Parting[];
}

export interface Parting {
  chain: number;
  /** The first step that no other has. */
  place: Place;
  /**
   * `files`: the text is the same as another's, and files decide. `base`: so does the base image, which may say the same
   * as a line does. `unknown`: the text does not tell.
   */
  why: 'step' | 'files' | 'base' | 'unknown';
}

export interface StageSharing {
  groups: StageGroup[];
  /** Chains that share neither base nor step with another one. */
  single: number[];
}

/** Of the steps with which the stages of a group go on; with more, doubts about the base are not told. */
const mostCompared = 200;

/** Groups in the order of their first stage. Pure. */
export function stageSharing(chains: readonly StageChain[]): StageSharing {
  const groups: StageGroup[] = [];
  const single: number[] = [];
  for (const members of grouped(
    chains.map((_, at) => at),
    (at) => chains[at]!.base.key,
  ).values()) {
    const { base } = chains[members[0]!]!;
    const group = members.length > 1 ? groupOf(chains, members, 0) : null;
    if (!group) single.push(...members);
    // To stand on nothing is nothing in common.
    else if (base.kind === 'scratch' && group.steps.length === 0) {
      groups.push(...group.groups);
      single.push(...group.ends, ...group.apart.map(({ chain }) => chain));
    } else groups.push(group);
  }
  return { groups, single: single.sort((a, b) => a - b) };
}

/** All groups, those within others too. */
export function allGroups(groups: readonly StageGroup[]): StageGroup[] {
  return groups.flatMap((group) => [group, ...allGroups(group.groups)]);
}

function groupOf(chains: readonly StageChain[], members: number[], from: number): StageGroup {
  const stepOf = (member: number, depth: number): ChainStep | undefined => chains[member]!.steps[depth];
  const steps: SharedStep[] = [];
  let depth = from;
  for (let first = stepOf(members[0]!, depth); first; first = stepOf(members[0]!, depth)) {
    const { key } = first;
    if (members.some((member) => stepOf(member, depth)?.key !== key)) break;
    steps.push({ key, places: placesOf(chains, members, depth) });
    depth++;
  }
  const ends = members.filter((member) => chains[member]!.steps.length === depth);
  const further = members.filter((member) => chains[member]!.steps.length > depth);
  const open = grouped(further, (member) => stepOf(member, depth)!.open);
  const groups: StageGroup[] = [];
  const apart: Parting[] = [];
  const byKey = [...grouped(further, (member) => stepOf(member, depth)!.key).values()];
  const ways = byKey.slice(0, mostCompared).map((ones) => stepOf(ones[0]!, depth)!);
  for (const ones of byKey) {
    if (ones.length > 1) {
      groups.push(groupOf(chains, ones, depth));
      continue;
    }
    const [chain] = ones as [number];
    const step = stepOf(chain, depth)!;
    const { instruction, doubt } = step;
    const isLike = open.get(step.open)!.length > 1;
    const others = () => ways.filter((one) => one.key !== step.key);
    const mayBe = () => others().some(({ op }) => compareOps(step.op, op) === 'open');
    const why = doubt === 'unknown' ? 'unknown' : isLike ? 'files' : mayBe() ? 'base' : 'step';
    apart.push({ chain, place: { file: chains[chain]!.file, instruction }, why });
  }
  return { base: chains[members[0]!]!.base, chains: members, steps, ends, groups, apart };
}

function placesOf(chains: readonly StageChain[], members: readonly number[], depth: number): Place[] {
  const places = new Map<string, Place>();
  for (const member of members) {
    const { file, steps } = chains[member]!;
    const { instruction } = steps[depth]!;
    places.set(`${file} ${instruction}`, { file, instruction });
  }
  return [...places.values()];
}

export function grouped<T, K>(all: readonly T[], keyOf: (one: T) => K): Map<K, T[]> {
  const found = new Map<K, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const list = found.get(key);
    if (list) list.push(one);
    else found.set(key, [one]);
  }
  return found;
}
