// What is known of package managers' caches: what people call them, how one is emptied in the step that filled it, and
// which later steps would miss it. Where a cache lies was found in the layer's files; nothing is guessed from the text.
import type { Deposit, DepositKind } from '../image/model';

export interface PackageCache {
  /** As in `18.2 MB of apt lists`. */
  name: string;
  /** The command that empties it; null where its content is needed by later steps, or only a mount helps. */
  clean: ((path: string) => string) | null;
  /** Later steps that need what is in it; null when it is made anew where it is missing. */
  neededBy: RegExp | null;
  /** A step that fills it again, which makes it useless to others. */
  filledBy?: RegExp;
  /** Further options of a cache mount. */
  mount?: string;
}

const removeAll = (path: string): string => `rm -rf ${path}`;
const removeInside = (path: string): string => `rm -rf ${path}/*`;

/** Kinds of deposits that are caches. */
export const packageCaches: Partial<Record<DepositKind, PackageCache>> = {
  'apt-lists': {
    name: 'apt lists',
    clean: removeInside,
    neededBy: /\bapt(?:-get|itude)?\b[^&|;]*\b(?:install|upgrade|build-dep)\b/,
    filledBy: /\bapt(?:-get|itude)?\b[^&|;]*\bupdate\b/,
    mount: 'sharing=locked',
  },
  'apt-cache': { name: 'apt cache', clean: () => 'apt-get clean', neededBy: null, mount: 'sharing=locked' },
  apk: { name: 'apk cache', clean: removeInside, neededBy: null, mount: 'sharing=locked' },
  dnf: { name: 'dnf cache', clean: removeInside, neededBy: null, mount: 'sharing=locked' },
  yum: { name: 'yum cache', clean: removeInside, neededBy: null, mount: 'sharing=locked' },
  zypper: { name: 'zypper cache', clean: removeInside, neededBy: null, mount: 'sharing=locked' },
  pip: { name: 'pip cache', clean: removeAll, neededBy: null },
  npm: { name: 'npm cache', clean: removeAll, neededBy: null },
  yarn: { name: 'yarn cache', clean: removeAll, neededBy: /\byarn\b/ },
  pnpm: { name: 'pnpm cache', clean: removeAll, neededBy: /\bpnpm\b/ },
  'go-build': { name: 'Go build cache', clean: removeAll, neededBy: /\bgo\s/ },
  'go-mod': { name: 'Go module cache', clean: () => 'go clean -modcache', neededBy: /\bgo\s/ },
  cargo: { name: 'cargo cache', clean: removeAll, neededBy: /\bcargo\b/ },
  maven: { name: 'Maven repository', clean: null, neededBy: /\bmvnw?\b/ },
  gradle: { name: 'Gradle caches', clean: removeAll, neededBy: /\bgradlew?\b/ },
  composer: { name: 'composer cache', clean: removeAll, neededBy: null },
  gem: { name: 'gem cache', clean: removeInside, neededBy: null },
  conda: { name: 'conda packages', clean: () => 'conda clean -afy', neededBy: null },
};

/** A path that a shell and a mount take as it is. */
export const plainPath = /^[\w./+@-]+$/;

/** Yarn 2 and later run a program's packages from there, unless they are told to make node_modules. */
const runsFrom = /(?:^|\/)\.yarn\/berry\//;

/** The command that empties a deposit; null when none is safe. */
export function cleanCommand({ kind, path }: Deposit): string | null {
  return plainPath.test(path) && !runsFrom.test(path)
    ? (packageCaches[kind]?.clean?.(`/${path}`) ?? null)
    : null;
}

/** `--mount=type=cache,target=/root/.cache/pip`; null when the path cannot be written so. */
export function cacheMount({ kind, path, uid }: Deposit): string | null {
  if (!plainPath.test(path) || runsFrom.test(path)) return null;
  const options = [`type=cache,target=/${path}`, packageCaches[kind]?.mount, uid === 0 ? null : `uid=${uid}`];
  return `--mount=${options.filter(Boolean).join(',')}`;
}
