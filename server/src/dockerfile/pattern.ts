// The wildcards of `${x#pattern}`, `${x%pattern}` and `${x/pattern/text}`: `*` and `?`, no brackets, a backslash before
// `*`, `?` or itself. BuildKit turns them into a regular expression (shell/lex.go, convertShellPatternToRegex); here a
// search that marks where it failed gives the same first match in time bounded by pattern times value.

/** The pattern is none that BuildKit accepts; the message is a clause for a person. */
export class PatternError extends Error {}

type Token = { kind: 'star' } | { kind: 'any' } | { kind: 'character'; character: string };

/** Pattern length times value length, in characters; real ones have a few hundred. */
const largestSearch = 4_000_000;

/** Length of the shortest match at the start of the value; 0 when there is none. Throws PatternError. */
export function shortestMatch(pattern: string, value: string): number {
  return matchAtStart(pattern, value, false);
}

/** Length of the longest match at the start of the value; 0 when there is none. Throws PatternError. */
export function longestMatch(pattern: string, value: string): number {
  return matchAtStart(pattern, value, true);
}

/** The value without what `match` finds at its end: pattern and value are turned round. Throws PatternError. */
export function suffixFrom(pattern: string, value: string, match: typeof shortestMatch): string {
  const length = match(reversedPattern(pattern), Array.from(value).reverse().join(''));
  return value.slice(0, value.length - length);
}

/** The value with its first match, or all matches, replaced; each match is the leftmost longest. Throws PatternError. */
export function replaceMatches(value: string, pattern: string, text: string, all: boolean): string {
  const search = newSearch(tokensOf(pattern), Array.from(value), true);
  if (!all) {
    const found = findFrom(search, 0);
    if (!found) return value;
    return search.value.slice(0, found.start).join('') + text + search.value.slice(found.end).join('');
  }
  let result = '';
  let copied = 0;
  // Go's ReplaceAllString: an empty match right after another match is no match.
  for (let at = 0; at <= search.value.length; ) {
    const found = findFrom(search, at);
    if (!found) break;
    result += search.value.slice(copied, found.start).join('');
    if (found.end > copied || found.start === 0) {
      result += expandTemplate(text, search.value.slice(found.start, found.end).join(''));
    }
    if (result.length > largestSearch) throw new PatternError('its value grows too long to follow');
    copied = found.end;
    at = Math.max(at + 1, found.end);
  }
  return result + search.value.slice(copied).join('');
}

/** Go's ReplaceAllString reads `$name` in the text; there are no groups, so that all but `$0` is empty. */
function expandTemplate(text: string, match: string): string {
  return text.replace(/\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu, (whole, braced, bare) => {
    if (whole === '$$') return '$';
    return (braced ?? bare) === '0' ? match : '';
  });
}

function matchAtStart(pattern: string, value: string, greedy: boolean): number {
  const search = newSearch(tokensOf(pattern), Array.from(value), greedy);
  const end = matchAt(search, 0);
  return end === null ? 0 : search.value.slice(0, end).join('').length;
}

function tokensOf(pattern: string): Token[] {
  const characters = Array.from(pattern);
  const tokens: Token[] = [];
  // text/scanner, which reads the pattern, drops a byte order mark at its start.
  for (let i = characters[0] === '\ufeff' ? 1 : 0; i < characters.length; i++) {
    let character = characters[i]!;
    if (character === '*') tokens.push({ kind: 'star' });
    else if (character === '?') tokens.push({ kind: 'any' });
    else {
      if (character === '\\') {
        // `\}` and `\/` are escaped for the ${…} around them, not for the pattern.
        const next = characters[i + 1];
        if (next === '}' || next === '/') continue;
        if (next !== '*' && next !== '?' && next !== '\\') {
          throw new PatternError(`its pattern escapes ${next === undefined ? 'nothing' : `"${next}"`}`);
        }
        character = next;
        i++;
      }
      tokens.push({ kind: 'character', character });
    }
  }
  return tokens;
}

/** Turned round with each escape kept before its character: `a\*c` becomes `c\*a`. */
function reversedPattern(pattern: string): string {
  const characters = Array.from(pattern);
  const units: string[] = [];
  for (let i = 0; i < characters.length; i++) {
    const escapes = characters[i] === '\\' && i + 1 < characters.length;
    units.push(escapes ? `\\${characters[++i]}` : characters[i]!);
  }
  return units.reverse().join('');
}

interface Search {
  tokens: Token[];
  value: string[];
  greedy: boolean;
  /** For each token and position: the round in which they were found to lead nowhere. */
  failed: Uint32Array;
  round: number;
}

function newSearch(tokens: Token[], value: string[], greedy: boolean): Search {
  const size = (tokens.length + 1) * (value.length + 1);
  if (size > largestSearch) throw new PatternError('its pattern and its value are too long to compare');
  return { tokens, value, greedy, failed: new Uint32Array(size), round: 1 };
}

/** The leftmost match at or after `from`, in characters. */
function findFrom(search: Search, from: number): { start: number; end: number } | null {
  search.round++;
  for (let start = from; start <= search.value.length; start++) {
    const end = matchAt(search, start);
    if (end !== null) return { start, end };
  }
  return null;
}

/** The end of the match at `start`; null when there is none. Alternatives are tried in the order of a regular expression. */
function matchAt({ tokens, value, greedy, failed, round }: Search, start: number): number | null {
  const width = value.length + 1;
  const pending = [start];
  for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
    if (failed[state] === round) continue;
    failed[state] = round;
    const index = Math.floor(state / width);
    const at = state % width;
    const token = tokens[index];
    if (token === undefined) return at;
    const character = value[at];
    const onward = state + width;
    if (token.kind === 'character') {
      if (character === token.character) pending.push(onward + 1);
    } else if (token.kind === 'any') {
      if (character !== undefined && character !== '\n') pending.push(onward + 1);
    } else {
      const more = character !== undefined && character !== '\n';
      if (!greedy && more) pending.push(state + 1);
      pending.push(onward);
      if (greedy && more) pending.push(state + 1);
    }
  }
  return null;
}
