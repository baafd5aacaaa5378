// What several recorded builds tell of the lines of a text as it is edited now: how often a line was the reason that
// others ran again, how often a base image moved, and what that took. Which change was the reason: pastCauses.ts.
import { stageBases } from '../dockerfile/bases';
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import type { CacheHistory, PastBuild } from '../forecast/cacheHistory';
import { type CarriedLine, carryForward } from '../mapping/carryForward';
import { sum } from '../primitives/sum';
import type { BaseMoves, PastMisses } from '../rules/pastFacts';
import type { RuleContext } from '../rules/rule';
import { knowledgeOfRecord } from './knowledge';
import { recordOf } from './pastBuilds';
import { baseOf, type ExplainedBuild, explainedBuilds } from './pastCauses';

/** @param carried of `carryForward`, from `built`; another text than the newest build's is followed anew */
export function pastLines(
  dockerfile: Dockerfile,
  choice: BuildChoice,
  history: CacheHistory | null,
  built: Dockerfile | null,
  carried: readonly CarriedLine[],
): Pick<RuleContext, 'missesOf' | 'movesOf'> {
  const builds = history ? explainedBuilds(history) : [];
  const newest = builds.at(-1)?.build.dockerfile;
  if (!history || !newest) return {};
  const misses = missesIn(history, newest);
  let lines: readonly CarriedLine[] | null = null;
  const follow = () => {
    lines ??= built?.text === newest.text ? carried : carryForward(newest, dockerfile);
    return lines;
  };
  return {
    missesOf(instruction) {
      if (misses.size === 0) return null;
      const from = follow()[instruction]?.from ?? null;
      const found = from === null ? undefined : misses.get(from);
      const isSame = newest.instructions[from ?? -1]?.text === dockerfile.instructions[instruction]?.text;
      return found && isSame ? onText(found, follow(), newest, dockerfile) : null;
    },
    movesOf(instruction) {
      const stage = dockerfile.stages.find((one) => one.from === instruction);
      const base = stage && stageBases(dockerfile, choice)[stage.index];
      if (!stage || base?.kind !== 'image') return null;
      return movesIn(history, base.reference, stage.platform ?? choice.platform ?? '');
    },
  };
}

/** With the lines below as they are called now; those that are gone, or of another text, are left out. */
function onText(
  misses: PastMisses,
  lines: readonly CarriedLine[],
  newest: Dockerfile,
  edited: Dockerfile,
): PastMisses {
  const now = new Map<number, number>();
  for (const { instruction, from } of lines) {
    if (from === null) continue;
    if (newest.instructions[from]?.text === edited.instructions[instruction]?.text)
      now.set(from, instruction);
  }
  const below = misses.below.flatMap(({ instruction, ms }) => {
    const index = now.get(instruction);
    return index === undefined ? [] : [{ instruction: index, ms }];
  });
  return { ...misses, below };
}

const knownMisses = new WeakMap<CacheHistory, ReadonlyMap<number, PastMisses>>();

/** By instruction of the newest build's text. */
function missesIn(history: CacheHistory, newest: Dockerfile): ReadonlyMap<number, PastMisses> {
  const found = knownMisses.get(history) ?? countMisses(explainedBuilds(history), newest);
  knownMisses.set(history, found);
  return found;
}

interface Count {
  kind: PastMisses['kind'];
  missed: number;
  /** Sum of ms by instruction. */
  below: Map<number, number>;
}

function countMisses(builds: readonly ExplainedBuild[], newest: Dockerfile): Map<number, PastMisses> {
  const counts = new Map<number, Count>();
  const stood = new Map<number, number>();
  for (const { build, causes } of builds) {
    const carried = carryForward(build.dockerfile, newest);
    const now = new Map<number, number>();
    for (const { instruction, from } of carried) {
      if (from === null) continue;
      if (build.dockerfile.instructions[from]?.text !== newest.instructions[instruction]?.text) continue;
      now.set(from, instruction);
      if (isKnown(build, from)) stood.set(instruction, (stood.get(instruction) ?? 0) + 1);
    }
    for (const { change, ran } of causes) {
      const own = change.kind === 'base' ? null : lineOf(build.dockerfile, change, ran);
      const line = own === null ? undefined : now.get(own);
      if (line === undefined || change.kind === 'base') continue;
      const count = counts.get(line) ?? { kind: change.kind, missed: 0, below: new Map() };
      counts.set(line, count);
      count.missed++;
      for (const one of ran) {
        const index = now.get(one);
        const ms = one === own ? null : build.duration(one);
        if (index !== undefined && ms !== null) count.below.set(index, (count.below.get(index) ?? 0) + ms);
      }
    }
  }
  return new Map(
    [...counts].map(([line, { kind, missed, below }]) => [
      line,
      {
        ...{ builds: stood.get(line) ?? missed, missed, kind },
        below: [...below]
          .sort(([a], [b]) => a - b)
          .map(([instruction, ms]) => ({ instruction, ms: ms / missed })),
      },
    ]),
  );
}

/** Whether a build came to a line at all; an ARG is no step, it counts wherever it stands. */
function isKnown(build: PastBuild, instruction: number): boolean {
  if (build.dockerfile.instructions[instruction]?.keyword === 'ARG') return true;
  return /^(?:hit|ran)$/.test(build.outcome(instruction, 'step'));
}

/** The line that a change is told at: the one whose files changed, or the ARG above the first line that ran for it. */
function lineOf(
  { instructions }: Dockerfile,
  change: { kind: 'files'; instruction: number } | { kind: 'argument'; name: string },
  ran: readonly number[],
): number | null {
  if (change.kind === 'files') return ran.includes(change.instruction) ? change.instruction : null;
  const first = instructions[Math.min(...ran)];
  const declares = new RegExp(`^${change.name.replace(/\W/g, '\\$&')}(?:=|$)`);
  const argument = instructions.findLast(
    ({ keyword, words, rest, stage, index }) =>
      keyword === 'ARG' &&
      stage !== null &&
      stage === first?.stage &&
      index < first.index &&
      (words.length > 0 ? words : [rest]).some((word) => declares.test(word)),
  );
  return argument?.index ?? null;
}

const knownMoves = new WeakMap<CacheHistory, Map<string, BaseMoves | null>>();

function movesIn(history: CacheHistory, reference: string, platform: string): BaseMoves | null {
  const moves = knownMoves.get(history) ?? new Map<string, BaseMoves | null>();
  knownMoves.set(history, moves);
  const key = `${reference} ${platform}`;
  const found = moves.has(key) ? moves.get(key)! : countMoves(explainedBuilds(history), reference, platform);
  moves.set(key, found);
  return found;
}

function countMoves(
  builds: readonly ExplainedBuild[],
  reference: string,
  platform: string,
): BaseMoves | null {
  const known = builds.filter(({ build }) => baseOf(build, reference, platform)?.digest != null);
  const digest = known.at(-1) && baseOf(known.at(-1)!.build, reference, platform)!.digest;
  const moved = known.flatMap(({ build, causes }) =>
    causes.flatMap(({ change, ran }) => {
      const isIt = change.kind === 'base' && change.reference === reference && change.platform === platform;
      return isIt && ran.length > 0 ? [{ build, ran }] : [];
    }),
  );
  if (!digest || moved.length === 0) return null;
  const ms = sum(moved.map(({ build, ran }) => sum(ran.map((one) => build.duration(one)))));
  const bytes = sum(moved.map(({ build, ran }) => bytesOf(build, ran)));
  return {
    builds: known.length,
    moved: moved.length,
    ms: ms === null ? null : ms / moved.length,
    bytes: bytes === null ? null : Math.round(bytes / moved.length),
    digest,
  };
}

/** Bytes of the layers that lines made; null when one was not measured. */
function bytesOf(build: PastBuild, lines: readonly number[]): number | null {
  const record = recordOf(build);
  const { mapping, image } = record ? knowledgeOfRecord(record) : { mapping: null, image: null };
  if (!mapping || !image) return null;
  const layers = lines.flatMap((line) => mapping.lines[line]?.layers ?? []);
  return sum(layers.map((layer) => image.layers[layer]?.unpackedBytes ?? null));
}
