// Whether a builder's client surely sends what a source word names. It sends only what the words ask for, and reads them
// in another way than the copier (fsutil/followlinks.go and filter.go against filepath.Match): what both agree on is sure.
import { hasWildcard } from './filepathMatch';
import type { FileTree } from './fileTree';
import { createMatcher } from './ignoreMatch';
import { splitPattern } from './takeSources';
import { followLinks, fromRoot } from './topLink';

/** Characters that a pattern of the client may read otherwise than the copier. */
const special = /[\\[\]^{}|]|\*\*/;

/**
 * Null when all is surely sent; else a clause for a person. `path` is a word without --parents, cleaned; `matches` what
 * the copier finds for it.
 */
export function whyNotSent(tree: FileTree, path: string, matches: readonly string[]): string | null {
  if (path === '') return null;
  const { fixed, rest } = splitPattern(path);
  const folder = followLinks(tree, fixed, rest !== '');
  // A folder comes for what is in it, and what nothing fits comes for nobody: the copier does not find it then.
  if (rest !== '' && folder !== '' && matches.length === 0) return `a builder's client may not send ${fixed}`;
  const pattern = [folder ?? fixed, rest].filter((part) => part !== '').join('/');
  const asked = special.test(path) || special.test(pattern) ? createMatcher([pattern]) : null;
  for (const match of matches) {
    const named = rest === '' ? (folder ?? fixed) : match;
    const followed = followLinks(tree, match, true);
    if (asked && !asked.matches(named)) return `a builder's client may not send ${match}`;
    if (followed === null || followed === named) continue;
    // Links are followed by the client where a wildcard stands in the last name alone.
    const sure =
      (rest === '' || (!rest.includes('/') && hasWildcard(rest))) &&
      !special.test(followed) &&
      followed === asClientFollows(tree, match);
    if (!sure) return `a builder's client may not send what ${match} links to`;
  }
  return null;
}

/** symlinkResolver: targets are joined and cleaned as text, so that `link/..` is where the link is. */
function asClientFollows(tree: FileTree, path: string): string | null {
  let rest = path.split('/');
  let current = '';
  for (let links = 0; rest.length > 0 && links <= 255; ) {
    const at = current === '' ? rest.shift()! : `${current}/${rest.shift()}`;
    const link = tree.find(at)?.link ?? null;
    if (link === null) {
      current = at;
      continue;
    }
    links++;
    if (/[*?]/.test(at) || special.test(at)) return null;
    const target = link.startsWith('/') ? link : `/${at.slice(0, at.lastIndexOf('/') + 1)}${link}`;
    const onward = fromRoot([target, ...rest].join('/'));
    if (onward === '') return '';
    rest = onward.split('/');
    current = '';
  }
  return rest.length === 0 ? current : null;
}
