// Shell words as BuildKit reads them (frontend/dockerfile/shell/lex.go): quotes, escapes, variables with their modifiers,
// and the words that come out. It decides neither where variables get their values (lookup) nor what the words are for.
import { isSpace } from './characters';
import { type Budget, LexError, type Lexer, type Lookup, newBudget } from './lexer';
import { PatternError } from './pattern';
import { readVariable } from './substitution';

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
    readUntil,
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
