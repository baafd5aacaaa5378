// Which of a million paths a filter means, in steps: a name is tested once however many paths have it, and paths are
// only put together for words with a slash. What the words are, entryFilter.ts decides.
import { type ChangeRows, changeKinds } from './changeRows';
import type { EntryFilter, WordTest } from './entryFilter';
import type { ChangeKind } from './model';
import type { PathTrie } from './pathTrie';
import { rowsOfStep } from './steps';

/** By node, 1 where all words about paths hold; null when there are none of those. */
export function* pathMatches(trie: PathTrie, words: readonly WordTest[]): Generator<void, Uint8Array | null> {
  let all: Uint8Array | null = null;
  for (const word of words) {
    if (word.of === 'bytes' || word.of === 'what') continue;
    const found = yield* wordMatches(trie, word);
    const wanted = word.not ? 0 : 1;
    const before: Uint8Array | null = all;
    for (let node = 0; node < found.length; node++) {
      if (node % (8 * rowsOfStep) === 0) yield;
      found[node] = found[node] === wanted && before?.[node] !== 0 ? 1 : 0;
    }
    all = found;
  }
  return all;
}

/** Tells whether all words hold that are not about paths. @param bytesOf and whatOf by what the answer is asked with */
export function otherWords(
  words: readonly WordTest[],
  bytesOf: (at: number) => number,
  whatOf: (at: number) => readonly string[],
): (at: number) => boolean {
  const others = words.filter(({ of }) => of === 'bytes' || of === 'what');
  const holds = (word: WordTest, at: number): boolean =>
    word.of === 'bytes' ? word.matches(bytesOf(at)) : word.of === 'what' && word.matches(whatOf(at));
  return (at) => others.every((word) => holds(word, at) !== word.not);
}

function* wordMatches(
  trie: PathTrie,
  { of, matches }: WordTest & { of: 'part' | 'name' | 'path' },
): Generator<void, Uint8Array> {
  const found = new Uint8Array(trie.count);
  const test = (text: string) => matches(text.toLowerCase());
  const pathOf = of === 'path' ? trie.pathReader() : null;
  const named = trie.nameTester(test);
  yield;
  for (let node = 1; node < trie.count; node++) {
    if (node % rowsOfStep === 0) yield;
    // A parent's number is smaller than its children's.
    const inside = of === 'part' && found[trie.parent[node]!] === 1;
    if (inside || (pathOf ? test(pathOf(node)) : named(node))) found[node] = 1;
  }
  return found;
}

/** By change, 1 where it is of one of the kinds (none: all) and passes the filter; null when all of them do. */
export function* passingChanges(
  rows: ChangeRows,
  kinds: readonly ChangeKind[],
  filter: EntryFilter | null,
): Generator<void, Uint8Array | null> {
  const isKind = changeKinds.map((kind) => kinds.length === 0 || kinds.includes(kind));
  if (!filter && isKind.every(Boolean)) return null;
  const paths = filter && (yield* pathMatches(rows.trie, filter.words));
  const passesOthers = otherWords(
    filter?.words ?? [],
    (at) => rows.bytesAt(at),
    (at) => rows.what(at),
  );
  const passes = new Uint8Array(rows.count);
  for (let at = 0; at < rows.count; at++) {
    if (at % rowsOfStep === 0) yield;
    if (!isKind[rows.kind[at]!] || paths?.[rows.node[at]!] === 0) continue;
    if (passesOthers(at)) passes[at] = 1;
  }
  return passes;
}

/** Those of some positions, in their order, that pass. */
export function* positionsOf(
  order: Uint32Array | null,
  passes: Uint8Array | null,
  count: number,
): Generator<void, Uint32Array> {
  const found = new Uint32Array(count);
  let length = 0;
  for (let i = 0; i < count; i++) {
    if (i % (8 * rowsOfStep) === 0) yield;
    const at = order ? order[i]! : i;
    if (passes?.[at] !== 0) found[length++] = at;
  }
  return length === count ? found : found.slice(0, length);
}
