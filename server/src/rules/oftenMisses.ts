// A line that was the reason, again and again, why others ran again: its files, or the value of a build argument, changed
// from build to build, and what stands below it took long. Told from recorded builds alone, and only of misses that no
// line above had; a person may have to leave it so, as with the sources of a compiler, and then it has no fix.
import { reachableStages } from '../dockerfile/stageGraph';
import { formatDuration } from '../primitives/bytes';
import { copyBeforeInstall } from './copyBeforeInstall';
import { findingAt, relatedAt } from './measured';
import { moveDownFix } from './moveDown';
import type { PastMisses } from './pastFacts';
import type { Finding, Rule, RuleContext } from './rule';

export const oftenMisses: Rule = {
  name: 'OftenMisses',
  severity: 'hint',
  summary: 'A line that changed in most of the last builds stands above lines that take long to run again.',
  check(context) {
    const { dockerfile, choice, missesOf } = context;
    if (!missesOf) return [];
    const reachable = reachableStages(dockerfile, choice);
    return dockerfile.instructions.flatMap(({ index, stage }) => {
      const misses = stage !== null && reachable.has(stage) ? missesOf(index) : null;
      return misses && isOften(misses) ? findingOf(context, index, misses) : [];
    });
  },
};

/** Fewer builds are no habit. */
const leastBuilds = 5;
const leastPart = 0.5;
/** What runs again below is not worth a word, ms. */
const leastMs = 3000;
const mostRelated = 3;

function isOften({ builds, missed }: PastMisses): boolean {
  return builds >= leastBuilds && missed >= builds * leastPart;
}

function findingOf(context: RuleContext, index: number, misses: PastMisses): Finding[] {
  const { dockerfile } = context;
  const line = dockerfile.instructions[index]!;
  const below = misses.below.filter(({ instruction }) => instruction > index);
  const total = below.reduce((sum, { ms }) => sum + ms, 0);
  if (total < leastMs || isToldBetter(context, index)) return [];
  const took = formatDuration(total);
  const often = `${misses.missed} of the last ${misses.builds} builds`;
  const message =
    misses.kind === 'files'
      ? `missed the cache in ${often}, as its files changed; what ran again below it took ${took} on average`
      : `had another value in ${often}; what ran again below it took ${took} on average`;
  const fix = moveDownFix(context, line, below);
  const related = [...below]
    .sort((a, b) => b.ms - a.ms)
    .slice(0, mostRelated)
    .map(({ instruction, ms }) =>
      relatedAt(dockerfile.instructions[instruction]!, `ran again, ${formatDuration(ms)} on average`),
    );
  return [
    findingAt(oftenMisses, line, {
      ...{ message, bytes: null, related, fixes: fix ? [fix] : [] },
      ...(fix ? { severity: 'info' } : {}),
    }),
  ];
}

/** An install right below a copy of everything is told by a rule of its own, with a better fix. */
function isToldBetter(context: RuleContext, index: number): boolean {
  if (context.off?.has(copyBeforeInstall.name)) return false;
  return copyBeforeInstall
    .check(context)
    .some(({ related = [] }) =>
      related.some(({ line }) => line === context.dockerfile.instructions[index]!.line),
    );
}
