// Which entries a person means by what they type into a filter: words are parts of a path, `*.so` and `usr/**/doc` are
// globs (without a slash of a name at any depth), `>10MB` and `<1k` are sizes, `!` in front turns a word around, and
// `content`, `mode`, `owner` and so on behind `what:` are what changed. All words must hold.
import { parseByteSize } from '../primitives/byteSize';

/** A file, a directory or a change of one, as a filter sees it. */
export interface FilteredEntry {
  path: string;
  bytes: number;
  /** What changed; nothing of an entry that is no change. */
  what: readonly string[];
}

type Test = (entry: FilteredEntry) => boolean;

export interface EntryFilter {
  test: Test;
  /** Whether a directory that passes stands for all that it holds: not where sizes or what is not wanted decide. */
  takesFolders: boolean;
}

/** Of words and of characters: longer ones are no filter that a person types. */
const mostWords = 32;
const longestFilter = 2000;

/** Null for an empty filter. Never throws. */
export function entryFilter(text: string): EntryFilter | null {
  const words = text.slice(0, longestFilter).split(/\s+/).filter(Boolean).slice(0, mostWords);
  if (words.length === 0) return null;
  const tests = words.map(wordTest);
  return {
    test: (entry) => tests.every((test) => test(entry)),
    takesFolders: words.every((word) => !/^(?:!|[<>]|what:)/i.test(word)),
  };
}

function wordTest(word: string): Test {
  if (word.length > 1 && word.startsWith('!')) {
    const test = wordTest(word.slice(1));
    return (entry) => !test(entry);
  }
  const size = /^([<>])=?(.+)$/.exec(word);
  const bytes = size ? parseByteSize(size[2]!) : null;
  if (size && bytes !== null) {
    return size[1] === '>' ? (entry) => entry.bytes >= bytes : (entry) => entry.bytes <= bytes;
  }
  const what = /^what:(.+)$/i.exec(word)?.[1]?.toLowerCase();
  if (what !== undefined) return (entry) => entry.what.some((part) => part.startsWith(what));
  if (/[*?]/.test(word)) return globTest(word.replace(/^\//, ''));
  const part = word.replace(/^\/(?=.)/, '').toLowerCase();
  return ({ path }) => path.toLowerCase().includes(part);
}

/** `*` and `?` stay inside a name, `**` does not. Matched by hand: a pattern must not take more than length times length. */
function globTest(pattern: string): Test {
  const glob = pattern.toLowerCase();
  const ofName = !glob.includes('/');
  return ({ path }) => {
    const text = path.toLowerCase();
    return globMatches(glob, ofName ? text.slice(text.lastIndexOf('/') + 1) : text);
  };
}

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
