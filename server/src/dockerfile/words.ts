// How one logical line falls into keyword, flags and words (BuildKit: parser/split_command.go, parser/line_parsers.go).
// Quotes and variables inside a word are left as they are: lex.ts reads those. It does not judge what the words mean.
import { isAsciiSpace, isSeparator, isSpace, skipSpace, trimSpace } from './characters';
import type { Flag } from './model';

export interface Command {
  /** Upper case. */
  keyword: string;
  /** As written: another case can have another length. */
  keywordLength: number;
  flags: Flag[];
  /** What follows the flags, without blanks around it. */
  rest: string;
  /** Offset of `rest` in the line; the line's length when it is empty. */
  restStart: number;
}

/** Splits a trimmed logical line. */
export function splitCommand(line: string, escapeChar: string): Command {
  let keywordEnd = 0;
  while (keywordEnd < line.length && !isSeparator(line.charCodeAt(keywordEnd))) keywordEnd++;
  let start = keywordEnd;
  while (start < line.length && isSeparator(line.charCodeAt(start))) start++;
  const { flags, end } = splitFlags(line, start, escapeChar);
  const restStart = skipSpace(line, end);
  return {
    keyword: line.slice(0, keywordEnd).toUpperCase(),
    keywordLength: keywordEnd,
    flags,
    rest: trimSpace(line.slice(restStart)),
    restStart,
  };
}

/**
 * Leading words that start with `--`; a bare `--` ends them (extractBuilderFlags). BuildKit goes byte by byte here and so
 * garbles a flag value that is not ASCII; that is not copied.
 */
function splitFlags(line: string, start: number, escapeChar: string): { flags: Flag[]; end: number } {
  const flags: Flag[] = [];
  let at = start;
  for (;;) {
    while (isAsciiSpace(line.charCodeAt(at))) at++;
    if (!line.startsWith('--', at)) return { flags, end: at };
    const from = at;
    let word = '';
    let quote = '';
    for (; at < line.length; at++) {
      const character = line[at]!;
      if (quote === '' && isAsciiSpace(line.charCodeAt(at))) break;
      if (character === quote) quote = '';
      else if (quote === '' && (character === "'" || character === '"')) quote = character;
      else if (character === escapeChar) {
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
export function quotedWords(rest: string, escapeChar: string): string[] {
  const words: string[] = [];
  for (let at = skipSpace(rest, 0); at < rest.length; at = skipSpace(rest, at)) {
    let word = '';
    let quote = '';
    let quoted = false;
    for (; at < rest.length; at++) {
      const character = rest[at]!;
      if (quote === '' && isSpace(rest.charCodeAt(at))) break;
      if (character === escapeChar && quote !== "'") {
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
export function namedValues(rest: string, escapeChar: string): NamedValues {
  const words = quotedWords(rest, escapeChar);
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

/**
 * The words of an instruction as written, each as the pieces that are read on their own: one, or a name and its value.
 * Sources then destination for ADD and COPY; none for an instruction in shell form.
 */
export function wordPieces(
  keyword: string,
  rest: string,
  json: string[] | null,
  escapeChar: string,
): string[][] {
  if (json) return json.map((word) => [word]);
  switch (keyword) {
    case 'ADD':
    case 'COPY':
    case 'VOLUME':
    case 'EXPOSE':
    case 'FROM':
      return blankWords(rest).map((word) => [word]);
    case 'ENV':
    case 'LABEL':
      return namedValues(rest, escapeChar).pairs.map(({ name, value }) => [name, value]);
    case 'ARG':
      return quotedWords(rest, escapeChar).map((word) => {
        const equals = word.indexOf('=');
        return equals < 0 ? [word] : [word.slice(0, equals), word.slice(equals + 1)];
      });
    case 'WORKDIR':
    case 'USER':
    case 'STOPSIGNAL':
    case 'MAINTAINER':
      return rest === '' ? [] : [[rest]];
    default:
      return [];
  }
}

/** Expanded by BuildKit (the Expand methods of instructions/commands.go); FROM by itself, of ARG the values only. */
const expanded = new Set([
  'ADD',
  'ARG',
  'COPY',
  'ENV',
  'EXPOSE',
  'FROM',
  'LABEL',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
]);

/** True when the build replaces variables in the words of the instruction. RUN leaves that to the shell. */
export function isExpanded(keyword: string): boolean {
  return expanded.has(keyword);
}
