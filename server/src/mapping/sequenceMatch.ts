// Pairs the equal elements of two sequences in order: what stayed when a list was edited.
// Exact (a longest common subsequence) where that is cheap; in long stretches without a unique element it pairs
// nothing, which a caller must read as 'not known to have stayed'.

/** Cells of the dynamic programming table that one stretch may cost: about 2 ms. */
const maxCells = 250_000;

/** For each element of `after` the index of its partner in `before`, or -1. Partners increase. */
export function matchSequences(before: readonly string[], after: readonly string[]): Int32Array {
  const partner = new Int32Array(after.length).fill(-1);
  const stretches: Stretch[] = [{ a: 0, aEnd: before.length, b: 0, bEnd: after.length }];
  for (let stretch = stretches.pop(); stretch; stretch = stretches.pop()) {
    trim(before, after, stretch, partner);
    const { a, aEnd, b, bEnd } = stretch;
    if (a === aEnd || b === bEnd) continue;
    if ((aEnd - a) * (bEnd - b) <= maxCells) {
      longestCommon(before, after, stretch, partner);
      continue;
    }
    // Patience diff: elements that are unique on both sides cut a long stretch into short ones.
    let fromA = a;
    let fromB = b;
    for (const [inA, inB] of uniqueAnchors(before, after, stretch)) {
      partner[inB] = inA;
      stretches.push({ a: fromA, aEnd: inA, b: fromB, bEnd: inB });
      fromA = inA + 1;
      fromB = inB + 1;
    }
    if (fromB > b) stretches.push({ a: fromA, aEnd, b: fromB, bEnd });
  }
  return partner;
}

interface Stretch {
  a: number;
  aEnd: number;
  b: number;
  bEnd: number;
}

/** Pairs what is equal at both ends; most edits leave nothing else. */
function trim(before: readonly string[], after: readonly string[], stretch: Stretch, partner: Int32Array) {
  while (stretch.a < stretch.aEnd && stretch.b < stretch.bEnd && before[stretch.a] === after[stretch.b]) {
    partner[stretch.b++] = stretch.a++;
  }
  while (
    stretch.a < stretch.aEnd &&
    stretch.b < stretch.bEnd &&
    before[stretch.aEnd - 1] === after[stretch.bEnd - 1]
  ) {
    partner[--stretch.bEnd] = --stretch.aEnd;
  }
}

function longestCommon(
  before: readonly string[],
  after: readonly string[],
  { a, aEnd, b, bEnd }: Stretch,
  partner: Int32Array,
) {
  const width = bEnd - b + 1;
  // length[i][j]: longest common subsequence of before[a+i..] and after[b+j..].
  const length = new Uint32Array((aEnd - a + 1) * width);
  for (let i = aEnd - a - 1; i >= 0; i--) {
    for (let j = bEnd - b - 1; j >= 0; j--) {
      length[i * width + j] =
        before[a + i] === after[b + j]
          ? length[(i + 1) * width + j + 1]! + 1
          : Math.max(length[(i + 1) * width + j]!, length[i * width + j + 1]!);
    }
  }
  let i = 0;
  let j = 0;
  while (i < aEnd - a && j < bEnd - b) {
    if (before[a + i] === after[b + j]) partner[b + j++] = a + i++;
    else if (length[(i + 1) * width + j]! >= length[i * width + j + 1]!) i++;
    else j++;
  }
}

/** Pairs of elements that occur once on each side, the longest increasing run of them, in order. */
function uniqueAnchors(
  before: readonly string[],
  after: readonly string[],
  { a, aEnd, b, bEnd }: Stretch,
): [number, number][] {
  const once = (list: readonly string[], from: number, to: number) => {
    const seen = new Map<string, number>();
    for (let i = from; i < to; i++) seen.set(list[i]!, seen.has(list[i]!) ? -1 : i);
    return seen;
  };
  const inBefore = once(before, a, aEnd);
  const pairs: [number, number][] = [];
  for (const [element, at] of once(after, b, bEnd)) {
    const other = inBefore.get(element) ?? -1;
    if (at >= 0 && other >= 0) pairs.push([other, at]);
  }
  pairs.sort((x, y) => x[1] - y[1]);
  // Longest increasing subsequence by piles; each card remembers the card on the pile to its left.
  const tops: number[] = [];
  const left = new Int32Array(pairs.length).fill(-1);
  for (let card = 0; card < pairs.length; card++) {
    let low = 0;
    let high = tops.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[tops[middle]!]![0] < pairs[card]![0]) low = middle + 1;
      else high = middle;
    }
    if (low > 0) left[card] = tops[low - 1]!;
    tops[low] = card;
  }
  const anchors: [number, number][] = [];
  for (let card = tops.at(-1) ?? -1; card >= 0; card = left[card]!) anchors.push(pairs[card]!);
  return anchors.reverse();
}
