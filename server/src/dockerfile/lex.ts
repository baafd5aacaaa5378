// Shell words as BuildKit reads them (frontend/dockerfile/shell/lex.go): quotes, escapes, variables with their modifiers,
// and the words that come out. It decides neither where variables get their values (lookup) nor what the words are for.
import { isSpace } from './characters';
import { longestMatch, PatternError, replaceMatches, shortestMatch, suffixFrom } from './pattern';

/** The value of a variable; undefined when it has none or when it is not known. */
export type Lookup = (name: string) => string | undefined;

export interface LexOptions {
  lookup: Lookup;
  escape: string;
  /** Leaves `$name` as written when the variable has no value, instead of dropping it. */
  keepUnset?: boolean;
  /** Keeps the quotes in the result. */
  rawQuotes?: boolean;
  /** Keeps the escape characters in the result. */
  rawEscapes?: boolean;
  /** Quotes are characters like any other: the bodies of heredocs. */
  plainQuotes?: boolean;
  /** Collects `words`; without it they stay empty, which is quicker. */
  splits?: boolean;
  /** Work that this and other texts share. */
  budget?: Budget;
}

/**
 * Characters of variables that may still be looked at. A few lines of `ENV a=$a$a` would otherwise make a value that no
 * memory holds; the builder has such bounds too, where it hands the variables to a process.
 */
export interface Budget {
  left: number;
}

export function newBudget(): Budget {
  return { left: 16_000_000 };
}

export interface Lexed {
  value: string;
  /** The value split at its unquoted blanks, when asked for. */
  words: string[];
  /** Variables without a value where the text gives no other word for that case: they left a hole. */
  missing: ReadonlySet<string>;
  /** All variables that were looked up in vain, the defaulted ones (`${x:-y}`) included. */
  absent: ReadonlySet<string>;
  /** Why BuildKit would refuse the text, a clause for a person; null when it reads it. Value and words are empty then. */
  error: string | null;
}

/** Go's stack has no such bound; no text that a person wrote comes near it. */
const deepest = 100;

class LexError extends Error {}

interface Lexer {
  readonly text: string;
  readonly lookup: Lookup;
  readonly escape: string;
  readonly keepUnset: boolean;
  readonly rawQuotes: boolean;
  readonly plainQuotes: boolean;
  readonly splits: boolean;
  readonly budget: Budget;
  at: number;
  depth: number;
  raw: boolean;
  /** The word being collected. One for all depths, as in lex.go: a `${x:-y}` forgets what stood before it in its word. */
  word: string;
  missing: Set<string> | null;
  absent: Set<string> | null;
}

const none: ReadonlySet<string> = new Set();

/** Reads a whole text. Never throws, linear in the length of the text. */
export function lex(text: string, options: LexOptions): Lexed {
  const lexer: Lexer = {
    text,
    lookup: options.lookup,
    escape: options.escape,
    keepUnset: options.keepUnset ?? false,
    rawQuotes: options.rawQuotes ?? false,
    plainQuotes: options.plainQuotes ?? false,
    splits: options.splits ?? false,
    budget: options.budget ?? newBudget(),
    // text/scanner, on which lex.go stands, drops a byte order mark at the start.
    at: text.charCodeAt(0) === 0xfeff ? 1 : 0,
    depth: 0,
    raw: options.rawEscapes ?? false,
    word: '',
    missing: null,
    absent: null,
  };
  let value = '';
  let words: string[] = [];
  let error: string | null = null;
  try {
    ({ value, words } = readUntil(lexer, '', lexer.raw, false));
  } catch (thrown) {
    if (!(thrown instanceof LexError || thrown instanceof PatternError)) throw thrown;
    error = thrown.message;
  }
  return { value, words, missing: lexer.missing ?? none, absent: lexer.absent ?? none, error };
}

function leaveHole(lexer: Lexer, name: string): void {
  lexer.missing ??= new Set();
  lexer.missing.add(name);
}

/** Reads up to `stop` (to the end when it is empty) and steps over it. */
function readUntil(
  lexer: Lexer,
  stop: string,
  raw: boolean,
  keepPatternEscapes: boolean,
): { value: string; words: string[] } {
  if (++lexer.depth > deepest) throw new LexError('its variables are nested too deeply');
  const outerRaw = lexer.raw;
  lexer.raw = raw;
  lexer.word = '';
  const words: string[] = [];
  let inWord = false;
  let value = '';
  const add = (text: string) => {
    if (!lexer.splits) return;
    lexer.word += text;
    inWord = true;
  };
  const addSplit = (text: string) => {
    if (!lexer.splits) return;
    for (let i = 0; i < text.length; i++) {
      const character = text[i]!;
      if (!isSpace(character.charCodeAt(0))) add(character);
      else if (inWord && lexer.word !== '') {
        words.push(lexer.word);
        lexer.word = '';
        inWord = false;
      }
    }
  };
  while (lexer.at < lexer.text.length) {
    const character = lexer.text[lexer.at]!;
    if (stop !== '' && character === stop) break;
    if (character === '$') {
      const text = readVariable(lexer);
      value += text;
      addSplit(text);
    } else if (character === '<') {
      const text = readPossibleHeredoc(lexer);
      value += text;
      add(text);
    } else if (character === "'" && !lexer.plainQuotes) {
      const text = readSingleQuotes(lexer, keepPatternEscapes);
      value += text;
      add(text);
    } else if (character === '"' && !lexer.plainQuotes) {
      const text = readDoubleQuotes(lexer, keepPatternEscapes);
      value += text;
      add(text);
    } else if (character === lexer.escape) {
      lexer.at++;
      if (lexer.raw) {
        value += character;
        add(character);
      }
      if (lexer.at === lexer.text.length) break;
      const escaped = lexer.text[lexer.at++]!;
      value += escaped;
      add(escaped);
    } else {
      lexer.at++;
      value += character;
      addSplit(character);
    }
  }
  if (stop !== '') {
    if (lexer.at === lexer.text.length) throw new LexError(`a ${stop} is missing in a \${…}`);
    lexer.at++;
  }
  if (lexer.word !== '') {
    words.push(lexer.word);
    lexer.word = '';
  }
  lexer.raw = outerRaw;
  lexer.depth--;
  return { value, words };
}

function readSingleQuotes(lexer: Lexer, keepPatternEscapes: boolean): string {
  const start = lexer.at + 1;
  const end = lexer.text.indexOf("'", start);
  if (end < 0) throw new LexError("the closing ' is missing");
  lexer.at = end + 1;
  let text = lexer.text.slice(start, end);
  if (keepPatternEscapes) text = text.replaceAll(lexer.escape, lexer.escape + lexer.escape);
  return lexer.rawQuotes ? `'${text}'` : text;
}

function readDoubleQuotes(lexer: Lexer, keepPatternEscapes: boolean): string {
  const quote = lexer.rawQuotes ? '"' : '';
  let value = quote;
  lexer.at++;
  for (;;) {
    if (lexer.at >= lexer.text.length) throw new LexError('the closing " is missing');
    const character = lexer.text[lexer.at]!;
    if (character === '"') {
      lexer.at++;
      return value + quote;
    }
    if (character === '$') {
      value += readVariable(lexer);
      continue;
    }
    lexer.at++;
    if (character !== lexer.escape) {
      value += character;
      continue;
    }
    const next = lexer.text[lexer.at];
    if (next === undefined) continue;
    if (next === '"' || next === '$' || next === lexer.escape) {
      if (lexer.raw) value += character;
      value += next;
      lexer.at++;
    } else {
      // Any other escape stays; in a pattern it is doubled, since the pattern is read once more.
      if (lexer.raw && (!lexer.rawQuotes || keepPatternEscapes)) value += character;
      value += character;
    }
  }
}

/** `<<` takes the blanks after it into its word, so that `<< EOF` is one word (BuildKit 0.22 and later). */
function readPossibleHeredoc(lexer: Lexer): string {
  const start = lexer.at++;
  if (lexer.text[lexer.at] !== '<') return '<';
  lexer.at++;
  while (/[\t\r ]/.test(lexer.text[lexer.at] ?? '')) lexer.at++;
  return lexer.text.slice(start, lexer.at);
}

function readVariable(lexer: Lexer): string {
  lexer.at++;
  if (lexer.text[lexer.at] !== '{') {
    const name = readName(lexer);
    if (name === '') return '$';
    const value = look(lexer, name);
    if (value !== undefined) return value;
    if (lexer.keepUnset) return `$${name}`;
    leaveHole(lexer, name);
    return '';
  }
  lexer.at++;
  const first = lexer.text[lexer.at];
  if (first === undefined) throw new LexError('a } is missing');
  if (first === '{' || first === '}' || first === ':') throw new LexError(`\${${first} names no variable`);
  const name = readName(lexer);
  const modifier = lexer.text[lexer.at++];
  if (modifier === '}') {
    const value = look(lexer, name);
    if (value !== undefined) return value;
    if (lexer.keepUnset) return `\${${name}}`;
    leaveHole(lexer, name);
    return '';
  }
  if (modifier === undefined) throw new LexError('a } is missing');
  if (modifier === '/') return readReplacement(lexer, name);
  if (!':+-?#%'.includes(modifier)) throw new LexError(`\${${name}${modifier} is no modifier that is known`);
  return readModified(lexer, name, modifier);
}

/** `${x-w}`, `${x:-w}`, `+`, `?` and the trimming `#`, `##`, `%`, `%%`, from after the first modifier character. */
function readModified(lexer: Lexer, name: string, first: string): string {
  const colon = first === ':';
  const modifier = colon ? (lexer.text[lexer.at++] ?? '') : first;
  const shown = colon ? `:${modifier}` : modifier;
  const trims = modifier === '#' || modifier === '%';
  const unknown = `\${${name}${shown} is no modifier that is known`;
  if (colon && trims) throw new LexError(unknown);
  const { value: word } = readUntil(lexer, '}', trims, trims);
  const value = look(lexer, name);
  if (value === undefined && lexer.keepUnset) return `\${${name}${shown}${word}}`;
  const empty = value === undefined || (colon && value === '');
  switch (modifier) {
    case '-':
      return empty ? word : value;
    case '+':
      return empty ? '' : word;
    case '?':
      if (empty) throw new LexError(`${name}: ${word || 'it must have a value'}`);
      return value;
    case '#':
    case '%':
      break;
    default:
      throw new LexError(unknown);
  }
  if (value === undefined) leaveHole(lexer, name);
  const longest = word.startsWith(modifier);
  const pattern = longest ? word.slice(1) : word;
  const match = longest ? longestMatch : shortestMatch;
  spend(lexer, (pattern.length + 1) * ((value?.length ?? 0) + 1));
  return modifier === '#'
    ? (value ?? '').slice(match(pattern, value ?? ''))
    : suffixFrom(pattern, value ?? '', match);
}

/** `${x/pattern/text}` and `${x//pattern/text}`, from after the first slash. */
function readReplacement(lexer: Lexer, name: string): string {
  const all = lexer.text[lexer.at] === '/';
  if (all) lexer.at++;
  const { value: pattern } = readUntil(lexer, '/', true, true);
  const { value: text } = readUntil(lexer, '}', true, false);
  const value = look(lexer, name);
  if (value === undefined) {
    if (lexer.keepUnset) return `\${${name}/${pattern}/${text}}`;
    leaveHole(lexer, name);
  }
  spend(lexer, (pattern.length + 1) * ((value?.length ?? 0) + 1));
  return replaceMatches(value ?? '', pattern, text, all);
}

const nameStart = /[\p{L}_]/u;
const nameRest = /[\p{L}\p{Nd}_]/u;
const digit = /\p{Nd}/u;

/** A name, a number, or one special parameter such as `$@`; empty when none of them follows. */
function readName(lexer: Lexer): string {
  const start = lexer.at;
  const first = characterAt(lexer);
  if (digit.test(first)) {
    for (let next = first; next !== '' && digit.test(next); next = characterAt(lexer))
      lexer.at += next.length;
  } else if (first !== '' && '@*#?-$!'.includes(first)) {
    lexer.at++;
  } else if (nameStart.test(first)) {
    for (let next = first; next !== '' && nameRest.test(next); next = characterAt(lexer))
      lexer.at += next.length;
  }
  return lexer.text.slice(start, lexer.at);
}

function characterAt(lexer: Lexer): string {
  const point = lexer.text.codePointAt(lexer.at);
  return point === undefined ? '' : String.fromCodePoint(point);
}

function look(lexer: Lexer, name: string): string | undefined {
  const value = lexer.lookup(name);
  if (value === undefined) {
    lexer.absent ??= new Set();
    lexer.absent.add(name);
  } else spend(lexer, value.length);
  return value;
}

function spend({ budget }: Lexer, work: number): void {
  budget.left -= work;
  if (budget.left < 0) throw new LexError('its variables grow too long to follow');
}
