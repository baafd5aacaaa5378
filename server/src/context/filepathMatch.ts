// Go's filepath.Match, which COPY and ADD use for wildcards: `*` and `?` stop at slashes, `[^a-z]` negates, a backslash
// escapes. It matches the whole name; `**` has no meaning here.

/** Whether the name matches; null for a pattern that Go refuses, which fails a build. */
export function matchPath(pattern: string, name: string): boolean | null {
  const tokens = tokensOf(pattern);
  if (tokens === null) return null;
  return matchTokens(tokens, Array.from(name));
}

/** True when a path holds a wildcard by BuildKit's reading: a backslash shields the character behind it. */
export function hasWildcard(path: string): boolean {
  for (let at = 0; at < path.length; at++) {
    if (path[at] === '\\') at++;
    else if (path[at] === '*' || path[at] === '?' || path[at] === '[') return true;
  }
  return false;
}

type Token =
  | { kind: 'star' }
  | { kind: 'any' }
  | { kind: 'one'; character: string }
  | { kind: 'class'; found: CharacterClass };

function tokensOf(pattern: string): Token[] | null {
  const characters = Array.from(pattern);
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!;
    if (character === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' });
    } else if (character === '?') tokens.push({ kind: 'any' });
    else if (character === '\\') {
      const escaped = characters[++at];
      if (escaped === undefined) return null;
      tokens.push({ kind: 'one', character: escaped });
    } else if (character === '[') {
      const found = classAt(characters, at + 1);
      if (found === null) return null;
      tokens.push({ kind: 'class', found });
      at = found.end;
    } else tokens.push({ kind: 'one', character });
  }
  return tokens;
}

export interface CharacterClass {
  negated: boolean;
  /** First and last code point; those in the wrong order hold nothing. */
  ranges: [number, number][];
  /** Index of its `]`. */
  end: number;
}

/** The class whose `[` stands before `from`; null when Go refuses it. */
export function classAt(characters: readonly string[], from: number): CharacterClass | null {
  let at = from;
  const negated = characters[at] === '^';
  if (negated) at++;
  const ranges: [number, number][] = [];
  const read = (): number | null => {
    let character = characters[at];
    // Go's getEsc: no `-` or `]` without a backslash.
    if (character === undefined || character === '-' || character === ']') return null;
    if (character === '\\') character = characters[++at];
    if (character === undefined) return null;
    at++;
    return at < characters.length ? character.codePointAt(0)! : null;
  };
  for (;;) {
    if (characters[at] === ']' && ranges.length > 0) return { negated, ranges, end: at };
    const low = read();
    if (low === null) return null;
    let high = low;
    if (characters[at] === '-') {
      at++;
      const end = read();
      if (end === null) return null;
      high = end;
    }
    ranges.push([low, high]);
  }
}

/** Whether a class stands for a character. */
export function holds({ ranges, negated }: CharacterClass, character: string): boolean {
  const code = character.codePointAt(0)!;
  return ranges.some(([low, high]) => low <= code && code <= high) !== negated;
}

function matchTokens(tokens: Token[], name: string[]): boolean {
  let token = 0;
  let at = 0;
  let star = -1;
  let starAt = 0;
  while (at < name.length || token < tokens.length) {
    const wanted = tokens[token];
    if (wanted?.kind === 'star') {
      star = token++;
      starAt = at;
      continue;
    }
    if (wanted && at < name.length && matches(wanted, name[at]!)) {
      token++;
      at++;
      continue;
    }
    // The last star takes one more character; stars before it need not, since none passes a slash.
    if (star < 0 || starAt >= name.length || name[starAt] === '/') return false;
    at = ++starAt;
    token = star + 1;
  }
  return true;
}

function matches(token: Token, character: string): boolean {
  if (token.kind === 'one') return token.character === character;
  if (token.kind === 'any') return character !== '/';
  if (token.kind === 'star') return false;
  // Unlike a question mark, a class may stand for a slash.
  return holds(token.found, character);
}
