// Which line of an edited list is which line of the list before the edit: equal ones in order, and an edited line with
// the one that it was. Pairs only; whether a measure may be carried over is carryForward's decision.
import { matchSequences } from './sequenceMatch';

export interface LinePair {
  /** Index in the list before; null for a new line. */
  partner: number | null;
  /** False for a line that was edited. */
  equal: boolean;
}

/** One for each of `after`, in order. A key starts with the line's keyword and a blank. */
export function pairLines(before: readonly string[], after: readonly string[]): LinePair[] {
  const partner = matchSequences(before, after);
  const pairs: LinePair[] = Array.from(partner, (at) => ({ partner: at < 0 ? null : at, equal: at >= 0 }));
  // What lies between two equal lines was edited there, came or went.
  let from = 0;
  let start = 0;
  for (let at = 0; at <= after.length; at++) {
    const next = at < after.length ? partner[at]! : before.length;
    if (next < 0) continue;
    if (at > start && next > from) pairEdited(before, after, [from, next], [start, at], pairs);
    from = next + 1;
    start = at + 1;
  }
  return pairs;
}

/** Above this many comparisons, lines of a gap are paired by their order alone. */
const maxComparisons = 2_000;

function pairEdited(
  before: readonly string[],
  after: readonly string[],
  [from, fromEnd]: [number, number],
  [start, end]: [number, number],
  pairs: LinePair[],
) {
  const byKeyword = new Map<string, { before: number[]; after: number[] }>();
  const groupOf = (key: string) => {
    const keyword = key.slice(0, key.indexOf(' '));
    const group = byKeyword.get(keyword) ?? { before: [], after: [] };
    byKeyword.set(keyword, group);
    return group;
  };
  for (let i = from; i < fromEnd; i++) groupOf(before[i]!).before.push(i);
  for (let i = start; i < end; i++) groupOf(after[i]!).after.push(i);
  for (const group of byKeyword.values()) {
    // As many as before: each was edited where it stands.
    if (group.before.length === group.after.length) {
      group.after.forEach((at, i) => {
        pairs[at] = { partner: group.before[i]!, equal: false };
      });
      continue;
    }
    if (group.before.length * group.after.length > maxComparisons) continue;
    const free = new Set(group.before);
    for (const at of group.after) {
      const best = mostAlike(before, free, after[at]!);
      if (best === null) continue;
      pairs[at] = { partner: best, equal: false };
      free.delete(best);
    }
  }
}

/** The line that shares the most words with `key`, at least half of them. */
function mostAlike(before: readonly string[], among: ReadonlySet<number>, key: string): number | null {
  const words = new Set(key.split(/\s+/));
  let best: number | null = null;
  let most = 0.5;
  for (const candidate of among) {
    const others = new Set(before[candidate]!.split(/\s+/));
    let common = -1; // the keyword is common to all
    for (const word of others) if (words.has(word)) common++;
    const alike = common / Math.max(1, Math.max(words.size, others.size) - 1);
    if (alike >= most && (alike > most || best === null)) {
      best = candidate;
      most = alike;
    }
  }
  return best;
}
