// A pattern of patternmatcher as the regular expression that it becomes (patternmatcher.go, compile), read as Go's regexp
// reads it: `|` and `{n}` are not escaped there, and `\d` or `[[:alpha:]]` mean what they mean to Go. Matching is for
// patternSearch.ts.
import { complement, namedRanges, perlRanges, type Range, rangeSource } from './characterRanges';

/** One step of a match. `source` is the same as a part of a JavaScript regular expression with the flag u. */
export type Atom =
  | { kind: 'one'; source: string }
  | { kind: 'begin' | 'end' | 'edge' | 'inside'; source: string }
  /** `(.*\/)?` */
  | { kind: 'deep'; source: string };

export interface Piece {
  atom: Atom;
  least: number;
  /** Infinity for no end. */
  most: number;
}

/** How patternmatcher decides to compare. */
export type PatternForm =
  | { kind: 'exact' | 'prefix' | 'suffix'; text: string }
  /** Alternatives of which one has to match somewhere; null when Go refuses the expression. */
  | { kind: 'expression'; alternatives: Piece[][] | null }
  /** Groups of an older expression are not followed. */
  | { kind: 'unfollowed' };

const anySource = '[^\\n]';
const begin: Atom = { kind: 'begin', source: '^' };

/**
 * The form of a clean pattern, without its `!`. `escapes` is false on Windows. `older`: as containers/storage still has it
 * for buildah (pkg/fileutils), an expression always, in which more characters keep their meaning.
 */
export function patternForm(pattern: string, escapes: boolean, older = false): PatternForm {
  // text/scanner, which reads the pattern, drops a byte order mark at its start.
  const characters = Array.from(pattern.replace(/^\ufeff/, ''));
  let form: 'exact' | 'prefix' | 'suffix' | 'expression' = older ? 'expression' : 'exact';
  const literals = older ? '.$' : '.+()$';
  let expression = '^';
  let at = 0;
  for (let index = 0; at < characters.length; index++) {
    const one = characters[at++]!;
    if (one === '*' && characters[at] === '*') {
      at++;
      if (characters[at] === '/') at++;
      if (at < characters.length) {
        expression += '(.*/)?';
        form = 'expression';
      } else if (form === 'exact') {
        form = 'prefix';
      } else {
        expression += '.*';
        form = 'expression';
      }
      if (index === 0 && !older) form = 'suffix';
    } else if (one === '*' || one === '?') {
      expression += one === '*' ? '[^/]*' : '[^/]';
      form = 'expression';
    } else if (literals.includes(one)) {
      // `{`, `|` and `}` are meant to be here too, but the table of patternmatcher has no room for them.
      expression += `\\${one}`;
    } else if (one === '\\' && !escapes) {
      expression += '\\\\';
    } else if (one === '\\') {
      expression += at < characters.length ? `\\${characters[at]}` : '\\';
      if (at++ < characters.length) form = 'expression';
    } else {
      if (one === '[' || one === ']') form = 'expression';
      expression += one;
    }
  }
  if (form === 'prefix') return { kind: 'prefix', text: pattern.slice(0, -2) };
  // The two bytes that are cut off there are then not the two stars.
  if (form === 'suffix' && !pattern.startsWith('*')) return { kind: 'exact', text: pattern };
  if (form === 'suffix') return { kind: 'suffix', text: pattern.slice(2) };
  if (form === 'exact') return { kind: 'exact', text: pattern };
  if (older && /[()]/.test(pattern)) return { kind: 'unfollowed' };
  return { kind: 'expression', alternatives: readExpression(`${expression}$`, older) };
}

/** Go's regexp/syntax for what compile can write; null where Go returns an error. A plus is escaped unless `older`. */
function readExpression(text: string, older: boolean): Piece[][] | null {
  const alternatives: Piece[][] = [[]];
  let repeated = false;
  const put = (atom: Atom): void => {
    alternatives.at(-1)!.push({ atom, least: 1, most: 1 });
  };
  for (let at = 0; at < text.length; ) {
    const one = String.fromCodePoint(text.codePointAt(at)!);
    const count = one === '*' || (older && one === '+') ? openCount(one, at) : countAt(text, at);
    if (count) {
      const last = alternatives.at(-1)!.at(-1);
      if (repeated || !last || count.least > 1000 || (Number.isFinite(count.most) && count.most > 1000))
        return null;
      if (count.most < count.least) return null;
      Object.assign(last, { least: count.least, most: count.most });
      repeated = true;
      at = count.end;
      continue;
    }
    repeated = false;
    if (text.startsWith('(.*/)?', at)) {
      put({ kind: 'deep', source: `(?:${anySource}*/)?` });
      repeated = true;
      at += 6;
    } else if (one === '[') {
      const found = classAt(text, at);
      if (!found) return null;
      put({ kind: 'one', source: found.source });
      at = found.end;
    } else if (one === '\\' && text[at + 1] === 'Q') {
      const end = text.indexOf('\\E', at + 2);
      for (const letter of text.slice(at + 2, end < 0 ? undefined : end)) put(literal(letter));
      at = end < 0 ? text.length : end + 2;
    } else if (one === '\\') {
      const found = escapeAt(text, at);
      if (!found) return null;
      put(found.atom);
      at = found.end;
    } else {
      if (one === '|') alternatives.push([]);
      else if (one === '^') put(begin);
      else if (one === '$') put({ kind: 'end', source: '$' });
      else if (one === '.') put({ kind: 'one', source: anySource });
      else put(literal(one));
      at += one.length;
    }
  }
  return alternatives;
}

function literal(one: string): Atom {
  return { kind: 'one', source: rangeSource([[one.codePointAt(0)!, one.codePointAt(0)!]]) };
}

function openCount(one: string, at: number): { least: number; most: number; end: number } {
  return { least: one === '*' ? 0 : 1, most: Number.POSITIVE_INFINITY, end: at + 1 };
}

/** `{n}`, `{n,}`, `{n,m}`; null when it is none, and then a literal `{`. */
function countAt(text: string, at: number): { least: number; most: number; end: number } | null {
  const found =
    text[at] === '{' ? /^\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\}/.exec(text.slice(at, at + 40)) : null;
  if (!found) return null;
  const least = Number(found[1]);
  const most = found[3] !== undefined ? Number(found[3]) : found[2] ? Number.POSITIVE_INFINITY : least;
  return { least, most, end: at + found[0].length };
}

/** A backslash outside of a class. */
function escapeAt(text: string, at: number): { atom: Atom; end: number } | null {
  const next = text[at + 1];
  if (next === 'A') return { atom: begin, end: at + 2 };
  if (next === 'z') return { atom: { kind: 'end', source: '$' }, end: at + 2 };
  if (next === 'b' || next === 'B') {
    return { atom: { kind: next === 'b' ? 'edge' : 'inside', source: `\\${next}` }, end: at + 2 };
  }
  const set = setAt(text, at);
  if (set)
    return set.source === null ? null : { atom: { kind: 'one', source: `[${set.source}]` }, end: set.end };
  const escaped = escapedAt(text, at);
  return (
    escaped && {
      atom: { kind: 'one', source: rangeSource([[escaped.code, escaped.code]]) },
      end: escaped.end,
    }
  );
}

/** `\d`, `\pL` and the like, as the inside of a class; `source` is null when Go does not know it. */
function setAt(text: string, at: number): { source: string | null; end: number } | null {
  const next = text[at + 1] ?? '';
  if (next === 'p' || next === 'P') {
    const name = text[at + 2] ?? '';
    return { source: name !== '' && 'LMNPSZC'.includes(name) ? `\\${next}{${name}}` : null, end: at + 3 };
  }
  const ranges = perlRanges(next);
  return ranges && { source: rangeSource(ranges).slice(1, -1), end: at + 2 };
}

const controls: Record<string, number> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** One escaped character, Go's parseEscape. */
function escapedAt(text: string, at: number): { code: number; end: number } | null {
  const next = text[at + 1];
  if (next === undefined) return null;
  const code = next.charCodeAt(0);
  const octal = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(text.slice(at + 1, at + 4));
  if (octal) return { code: Number.parseInt(octal[0], 8), end: at + 1 + octal[0].length };
  const hex =
    next === 'x' ? /^(?:[0-9A-Fa-f]{2}|\{[0-9A-Fa-f]{1,8}\})/.exec(text.slice(at + 2, at + 14)) : null;
  if (hex) {
    const value = Number.parseInt(hex[0].replace('{', ''), 16);
    return value > 0x10ffff ? null : { code: value, end: at + 2 + hex[0].length };
  }
  if (Object.hasOwn(controls, next)) return { code: controls[next]!, end: at + 2 };
  return code < 0x80 && !/[0-9A-Za-z]/.test(next) ? { code, end: at + 2 } : null;
}

/** A class at its `[`, Go's parseClass. */
function classAt(text: string, start: number): { source: string; end: number } | null {
  let at = start + 1;
  const negated = text[at] === '^';
  if (negated) at++;
  const ranges: Range[] = [];
  let sets = '';
  const character = (): number | null => {
    if (text[at] === '\\') {
      const escaped = escapedAt(text, at);
      if (escaped) at = escaped.end;
      return escaped ? escaped.code : null;
    }
    const code = text.codePointAt(at);
    if (code === undefined) return null;
    at += code > 0xffff ? 2 : 1;
    return code;
  };
  for (let first = true; text[at] !== ']' || first; first = false) {
    const nameEnd = text.startsWith('[:', at) ? text.indexOf(':]', at + 2) : -1;
    if (nameEnd >= 0) {
      const name = text.slice(at + 2, nameEnd);
      const named = namedRanges(name.replace(/^\^/, ''));
      if (!named) return null;
      ranges.push(...(name.startsWith('^') ? complement(named) : named));
      at = nameEnd + 2;
      continue;
    }
    const set = text[at] === '\\' ? setAt(text, at) : null;
    if (set) {
      if (set.source === null) return null;
      sets += set.source;
      at = set.end;
      continue;
    }
    const low = character();
    if (low === null) return null;
    let high: number | null = low;
    if (text[at] === '-' && at + 1 < text.length && text[at + 1] !== ']') {
      at++;
      high = character();
    }
    if (high === null || high < low) return null;
    ranges.push([low, high]);
  }
  const inside = rangeSource(ranges).slice(1, -1);
  return { source: `[${negated ? '^' : ''}${inside}${sets}]`, end: at + 1 };
}
