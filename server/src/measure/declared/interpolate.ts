// Variables in compose files: `$NAME`, `${NAME:-default}` and the like, as the Compose specification has them (12,
// Interpolation), and the .env file that gives them values.

export type Lookup = (name: string) => string | undefined;

const deepest = 10;
const longestResult = 64 * 1024;
const nameAt = /^[A-Za-z_]\w*/;

/** @param missing takes the names that have neither value nor default, and messages of `${NAME:?message}` */
export function interpolate(
  text: string,
  lookup: Lookup,
  missing: (what: string) => void,
  depth = 0,
): string {
  if (!text.includes('$') || depth > deepest) return text;
  let result = '';
  let at = 0;
  while (at < text.length && result.length < longestResult) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0) return result + text.slice(at);
    result += text.slice(at, dollar);
    const next = text[dollar + 1];
    if (next === '$') {
      result += '$';
      at = dollar + 2;
      continue;
    }
    const braced = next === '{';
    const start = dollar + (braced ? 2 : 1);
    const name = nameAt.exec(text.slice(start, start + 256))?.[0];
    const end = braced ? closing(text, start) : start + (name?.length ?? 0);
    if (name === undefined || end < 0) {
      result += '$';
      at = dollar + 1;
      continue;
    }
    const rest = braced ? text.slice(start + name.length, end) : '';
    result += expanded(name, rest, lookup, missing, depth);
    at = end + (braced ? 1 : 0);
  }
  return result;
}

function expanded(
  name: string,
  rest: string,
  lookup: Lookup,
  missing: (what: string) => void,
  depth: number,
): string {
  const value = lookup(name);
  const [, colon, kind, word = ''] = /^(:?)([-?+])([\s\S]*)$/.exec(rest) ?? [];
  const isSet = value !== undefined && (colon !== ':' || value !== '');
  const inner = () => interpolate(word, lookup, missing, depth + 1);
  if (kind === '+') return isSet ? inner() : '';
  if (isSet) return value;
  if (kind === '-') return inner();
  missing(kind === '?' && word !== '' ? `${name} (${word})` : name);
  return '';
}

/** The brace that closes what begins at `start`; -1 when none does. */
function closing(text: string, start: number): number {
  let open = 1;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '$' && text[at + 1] === '{') open++;
    else if (text[at] === '}' && --open === 0) return at;
  }
  return -1;
}

/** `NAME=value` lines of a .env file; quotes taken off, comments left out. Variables in values are not put in. */
export function readEnvironmentFile(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split(/\r?\n/).slice(0, 10_000)) {
    const [, name, raw = ''] = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*)$/.exec(line) ?? [];
    if (name === undefined) continue;
    const quoted = /^(["'])(.*?)\1\s*(?:#.*)?$/.exec(raw);
    found.set(name, quoted ? quoted[2]! : raw.replace(/\s+#.*$/, '').trim());
  }
  return found;
}
