// How compose merges what several of its files say of one thing (Compose specification, 13; compose-go override/merge.go).
// Reads no files.
import { fields } from '../../build/jsonFields';
import { pairs, scalar, scalars } from './values';

/** The same value with each text changed. */
export function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  // Object.fromEntries makes `__proto__` a plain name.
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, mapTexts(held, change)]));
}

/** Names of `build` that are mappings or lists of `NAME=value`, and are joined name by name. */
const byName = new Set(['args', 'labels', 'additional_contexts', 'extra_hosts']);

/** Mappings name by name, lists one after the other, else the later counts. */
export function merge(first: unknown, second: unknown, depth: number, key = ''): unknown {
  if (depth > 20) return second;
  if (byName.has(key)) return { ...Object.fromEntries(pairs(first)), ...Object.fromEntries(pairs(second)) };
  if (key === 'build') {
    const whole = (build: unknown) => (scalar(build) === null ? build : { context: build });
    return mergeFields(whole(first), whole(second), depth);
  }
  if (Array.isArray(first) && Array.isArray(second)) {
    const both = [...first, ...second];
    return both.every((item) => scalar(item) !== null) ? [...new Set(scalars(both))] : both;
  }
  return mergeFields(first, second, depth);
}

function mergeFields(first: unknown, second: unknown, depth: number): unknown {
  const isFields = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (second === undefined || second === null) return first;
  if (!isFields(first) || !isFields(second)) return second;
  const entries = new Map(Object.entries(fields(first)));
  for (const [key, value] of Object.entries(fields(second))) {
    entries.set(key, entries.has(key) ? merge(entries.get(key), value, depth + 1, key) : value);
  }
  return Object.fromEntries(entries);
}
