// Pairs expected entries with those found, in order, by what fits: as a whole from the end, or else only those pairs
// that every best alignment has. What could be paired in two ways is not paired.
import type { Fit } from './textPattern';

export interface Alignment {
  /** For each expected one the index of the found one, or null. */
  pairs: (number | null)[];
  /** Every expected one stands at the end of the found ones, without a gap. */
  isWhole: boolean;
  /** Why it is not whole, one sentence; null when it is. */
  why: string | null;
}

export interface AlignmentTask {
  expected: number;
  found: number;
  compare(expected: number, found: number): Fit;
  /** The first expected one must be the first found one: nothing can stand below. */
  fromStart: boolean;
  /** How many found ones at the end may belong to nothing that is expected. */
  extra: number;
}

/** Beyond this many comparisons only a whole alignment is looked for. */
const maxComparisons = 1_000_000;

/** Expected ones stand at the end of the found ones; below them is what came from elsewhere. */
export function alignFromEnd(task: AlignmentTask): Alignment {
  const { expected, found, compare, fromStart, extra } = task;
  if (expected === 0 && !fromStart) return { pairs: [], isWhole: true, why: null };
  const none = Array.from({ length: expected }, () => null);
  const whole: number[] = [];
  for (let over = 0; over <= extra; over++) {
    const first = found - expected - over;
    if (first < 0 || (fromStart && first !== 0)) continue;
    let fits = true;
    // Newest first: that is where a difference is most likely to show.
    for (let at = expected - 1; at >= 0 && fits; at--) fits = compare(at, first + at) !== 'no';
    if (fits) whole.push(first);
  }
  const [first] = whole;
  if (whole.length > 1) {
    return { pairs: none, isWhole: false, why: 'The history fits these lines in more than one way.' };
  }
  if (first !== undefined) {
    return { pairs: none.map((_, at) => first + at), isWhole: true, why: null };
  }
  const why = 'The history of the image does not fit these lines from end to end.';
  if (expected * found > maxComparisons) return { pairs: none, isWhole: false, why };
  return { pairs: pairsOfAll(task), isWhole: false, why };
}

/**
 * The pairs that all longest common subsequences share. Only sure fits count here: with lines missing, a text that may
 * be anything proves nothing.
 */
function pairsOfAll({ expected, found, compare }: AlignmentTask): (number | null)[] {
  const width = found + 1;
  const fits = new Uint8Array(expected * found);
  for (let i = 0; i < expected; i++) {
    for (let j = 0; j < found; j++) if (compare(i, j) === 'yes') fits[i * found + j] = 1;
  }
  // before[i][j]: most pairs among the first i and j; after[i][j]: among those from i and j on.
  const before = new Uint32Array((expected + 1) * width);
  const after = new Uint32Array((expected + 1) * width);
  for (let i = 1; i <= expected; i++) {
    for (let j = 1; j <= found; j++) {
      before[i * width + j] = fits[(i - 1) * found + j - 1]
        ? before[(i - 1) * width + j - 1]! + 1
        : Math.max(before[(i - 1) * width + j]!, before[i * width + j - 1]!);
    }
  }
  for (let i = expected - 1; i >= 0; i--) {
    for (let j = found - 1; j >= 0; j--) {
      after[i * width + j] = fits[i * found + j]
        ? after[(i + 1) * width + j + 1]! + 1
        : Math.max(after[(i + 1) * width + j]!, after[i * width + j + 1]!);
    }
  }
  const most = after[0]!;
  return Array.from({ length: expected }, (_, i) => {
    let partner: number | null = null;
    for (let j = 0; j <= found; j++) {
      const left = before[i * width + j]!;
      // It could as well have no partner: all pairs are to be had without it.
      if (left + after[(i + 1) * width + j]! === most) return null;
      if (j === found || !fits[i * found + j]) continue;
      if (left + 1 + after[(i + 1) * width + j + 1]! !== most) continue;
      if (partner !== null) return null;
      partner = j;
    }
    return partner;
  });
}
