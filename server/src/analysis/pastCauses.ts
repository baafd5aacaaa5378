// What made lines run again in the builds of the past: the cache of that time is asked once more with one change taken
// back (files of a line, a build argument, the digest of a base), and what ran then but would have been cached ran because
// of that change alone. Told where records leave no doubt; a build after a prune or without a cache has no such cause.
import type { RecordedBase } from '../build/model';
import type { Instruction } from '../dockerfile/model';
import { type ArgumentsMeaning, readArguments } from '../forecast/builderArguments';
import type { Vertex } from '../forecast/cacheGraph';
import { type CacheHistory, factsOf, graphOf, type PastBuild, scopeOf } from '../forecast/cacheHistory';
import { createCacheModel, type Standing, type StepOutcome } from '../forecast/cacheModel';
import { carryForward } from '../mapping/carryForward';

export type PastChange =
  /** What the line takes from the context. */
  | { kind: 'files'; instruction: number }
  /** A build argument, by name. */
  | { kind: 'argument'; name: string }
  /** The image that a tag names. */
  | { kind: 'base'; reference: string; platform: string };

export interface PastCause {
  change: PastChange;
  /** Indexes of the instructions that ran because of it alone, in the text of that build, in order. */
  ran: readonly number[];
}

/** A build with a recorded one before it, so that its cache was not empty. */
export interface ExplainedBuild {
  build: PastBuild;
  causes: readonly PastCause[];
}

/** Builds that are looked at; the cache of the first of them is made of all before it. */
const mostBuilds = 10;
/** A build in which more changed tells nothing of one change, and costs a graph for each. */
const mostChanges = 8;
/** Longer files are none of people. */
const mostInstructions = 200;

const known = new WeakMap<CacheHistory, ExplainedBuild[]>();

/** Oldest first, at most 10, all for the platform of the newest. Worked out once for a history; never throws. */
export function explainedBuilds(history: CacheHistory): readonly ExplainedBuild[] {
  const found = known.get(history) ?? explain(history);
  known.set(history, found);
  return found;
}

function explain(history: CacheHistory): ExplainedBuild[] {
  const { past } = history;
  const newest = past.findLast(({ cache }) => cache !== null);
  if (!newest || past.some(({ dockerfile }) => dockerfile.instructions.length > mostInstructions)) return [];
  const platform = newest.choice.platform;
  const counted = past.filter((build) => build.cache !== null && build.choice.platform === platform);
  const first = Math.max(1, counted.length - mostBuilds);
  const model = createCacheModel();
  const explained: ExplainedBuild[] = [];
  for (const build of past) {
    const at = counted.indexOf(build);
    const graph = graphOf(
      history.rules,
      build.dockerfile,
      build.choice,
      factsOf(build, meaningOf(build), history.bases),
    );
    const outcomes = graph.map(({ instruction, part }) => build.outcome(instruction, part));
    if (at >= first && isTelling(counted[at - 1]!, build)) {
      const standings = model.ask(graph);
      const causes = causesOf(counted[at - 1]!, build, (changed) => {
        const { dockerfile, choice } = changed;
        const other = graphOf(
          history.rules,
          dockerfile,
          choice,
          factsOf(changed, meaningOf(changed), history.bases),
        );
        return isAlike(graph, other) ? spared(graph, outcomes, standings, model.ask(other)) : [];
      });
      explained.push({ build, causes });
    }
    model.take(graph, outcomes);
  }
  return explained;
}

/** Whether both builds asked one cache, with words that mean the same to it. */
function isTelling(before: PastBuild, build: PastBuild): boolean {
  const [was, is] = [meaningOf(before), meaningOf(build)];
  if (build.cache!.noCache || is.noCache || is.hasOtherCache || is.isMerged) return false;
  return scopeOf(before.dockerfile, before.choice, was) === scopeOf(build.dockerfile, build.choice, is);
}

function causesOf(
  before: PastBuild,
  build: PastBuild,
  ranFor: (changed: PastBuild) => number[],
): PastCause[] {
  // Most builds of most people are the same again.
  const hasRun = build.dockerfile.instructions.some(
    ({ index }) => build.outcome(index, 'step') === 'ran' || build.outcome(index, 'merge') === 'ran',
  );
  const changes = hasRun ? changesBetween(before, build) : [];
  if (changes.length > mostChanges) return [];
  return changes.map(({ change, undone }) => ({ change, ran: ranFor(undone) }));
}

/** Each change that no edit of the text made, and the build as it would have been without that one. */
function changesBetween(before: PastBuild, build: PastBuild): { change: PastChange; undone: PastBuild }[] {
  const changes: { change: PastChange; undone: PastBuild }[] = [];
  const cache = build.cache!;
  const earlier = new Map(before.cache!.contents.map((content) => [content.instruction, content]));
  const carried = carryForward(before.dockerfile, build.dockerfile);
  for (const content of cache.contents) {
    const from = carried[content.instruction]?.from ?? null;
    const was = from === null ? undefined : earlier.get(from);
    if (!was || was.key === content.key) continue;
    if (
      !isSameText(before.dockerfile.instructions[from!], build.dockerfile.instructions[content.instruction])
    )
      continue;
    const { instruction } = content;
    const contents = cache.contents.map((one) => (one === content ? { ...was, instruction } : one));
    changes.push({
      change: { kind: 'files', instruction },
      undone: { ...build, cache: { ...cache, contents } },
    });
  }
  const [was, is] = [before.choice.buildArgs, build.choice.buildArgs];
  for (const name of new Set([...Object.keys(was), ...Object.keys(is)])) {
    if (was[name] === is[name]) continue;
    const { [name]: _, ...others } = is;
    const buildArgs = was[name] === undefined ? others : { ...others, [name]: was[name] };
    const undone = { ...build, choice: { ...build.choice, buildArgs } };
    changes.push({ change: { kind: 'argument', name }, undone });
  }
  for (const base of cache.bases) {
    const { reference, platform } = base;
    const old = baseOf(before, reference, platform);
    if (!hasMoved(old, base) || isNamed(before, reference) || isNamed(build, reference)) continue;
    const bases = cache.bases.map((one) => (one === base ? old! : one));
    const undone = { ...build, cache: { ...cache, bases } };
    changes.push({ change: { kind: 'base', reference, platform }, undone });
  }
  return changes;
}

/** The image of that name and platform as a build found it. */
export function baseOf({ cache }: PastBuild, reference: string, platform: string): RecordedBase | undefined {
  return cache?.bases.find((base) => base.reference === reference && base.platform === platform);
}

/** Whether `--build-context` put another image in the place of a name: then the person moved it, not the tag. */
function isNamed(build: PastBuild, reference: string): boolean {
  return meaningOf(build).images.has(reference.toLowerCase());
}

/** Whether a name stood for another image; false where one of the digests is not known. */
function hasMoved(before: RecordedBase | undefined, { digest }: RecordedBase): boolean {
  return digest !== null && before !== undefined && before.digest !== null && before.digest !== digest;
}

function isSameText(a: Instruction | undefined, b: Instruction | undefined): boolean {
  return a !== undefined && b !== undefined && a.text === b.text;
}

/** Whether both graphs are of the same steps in the same order, so that one can be held against the other. */
function isAlike(graph: readonly Vertex[], other: readonly Vertex[]): boolean {
  return (
    graph.length === other.length &&
    graph.every(
      ({ instruction, part }, at) => other[at]!.instruction === instruction && other[at]!.part === part,
    )
  );
}

/** Instructions that ran, had to run, and would have been cached whole. */
function spared(
  graph: readonly Vertex[],
  outcomes: readonly StepOutcome[],
  standings: readonly Standing[],
  without: readonly Standing[],
): number[] {
  const found = new Map<number, boolean>();
  for (const [at, { instruction }] of graph.entries()) {
    if (outcomes[at] !== 'ran') continue;
    const isSpared = standings[at]!.verdict !== 'cached' && without[at]!.verdict === 'cached';
    found.set(instruction, (found.get(instruction) ?? true) && isSpared);
  }
  return [...found].filter(([, isSpared]) => isSpared).map(([instruction]) => instruction);
}

function meaningOf({ cache }: PastBuild): ArgumentsMeaning {
  return readArguments(cache?.extraArguments ?? []);
}
