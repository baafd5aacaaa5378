// A command line of a shell as words, where it is one plain command: quotes are taken off and variables put in. No shell is
// written anew here: a line with operators, substitutions or redirections is none that we read.
import { interpolate, type Lookup } from './interpolate';

const longest = 16 * 1024;

/** Null for a line that is more than one plain command. */
export function commandWords(line: string, lookup: Lookup): string[] | null {
  if (line.length > longest || /[`\n]|\$\(|\$\$/.test(line)) return null;
  const words: string[] = [];
  let word: string | null = null;
  const parts = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|(\s+)|([&|;<>()]+)|([^'"\\\s&|;<>()]+)|(['"\\])/g;
  const value = (text: string) => interpolate(text, lookup, () => {});
  for (const [, single, double, escaped, blank, operator, plain, broken] of line.matchAll(parts)) {
    if (operator !== undefined || broken !== undefined) return null;
    if (blank !== undefined) {
      if (word !== null) words.push(word);
      word = null;
    } else if (single !== undefined) word = (word ?? '') + single;
    else if (double !== undefined) word = (word ?? '') + value(double.replace(/\\(["\\$`])/g, '$1'));
    else word = (word ?? '') + (escaped ?? value(plain ?? ''));
  }
  if (word !== null) words.push(word);
  return words;
}
