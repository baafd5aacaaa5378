// What an ignore file takes out during a walk, by whose rules: the patterns, and which folders that are taken out are still
// entered for an exception. Pure.
import type { ContextRules, IgnoreFile } from './ignoreFile';
import { largestIgnoreFile } from './ignoreFile';
import { createMatcher, type PathMatcher } from './ignoreMatch';
import { readBuildahPatterns, readIgnorePatterns } from './ignorePatterns';

export interface WalkRules {
  matcher: PathMatcher;
  /** Why nothing is known, a sentence; asked again after a walk, since matching can find an error. */
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
  const text = tooLarge ? '' : (file?.text ?? '');
  const buildah = rules === 'buildah';
  const read = buildah ? { patterns: readBuildahPatterns(text), problem: null } : readIgnorePatterns(text);
  const matcher = createMatcher(read.patterns, { windows, buildah });
  const unsendable = rules === 'buildkit' && holdsControls(read.patterns);
  const own =
    read.problem ??
    (tooLarge ? 'it is larger than 16 MiB' : null) ??
    (unsendable ? "a pattern holds a control character, which BuildKit's client cannot send" : null);
  const exceptions = read.patterns.filter((pattern) => pattern.startsWith('!')).map((one) => one.slice(1));
  return {
    matcher,
    problem() {
      const why = own ?? matcher.problem;
      if (why === null) return null;
      return `${matcher.isUnfollowed ? 'Strata does not follow' : 'The builder refuses'} ${file?.path}: ${why}.`;
    },
    // The docker client and buildah compare with the pattern as it is, wildcards and all (go-archive's archive.go,
    // buildah's copier.go).
    enters:
      rules === 'buildkit'
        ? (path) => matcher.mayHoldException(path)
        : (path) => exceptions.some((exception) => `${exception}/`.startsWith(`${path}/`)),
    // Others leave the folder out of their tar, and whoever unpacks it makes one for the files in it.
    enteredMode: rules === 'buildkit' ? null : 0o755,
    arrivesEmpty:
      rules === 'buildkit' && matcher.mayRefuseListed ? (path) => matcher.matches(path) : () => false,
  };
}

/** Patterns travel in a header of ASCII unless one of them is none; then all are escaped (session/filesync). */
function holdsControls(patterns: readonly string[]): boolean {
  return !patterns.some((one) => /[^\0-\x7f]/.test(one)) && patterns.some((one) => /[^ -~]/.test(one));
}
