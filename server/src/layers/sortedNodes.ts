// Puts nodes in order by comparing them, a step at a time: one directory may hold a million.
import { rowsOfStep } from './steps';

/** The nodes sorted, in this array or another; equal ones stay in their order. */
export function* sortNodes(
  nodes: Int32Array,
  compare: (a: number, b: number) => number,
): Generator<void, Int32Array> {
  for (let from = 0; from < nodes.length; from += rowsOfStep) {
    nodes.subarray(from, from + rowsOfStep).sort(compare);
    yield;
  }
  let sorted = nodes;
  let next = nodes.length > rowsOfStep ? new Int32Array(nodes.length) : nodes;
  for (let width = rowsOfStep; width < nodes.length; width *= 2) {
    for (let from = 0; from < nodes.length; from += 2 * width) {
      yield* merge(
        sorted,
        next,
        from,
        Math.min(nodes.length, from + width),
        Math.min(nodes.length, from + 2 * width),
        compare,
      );
    }
    [sorted, next] = [next, sorted];
  }
  return sorted;
}

function* merge(
  nodes: Int32Array,
  into: Int32Array,
  from: number,
  middle: number,
  end: number,
  compare: (a: number, b: number) => number,
): Generator<void> {
  let a = from;
  let b = middle;
  for (let at = from; at < end; at++) {
    if (at % rowsOfStep === 0) yield;
    const takesFirst = b >= end || (a < middle && compare(nodes[a]!, nodes[b]!) <= 0);
    into[at] = takesFirst ? nodes[a++]! : nodes[b++]!;
  }
}
