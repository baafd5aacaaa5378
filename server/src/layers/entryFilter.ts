// Which entries a person means by what they type into a filter: words are parts of a path, `*.so` and `usr/**/doc` are
// globs (without a slash of a name at any depth), `>10MB` and `<1k` are sizes, `!` in front turns a word around, and
// `content`, `mode`, `owner` and so on behind `what:` are what changed. All words must hold.
import { parseByteSize } from '../primitives/byteSize';

/** What one word asks. Texts come in lower case. */
export type WordTest = { not: boolean } & (
  | {
      /** Of `part` any name on the way to the entry, its own included; of `name` its own; of `path` all of it. */
      of: 'part' | 'name' | 'path';
      matches(text: string): boolean;
    }
  | { of: 'bytes'; matches(bytes: number): boolean }
  | { of: 'what'; matches(what: readonly string[]): boolean }
);

export interface EntryFilter {
  /** All must hold; which entries they hold of, pathMatches.ts finds. */
  words: readonly WordTest[];
  /** Whether a directory that passes stands for all that it holds: not where sizes or what is not wanted decide. */
  takesFolders: boolean;
}

/** Of words and of characters: longer ones are no filter that a person types. */
const mostWords = 32;
const longestFilter = 2000;

/** Null for an empty filter. Never throws. */
export function entryFilter(text: string): EntryFilter | null {
  const words = text.slice(0, longestFilter).split(/\s+/).filter(Boolean).slice(0, mostWords).map(wordTest);
  if (words.length === 0) return null;
  return {
    words,
    takesFolders: words.every(({ of, not }) => !not && of !== 'bytes' && of !== 'what'),
  };
}

function wordTest(text: string): WordTest {
  if (text.length > 1 && text.startsWith('!')) {
    const word = wordTest(text.slice(1));
    return { ...word, not: !word.not };
  }
  const size = /^([<>])=?(.+)$/.exec(text);
  const limit = size ? parseByteSize(size[2]!) : null;
  if (size && limit !== null) {
    const matches = (bytes: number) => (size[1] === '>' ? bytes >= limit : bytes <= limit);
    return { not: false, of: 'bytes', matches };
  }
  const wanted = /^what:(.+)$/i.exec(text)?.[1]?.toLowerCase();
  if (wanted !== undefined) {
    return { not: false, of: 'what', matches: (what) => what.some((part) => part.startsWith(wanted)) };
  }
  if (/[*?]/.test(text)) {
    const glob = text.replace(/^\//, '').toLowerCase();
    return {
      not: false,
      of: glob.includes('/') ? 'path' : 'name',
      matches: globTest(glob),
    };
  }
  const part = text.replace(/^\/(?=.)/, '').toLowerCase();
  return {
    not: false,
    of: part.includes('/') ? 'path' : 'part',
    matches: (name: string) => name.includes(part),
  };
}

/** `*` and `?` stay inside a name, `**` does not. Whatever lacks a literal part of the pattern is no match, which is seen quickly. */
function globTest(glob: string): (text: string) => boolean {
  const parts = glob.split(/\*\*\/|\*|\?/);
  const [start = ''] = parts;
  const end = parts.at(-1)!;
  const inner = parts.slice(1, -1).filter(Boolean);
  return (text) =>
    text.startsWith(start) &&
    text.endsWith(end) &&
    inner.every((part) => text.includes(part)) &&
    globMatches(glob, text);
}

/** By hand: a pattern must not take more than length times length. */
function globMatches(glob: string, text: string): boolean {
  // By position in the glob: which positions of the text it can have come to.
  let reached = new Uint8Array(text.length + 1);
  reached[0] = 1;
  for (let g = 0; g < glob.length; g++) {
    const after = new Uint8Array(text.length + 1);
    const star = glob[g] === '*';
    const deep = star && glob[g + 1] === '*';
    if (deep) {
      g++;
      // `**/` is also no directory at all.
      if (glob[g + 1] === '/') {
        after.set(reached);
        for (let t = 0, on = false; t < text.length; t++) {
          on ||= reached[t] === 1;
          if (on && text[t] === '/') after[t + 1] = 1;
        }
        g++;
        reached = after;
        continue;
      }
    }
    for (let t = 0, on = false; t <= text.length; t++) {
      if (star) {
        on = reached[t] === 1 || (on && (deep || text[t - 1] !== '/'));
        if (on) after[t] = 1;
      } else if (reached[t] === 1 && t < text.length) {
        if (glob[g] === text[t] || (glob[g] === '?' && text[t] !== '/')) after[t + 1] = 1;
      }
    }
    reached = after;
  }
  return reached[text.length] === 1;
}
