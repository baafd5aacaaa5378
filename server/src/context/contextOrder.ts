// The order of a context's entries: depth first, names by their bytes, as BuildKit's client walks (filepath.WalkDir).
import type { ContextEntry } from './model';

/** Negative when `a` is walked before `b`. A folder comes right before what it holds. */
export function comparePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Names of one folder, without slashes, put in order; nearly always the runtime's own order is the right one. */
export function sortNames<T extends { name: string }>(entries: T[]): T[] {
  const plain = !entries.some(({ name }) => beyondBasic.test(name));
  if (!plain) return entries.sort((a, b) => comparePaths(a.name, b.name));
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const beyondBasic = /[\ud800-\uffff]/;
const slash = 0x2f;
const firstSurrogate = 0xd800;
const afterSurrogates = 0xe000;

/** A slash ends a name and so comes first; UTF-16 puts what needs two units before U+E000, UTF-8 behind U+FFFF. */
function rank(unit: number): number {
  if (unit === slash) return -1;
  if (unit < firstSurrogate) return unit;
  return unit < afterSurrogates ? unit + 0x2000 : unit - 0x800;
}

/** Where a path stands, or would stand, among entries in order. */
export function placeOf(entries: readonly ContextEntry[], path: string): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (comparePaths(entries[middle]!.path, path) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The entry of a path among entries in order. */
export function findPath(entries: readonly ContextEntry[], path: string): ContextEntry | undefined {
  const found = entries[placeOf(entries, path)];
  return found?.path === path ? found : undefined;
}
