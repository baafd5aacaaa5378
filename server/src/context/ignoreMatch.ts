// Which paths the patterns of an ignore file, or of `COPY --exclude`, take out: patternmatcher (v0.6.1) as BuildKit's
// client uses it (fsutil/filter.go). Pure; reading the file is for ignorePatterns.ts and ignoreFile.ts.
import { badPattern, cleanPatterns } from './ignorePatterns';
import { compileExpression, type PathTest } from './patternSearch';
import { patternForm } from './patternSyntax';

/** Which patterns matched a folder or one above it: what its children's matching starts from. */
export type FolderMatch = Uint8Array;

export interface PathMatcher {
  /**
   * Why a builder refuses the patterns, a clause; null when it takes them. A syntax error that only matching finds is told
   * once a path has met it. Nothing matches then.
   */
  readonly problem: string | null;
  /** The problem is ours: a builder may take the pattern, and Strata does not follow it. */
  readonly isUnfollowed: boolean;
  /** A pattern with `!` is among them. */
  readonly negates: boolean;
  /**
   * Whether the last pattern that matches the path, or a folder above it, has no `!`. With `parent`, what a walk decides
   * (MatchesUsingParentResults); without, what it decides for one path (MatchesOrParentMatches). They differ where a later
   * pattern repeats an earlier one: `a`, `!a/b/c`, `a/b` lets a walk list a/b/c and refuses to open it.
   * The path is relative, with slashes.
   */
  matches(path: string, parent?: FolderMatch): boolean;
  /** The same for a folder, and what matching below it starts from; the parent of what lies at the root is `top`. */
  enter(path: string, parent: FolderMatch): { matched: boolean; below: FolderMatch };
  readonly top: FolderMatch;
  /** Whether a walk looks into a folder that matched: when a pattern with `!` may match below it. */
  mayHoldException(path: string): boolean;
  /** A walk may list a file that opening refuses, see `matches`; false for nearly all sets of patterns. */
  readonly mayRefuseListed: boolean;
}

interface Pattern {
  text: string;
  negates: boolean;
  test(path: string): boolean;
}

export interface MatcherOptions {
  windows?: boolean;
  /** As buildah matches (containers/storage, pkg/fileutils): every pattern is asked, whatever was decided before. */
  buildah?: boolean;
}

/** Patterns as `readIgnorePatterns` gives them. Never throws. */
export function createMatcher(given: readonly string[], options: MatcherOptions = {}): PathMatcher {
  let isUnfollowed = false;
  const clean = cleanPatterns(given, options.windows);
  let problem = clean.problem;
  const refuse = (why: string): boolean => {
    problem ??= why;
    return false;
  };
  const patterns = clean.patterns.map(({ text, negates }): Pattern => {
    let test: PathTest | null = null;
    // Compiled when first asked: a pattern that is never asked never fails a build.
    const ask = (path: string): boolean => {
      test ??= compile(text, options) ?? (() => refuse(badPattern(text)));
      const matched = test(path);
      isUnfollowed ||= matched === null;
      return matched ?? refuse(`the pattern ${text.slice(0, 40)} is too long or too odd to be followed`);
    };
    return { text, negates, test: ask };
  });
  const negated = patterns.filter((pattern) => pattern.negates);

  const overParents = (path: string): boolean => {
    let matched = false;
    let folders: string[] | null = null;
    for (const { negates, test } of patterns) {
      if (negates !== matched) continue;
      folders ??= ancestors(path);
      if (test(path) || folders.some(test)) matched = !negates;
    }
    return matched;
  };
  const asBuildah = (path: string): boolean => {
    let matched = false;
    const folders = ancestors(path);
    for (const { negates, test } of patterns) if (test(path) || folders.some(test)) matched = !negates;
    return matched;
  };
  const step = (path: string, parent: FolderMatch, own: FolderMatch | null): boolean => {
    let matched = false;
    for (let at = 0; at < patterns.length; at++) {
      const { negates, test } = patterns[at]!;
      if (parent[at] !== 1 && (negates !== matched || !test(path))) continue;
      if (own) own[at] = 1;
      matched = !negates;
    }
    return matched;
  };
  return {
    get problem() {
      return problem;
    },
    get isUnfollowed() {
      return isUnfollowed;
    },
    negates: negated.length > 0,
    top: new Uint8Array(patterns.length),
    matches(path, parent) {
      if (options.buildah) return asBuildah(path);
      return parent ? step(path, parent, null) : overParents(path);
    },
    enter(path, parent) {
      if (options.buildah) return { matched: asBuildah(path), below: parent };
      const own = new Uint8Array(patterns.length);
      return { matched: step(path, parent, own), below: own };
    },
    mayHoldException: exceptionsBelow(negated, !options.windows),
    mayRefuseListed: repeatsAfterException(patterns),
  };
}

/** fsutil's filter: with a wildcard in an exception every folder is entered, else those that an exception begins with. */
function exceptionsBelow(negated: readonly Pattern[], escapes: boolean): (path: string) => boolean {
  const prefixes = negated.map(({ text }) => text.replace(/\/\*\*$/, '').replace(/\/\*$/, ''));
  const wild = escapes ? /[*[\]?^\\]/ : /[*[\]?^]/;
  if (prefixes.some((prefix) => wild.test(prefix))) return () => true;
  return (path) => prefixes.some((prefix) => `${prefix}/`.startsWith(`${path}/`));
}

/** A pattern, an exception after it, a pattern after that: needed for a file that is listed and not opened. */
function repeatsAfterException(patterns: readonly Pattern[]): boolean {
  const first = patterns.findIndex(({ negates }) => !negates);
  const exception = patterns.findIndex(({ negates }, at) => negates && at > first);
  return first >= 0 && exception > first && patterns.some(({ negates }, at) => !negates && at > exception);
}

/** Null for a pattern that Go cannot compile. */
function compile(text: string, options: MatcherOptions): PathTest | null {
  const form = patternForm(text, !options.windows, options.buildah);
  switch (form.kind) {
    case 'exact':
      return (path) => path === form.text;
    case 'prefix':
      return (path) => path.startsWith(form.text);
    case 'suffix': {
      const whole = form.text.startsWith('/') ? form.text.slice(1) : null;
      return (path) => path.endsWith(form.text) || path === whole;
    }
    case 'unfollowed':
      return () => null;
    case 'expression':
      return form.alternatives && compileExpression(form.alternatives);
  }
}

/** `a/b/c` lies in `a` and `a/b`. */
function ancestors(path: string): string[] {
  const folders: string[] = [];
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) folders.push(path.slice(0, at));
  return folders;
}
