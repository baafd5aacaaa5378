// Puts a million sizes in order without comparing them pair by pair, and a step at a time: whoever runs it can answer
// others between two steps. A radix sort over the digits of whole numbers.
import type { ChangeRows } from './changeRows';
import { inRanges, rowsOfStep } from './steps';

const digits = 2 ** 16;
const rows = 4 * rowsOfStep;

/** Positions of the changes of a diff, the largest first; equal ones stay in their order. */
export function* orderBySize(rows: ChangeRows): Generator<void, Uint32Array> {
  return yield* sizeOrder(yield* rows.bytes());
}

/** Positions of the values, the largest first; equal ones stay in their order. @param values whole numbers from 0 */
export function* sizeOrder(values: Float64Array): Generator<void, Uint32Array> {
  let most = 0;
  let order = new Uint32Array(values.length);
  yield* inRanges(values.length, (from, to) => {
    for (let i = from; i < to; i++) {
      order[i] = i;
      if (values[i]! > most) most = values[i]!;
    }
  });
  // Counting the digits costs as much as sorting thousands.
  if (values.length < rowsOfStep) return order.sort((a, b) => values[b]! - values[a]! || a - b);
  let next = new Uint32Array(values.length);
  for (let unit = 1; unit <= most; unit *= digits) {
    const starts = new Uint32Array(digits + 1);
    // The largest digit first: it is counted at the place of the smallest.
    const digitOf = (at: number): number => digits - 1 - (Math.floor(values[at]! / unit) % digits);
    for (let i = 0; i < order.length; i++) {
      if (i % rows === 0) yield;
      starts[digitOf(i) + 1]!++;
    }
    for (let digit = 0; digit < digits; digit++) starts[digit + 1]! += starts[digit]!;
    for (let i = 0; i < order.length; i++) {
      if (i % rows === 0) yield;
      const at = order[i]!;
      next[starts[digitOf(at)]!++] = at;
    }
    [order, next] = [next, order];
  }
  return order;
}
