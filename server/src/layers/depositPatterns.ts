// Directories whose names tell what is in them: caches of package managers, repositories, compilers. Data and a small
// matcher that goes down a path one name at a time. What to do about one is the rules' business.
import type { DepositKind } from '../image/model';

/**
 * `**` in front: anywhere, as in the home of any user. `*`: any one name. Above each: the tools that were seen to write
 * there, run as root with the defaults of a container, and what their own way to clean leaves; else their manual.
 */
const patterns: Record<DepositKind, readonly string[]> = {
  // apt 2.6.1: the lists of each repository. `update` writes them again.
  'apt-lists': ['var/lib/apt/lists'],
  // apt 2.6.1: archives/*.deb, pkgcache.bin, srcpkgcache.bin; `apt-get clean` leaves an empty lock.
  'apt-cache': ['var/cache/apt'],
  // apk-cache(5), not seen: APKINDEX.*.tar.gz; `apk cache clean` leaves the indexes.
  apk: ['var/cache/apk'],
  // dnf 4.14.0: NAME-HASH/repodata, *.solv(x); packages go after an install. libdnf5: caching(7) of dnf5, not seen.
  dnf: ['var/cache/dnf', 'var/cache/libdnf5'],
  // yum.conf(5), not seen.
  yum: ['var/cache/yum'],
  // zypper 1.14.42: raw, solv, and packages where a repository keeps them.
  zypper: ['var/cache/zypp'],
  // pip 23.2.1 and 26.3: wheels, selfcheck; by its manual also http-v2 (http before 23.3).
  pip: ['**/.cache/pip'],
  // npm 11.19.1: content-v2, index-v5. _logs beside it is small.
  npm: ['**/.npm/_cacache'],
  // yarn 1.22.22: v6 below .cache/yarn, for root below /usr/local/share; yarn 4.18.1: berry/cache, from which it also runs.
  yarn: ['**/.cache/yarn', '**/.yarn/berry/cache'],
  // pnpm 9.15.9: the store, whose files node_modules links to, and 3 MB of metadata for one package in .cache/pnpm.
  pnpm: ['**/.local/share/pnpm/store', '**/.pnpm-store', '**/.cache/pnpm'],
  // go 1.26.8; `go clean -modcache` leaves an empty go/pkg.
  'go-build': ['**/.cache/go-build'],
  'go-mod': ['**/go/pkg/mod'],
  // cargo 1.95.0: index, cache and src of a registry; db and checkouts of git.
  cargo: ['**/.cargo/registry', '**/.cargo/git', 'usr/local/cargo/registry', 'usr/local/cargo/git'],
  // Maven 3.8.7: below the home that the user database names, whatever HOME says.
  maven: ['**/.m2/repository'],
  // The Gradle manual (gradle user home), not seen.
  gradle: ['**/.gradle/caches'],
  // composer 2.5.5: .composer, or below .cache where a variable XDG_… is set.
  composer: ['**/.composer/cache', '**/.cache/composer'],
  // gem 3.3.15 (Debian's and --user-install) and the paths of the ruby images: NAME-VERSION.gem of each gem.
  gem: [
    'usr/local/bundle/cache',
    'var/lib/gems/*/cache',
    'usr/local/lib/ruby/gems/*/cache',
    '**/.local/share/gem/ruby/*/cache',
    '**/.gem/ruby/*/cache',
  ],
  // The conda manual (pkgs_dirs), not seen.
  conda: ['opt/conda/pkgs', '**/miniconda3/pkgs', '**/anaconda3/pkgs', '**/miniforge3/pkgs'],
  git: ['**/.git'],
  compiler: ['usr/lib/gcc', 'usr/libexec/gcc'],
  headers: ['usr/include'],
};

interface State {
  next: Map<number, number>;
  /** What any other name leads to; 0 for nothing. */
  any: number;
  kind: DepositKind | null;
}

const names = new Map<string, number>();
/** By name of a pattern; 0 is no name of any. */
const nameBytes: Uint8Array[] = [new Uint8Array(0)];
const states: State[] = [newState(), newState(), newState()];

/** A path that no pattern has. */
export const noState = 0;
/** The top of the file system. */
export const topState = 1;
/** Where patterns that may begin anywhere begin. */
const anywhere = 2;

for (const [kind, paths] of Object.entries(patterns) as [DepositKind, readonly string[]][]) {
  for (const path of paths) addPattern(kind, path);
}

function addPattern(kind: DepositKind, path: string): void {
  const parts = path.split('/');
  let state = topState;
  if (parts[0] === '**') {
    parts.shift();
    state = anywhere;
  }
  for (const part of parts) {
    const { next, any } = states[state]!;
    const token = part === '*' ? 0 : tokenOf(part);
    let to = part === '*' ? any : (next.get(token) ?? 0);
    if (to === 0) {
      to = states.push(newState()) - 1;
      if (part === '*') states[state]!.any = to;
      else next.set(token, to);
    }
    state = to;
  }
  states[state]!.kind = kind;
}

function newState(): State {
  return { next: new Map(), any: 0, kind: null };
}

function tokenOf(name: string): number {
  const known = names.get(name);
  if (known !== undefined) return known;
  const token = nameBytes.push(Buffer.from(name, 'utf8')) - 1;
  names.set(name, token);
  return token;
}

/** The state of a name below a state. @param token of `nameTokens` */
export function stateBelow(state: number, token: number): number {
  const { next, any } = states[state]!;
  if (token === 0) return any;
  return next.get(token) ?? (any || (states[anywhere]!.next.get(token) ?? noState));
}

/** What a path of this state is; null when it is nothing yet. */
export function kindOf(state: number): DepositKind | null {
  return states[state]!.kind;
}

/** For each text of a table the token of the patterns' name that it is; 0 for all others. Null when it has none. */
export function nameTokens({ bytes, ends }: { bytes: Uint8Array; ends: Uint32Array }): Uint8Array | null {
  let found: Uint8Array | null = null;
  for (let id = 1; id < ends.length; id++) {
    const start = ends[id - 1]!;
    const length = ends[id]! - start;
    if (length > longest) continue;
    for (let token = firsts[(length << 8) | bytes[start]!]!; token !== 0; token = nexts[token]!) {
      const wanted = nameBytes[token]!;
      let i = 1;
      while (i < length && bytes[start + i] === wanted[i]) i++;
      if (i < length) continue;
      found ??= new Uint8Array(ends.length);
      found[id] = token;
      break;
    }
  }
  return found;
}

const longest = Math.max(...nameBytes.map(({ length }) => length));
/** By length and first byte: a token, and behind it those of the same. */
const firsts = new Uint8Array((longest + 1) << 8);
const nexts = new Uint8Array(nameBytes.length);
for (let token = 1; token < nameBytes.length; token++) {
  const slot = (nameBytes[token]!.length << 8) | nameBytes[token]![0]!;
  nexts[token] = firsts[slot]!;
  firsts[slot] = token;
}
