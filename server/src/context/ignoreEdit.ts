// The text of an ignore file with one more path in it. It is added where it wins, and checked by matching; an exception
// below the path stays in force, and then nothing is changed.
import { createMatcher } from './ignoreMatch';
import { readIgnorePatterns } from './ignorePatterns';

/**
 * The new text, line ends kept; `text` is null when there is no file yet. Null when the path cannot be taken out so: the
 * file has an error, an exception of it lies below the path, or the path cannot be written as a pattern.
 */
export function ignoreEdit(text: string | null, path: string): string | null {
  const before = readIgnorePatterns(text ?? '');
  const matcher = createMatcher(before.patterns);
  const exceptions = before.patterns.filter((one) => one.startsWith('!')).map((one) => one.slice(1));
  if (before.problem !== null || matcher.problem !== null) return null;
  if (exceptions.some((exception) => exception === path || exception.startsWith(`${path}/`))) return null;
  const end = text?.includes('\r\n') ? '\r\n' : '\n';
  const gap = !text || text === '\ufeff' || text.endsWith('\n') ? '' : end;
  const changed = `${text ?? ''}${gap}${lineOf(path)}${end}`;
  const after = readIgnorePatterns(changed);
  // With all lines the path is gone, and the new line means this path alone.
  const gone = createMatcher(after.patterns);
  const own = createMatcher(readIgnorePatterns(lineOf(path)).patterns);
  const isRight =
    after.problem === null && gone.matches(path) && own.matches(path) && !own.matches(`${path}x`);
  return isRight && gone.problem === null && !matcher.matches(path) ? changed : null;
}

/** As a pattern that matches this path and nothing else. */
function lineOf(path: string): string {
  if (!/[*?[\]\\]|^[!#]/.test(path)) return path;
  // Escaped, the pattern becomes an expression in which these mean something too.
  return path.replaceAll(/[*?[\]\\^{}|!#]/g, '\\$&');
}
