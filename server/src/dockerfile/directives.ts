// The parser directives at the top of a file (parser/directives.go): `syntax`, `escape` and `check`, up to the first line
// that is none of them. It does not look for `// syntax=` or a JSON syntax line, which only choose a frontend.
import { isSpace, skipSpace } from './characters';
import type { Directive, Problem } from './model';

export interface Directives {
  directives: Directive[];
  escape: '\\' | '`';
  problems: Problem[];
}

const known = new Set(['syntax', 'escape', 'check']);

/** @param lines the physical lines from the top, without line ends and byte order mark */
export function readDirectives(lines: Iterable<string>): Directives {
  const found: Directives = { directives: [], escape: '\\', problems: [] };
  let line = 0;
  for (const text of lines) {
    line++;
    const directive = readDirective(text);
    if (!directive) break;
    const { name, value } = directive;
    if (found.directives.some((one) => one.name === name)) {
      found.problems.push({ line, message: `only one ${name} directive may stand at the top of the file` });
      continue;
    }
    found.directives.push({ name, value, line });
    if (name !== 'escape') continue;
    if (value === '\\' || value === '`') found.escape = value;
    else
      found.problems.push({
        line,
        message: `the escape character can only be \\ or \`, not ${value.trim() || 'a blank'}`,
      });
  }
  return found;
}

const namePattern = /^([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=/;

/** `# name = value`; null for anything else, an unknown name included. Blanks before the `#` do no harm. */
function readDirective(line: string): { name: string; value: string } | null {
  const hash = skipSpace(line, 0);
  if (line[hash] !== '#') return null;
  const text = line.slice(skipSpace(line, hash + 1));
  const match = namePattern.exec(text);
  const name = match?.[1]?.toLowerCase();
  if (!match || !name || !known.has(name)) return null;
  const written = text.slice(match[0].length);
  if (written === '') return null;
  let start = 0;
  let end = written.length;
  while (end > 0 && isBlank(written.charCodeAt(end - 1))) end--;
  // Nothing but blanks: the pattern of directives.go leaves the last one as the value.
  if (end === 0) return { name, value: written.slice(-1) };
  while (isBlank(written.charCodeAt(start))) start++;
  return { name, value: written.slice(start, end) };
}

/** Go's \s: no vertical tab, nothing outside of ASCII. */
function isBlank(unit: number): boolean {
  return isSpace(unit) && unit < 0x80 && unit !== 0x0b;
}
