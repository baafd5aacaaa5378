// What an ignore file takes out during a walk, by whose rules: the patterns, and which folders that are taken out are still
// entered for an exception. Pure.
import type { ContextRules, IgnoreFile } from './ignoreFile';
import { largestIgnoreFile } from './ignoreFile';
import { createMatcher, type PathMatcher } from './ignoreMatch';
import { readIgnorePatterns } from './ignorePatterns';

export interface WalkRules {
  matcher: PathMatcher;
  /** Why the build would fail, a clause; asked again after a walk, since matching can find an error. */
  problem(): string | null;
  /** Whether a folder that is taken out is entered all the same. */
  enters(path: string): boolean;
  /** Mode of a folder that is taken out and entered all the same; null for its own. */
  enteredMode: number | null;
  /** A file that is listed and arrives empty. */
  arrivesEmpty(path: string): boolean;
}

export function walkRules(file: IgnoreFile | null, rules: ContextRules, windows: boolean): WalkRules {
  const tooLarge = file !== null && file.text.length > largestIgnoreFile;
  const read = readIgnorePatterns(tooLarge ? '' : (file?.text ?? ''));
  const matcher = createMatcher(read.patterns, { windows });
  const unsendable = rules === 'buildkit' && holdsControls(read.patterns);
  const own =
    read.problem ??
    (tooLarge ? 'it is larger than 16 MiB' : null) ??
    (unsendable ? "a pattern holds a control character, which BuildKit's client cannot send" : null);
  const exceptions = read.patterns.filter((pattern) => pattern.startsWith('!')).map((one) => one.slice(1));
  return {
    matcher,
    problem: () => own ?? matcher.problem,
    // The tar of the docker client compares with the pattern as it is, wildcards and all (go-archive, archive.go).
    enters:
      rules === 'buildkit'
        ? (path) => matcher.mayHoldException(path)
        : (path) => exceptions.some((exception) => `${exception}/`.startsWith(`${path}/`)),
    // The docker client leaves the folder out of its tar, and the daemon makes one for the files in it.
    enteredMode: rules === 'classic' ? 0o755 : null,
    arrivesEmpty:
      rules === 'buildkit' && matcher.mayRefuseListed ? (path) => matcher.matches(path) : () => false,
  };
}

/** Patterns travel in a header of ASCII unless one of them is none; then all are escaped (session/filesync). */
function holdsControls(patterns: readonly string[]): boolean {
  return !patterns.some((one) => /[^\0-\x7f]/.test(one)) && patterns.some((one) => /[^ -~]/.test(one));
}
