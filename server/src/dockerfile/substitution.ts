// Variables in a text: `$x`, `${x}` and every modifier that BuildKit knows (shell/lex.go, processDollar). The words of
// modifiers are read by the lexer that called; patterns are pattern.ts.
import { LexError, type Lexer, leaveHole, look, spend } from './lexer';
import { longestMatch, replaceMatches, shortestMatch, suffixFrom } from './pattern';

/** From a `$` to the end of what it begins; the value, or the text as written where that was asked for. */
export function readVariable(lexer: Lexer): string {
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
  const { value: word } = lexer.readUntil(lexer, '}', trims, trims);
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
  const { value: pattern } = lexer.readUntil(lexer, '/', true, true);
  const { value: text } = lexer.readUntil(lexer, '}', true, false);
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
