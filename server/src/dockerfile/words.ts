// How one logical line falls into keyword, flags and words (BuildKit: parser/split_command.go, parser/line_parsers.go).
// Quotes and variables inside a word are left as they are: lex.ts reads those. It does not judge what the words mean.
import { isSeparator, isSpace, skipSpace, trimSpace } from './characters';
import type { Flag } from './model';

export interface Command {
  /** As written. */
  keyword: string;
  flags: Flag[];
  /** What follows the flags, without blanks around it. */
  rest: string;
  /** Offset of `rest` in the line; the line's length when it is empty. */
  restStart: number;
}

/** Splits a trimmed logical line. */
export function splitCommand(line: string, escape: string): Command {
  let keywordEnd = 0;
  while (keywordEnd < line.length && !isSeparator(line.charCodeAt(keywordEnd))) keywordEnd++;
  let start = keywordEnd;
  while (start < line.length && isSeparator(line.charCodeAt(start))) start++;
  const { flags, end } = splitFlags(line, start, escape);
  const restStart = skipSpace(line, end);
  return { keyword: line.slice(0, keywordEnd), flags, rest: trimSpace(line.slice(restStart)), restStart };
}

/** Leading words that start with `--`; a bare `--` ends them (extractBuilderFlags). */
function splitFlags(line: string, start: number, escape: string): { flags: Flag[]; end: number } {
  const flags: Flag[] = [];
  let at = start;
  for (;;) {
    at = skipSpace(line, at);
    if (!line.startsWith('--', at)) return { flags, end: at };
    const from = at;
    let word = '';
    let quote = '';
    for (; at < line.length; at++) {
      const character = line[at]!;
      if (quote === '' && isSpace(line.charCodeAt(at))) break;
      if (character === quote) quote = '';
      else if (quote === '' && (character === "'" || character === '"')) quote = character;
      else if (character === escape) {
        // An escape at the very end is dropped.
        at++;
        word += line[at] ?? '';
      } else word += character;
    }
    at = Math.min(at, line.length);
    if (word === '--') return { flags, end: at };
    const equals = word.indexOf('=');
    flags.push({
      name: word.slice(2, equals < 0 ? undefined : equals),
      value: equals < 0 ? null : word.slice(equals + 1),
      raw: line.slice(from, at),
    });
  }
}

/** Words parted by blanks alone; quotes mean nothing here (parseStringsWhitespaceDelimited). */
export function blankWords(rest: string): string[] {
  return rest === '' ? [] : rest.split(/[\t\v\f\r ]+/);
}

/** Words parted by blanks outside of quotes, quotes and escapes kept (parseWords): ENV, LABEL, ARG. */
export function quotedWords(rest: string, escape: string): string[] {
  const words: string[] = [];
  for (let at = skipSpace(rest, 0); at < rest.length; at = skipSpace(rest, at)) {
    let word = '';
    let quote = '';
    let quoted = false;
    for (; at < rest.length; at++) {
      const character = rest[at]!;
      if (quote === '' && isSpace(rest.charCodeAt(at))) break;
      if (character === escape && quote !== "'") {
        // An escape at the very end is dropped; any other stays, and shields the character after it.
        at++;
        if (at < rest.length) word += character + rest[at];
        continue;
      }
      if (character === quote) quote = '';
      else if (quote === '' && (character === "'" || character === '"')) {
        quote = character;
        quoted = true;
      }
      word += character;
    }
    if (quoted || word !== '') words.push(word);
  }
  return words;
}

export interface NamedValues {
  pairs: { name: string; value: string }[];
  /** Why BuildKit refuses the line; null when it does not. */
  error: string | null;
}

/** `A=1 B="x y"`, or the old form `A the rest of the line` (parseNameVal): ENV and LABEL. */
export function namedValues(rest: string, escape: string): NamedValues {
  const words = quotedWords(rest, escape);
  if (words.length === 0) return { pairs: [], error: null };
  if (!words[0]!.includes('=')) {
    const [name, value] = splitOnce(rest);
    if (value === null) return { pairs: [], error: `${name} has no value: write ${name}=value` };
    return { pairs: [{ name, value }], error: null };
  }
  const pairs: NamedValues['pairs'] = [];
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals < 0) return { pairs, error: `"${word}" has no =: write name=value` };
    pairs.push({ name: word.slice(0, equals), value: word.slice(equals + 1) });
  }
  return { pairs, error: null };
}

function splitOnce(rest: string): [string, string | null] {
  const blanks = /[\t\v\f\r ]+/.exec(rest);
  if (!blanks) return [rest, null];
  return [rest.slice(0, blanks.index), rest.slice(blanks.index + blanks[0].length)];
}

/**
 * The strings of the JSON form. Null when the text is no JSON array, which makes it the shell form without a word;
 * `not strings` for an array of anything else, which BuildKit refuses (parseJSON).
 */
export function jsonStrings(rest: string): string[] | 'not strings' | null {
  if (!rest.startsWith('[') || !rest.endsWith(']')) return null;
  let value: unknown;
  try {
    value = JSON.parse(rest);
  } catch {
    return null;
  }
  if (!Array.isArray(value)) return null;
  return value.every((one) => typeof one === 'string') ? value : 'not strings';
}
