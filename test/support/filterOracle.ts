// What a filter means, told of one entry after the other: what the columns of layers/pathMatches.ts must agree with.
import type { EntryFilter, WordTest } from '../../server/src/layers/entryFilter';

/** A file, a directory or a change of one, as a filter sees it. */
export interface FilteredEntry {
  path: string;
  bytes: number;
  /** What changed; nothing of an entry that is no change. */
  what: readonly string[];
}

/** Whether an entry passes; without a filter all do. */
export function passesFilter(filter: EntryFilter | null, entry: FilteredEntry): boolean {
  const path = entry.path.toLowerCase();
  return filter?.words.every((word) => holds(word, path, entry) !== word.not) ?? true;
}

function holds(word: WordTest, path: string, { bytes, what }: FilteredEntry): boolean {
  switch (word.of) {
    case 'bytes':
      return word.matches(bytes);
    case 'what':
      return word.matches(what);
    case 'name':
      return word.matches(path.slice(path.lastIndexOf('/') + 1));
    default:
      // What no slash is in stands in a path when it stands in one of its names.
      return word.matches(path);
  }
}
