// Directories whose names tell what is in them: caches of package managers, repositories, compilers. Data and a small
// matcher that goes down a path one name at a time. What to do about one is the rules' business.
import type { DepositKind } from '../image/model';

/** `**` in front: anywhere, as in the home of any user. `*`: any one name. Sources: the tools' manuals on their caches. */
const patterns: Record<DepositKind, readonly string[]> = {
  'apt-lists': ['var/lib/apt/lists'],
  'apt-cache': ['var/cache/apt'],
  apk: ['var/cache/apk'],
  dnf: ['var/cache/dnf', 'var/cache/libdnf5'],
  yum: ['var/cache/yum'],
  zypper: ['var/cache/zypp'],
  pip: ['**/.cache/pip'],
  npm: ['**/.npm/_cacache'],
  yarn: ['**/.cache/yarn', '**/.yarn/berry/cache'],
  pnpm: ['**/.local/share/pnpm/store', '**/.pnpm-store'],
  'go-build': ['**/.cache/go-build'],
  'go-mod': ['**/go/pkg/mod'],
  cargo: ['**/.cargo/registry', 'usr/local/cargo/registry'],
  maven: ['**/.m2/repository'],
  gradle: ['**/.gradle/caches'],
  composer: ['**/.composer/cache', '**/.cache/composer'],
  gem: ['usr/local/bundle/cache', 'var/lib/gems/*/cache', 'usr/local/lib/ruby/gems/*/cache'],
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
