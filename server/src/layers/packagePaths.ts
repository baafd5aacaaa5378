// Which package of a language's package manager a path belongs to, told by the path alone: these managers give each
// package a folder of its own. Packages of the system share their folders; they are told by packageLists.ts.

/** A package, by its manager and its own name. */
export interface PackageName {
  /** `deb`, `apk`, `npm`, `python`, `gem`, `go`, `cargo`, `maven`, `composer`. */
  manager: string;
  name: string;
}

interface Layout {
  manager: string;
  /** Matches up to the end of the package's folder; group 1 is the name. */
  folder: RegExp;
  name?(matched: string): string;
}

/**
 * npm: docs.npmjs.com 'folders', @scope/name; pnpm has the same folder inside its own. gem: `gems/NAME-VERSION` below
 * GEM_HOME. go: golang.org/ref/mod 'module cache', `PATH@VERSION`, capitals written `!a`. cargo: `registry/src/INDEX/`.
 * maven: `repository/GROUP/ARTIFACT/VERSION/`, the version repeated in the file's name. composer: `vendor/VENDOR/NAME`.
 */
const layouts: readonly Layout[] = [
  { manager: 'npm', folder: /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/.@][^/]*)(?:\/|$)/ },
  {
    manager: 'gem',
    folder: /(?:^|\/)gems\/([^/]+-\d[^/]*)(?:\/|$)/,
    name: (matched) => matched.replace(/-\d[^/]*$/, ''),
  },
  {
    manager: 'go',
    folder: /(?:^|\/)pkg\/mod\/((?!cache\/)[^@]+)@v[^/]+(?:\/|$)/,
    name: (matched) => matched.replace(/!([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  },
  {
    manager: 'cargo',
    folder: /(?:^|\/)registry\/src\/[^/]+\/([^/]+-\d[^/]*)(?:\/|$)/,
    name: (matched) => matched.replace(/-\d[^/]*$/, ''),
  },
  {
    manager: 'maven',
    folder: /(?:^|\/)\.m2\/repository\/(.+)\/([^/]+)\/[^/]+$/,
    name: (matched) => matched.replace(/\/([^/]+)$/, ':$1').replaceAll('/', '.'),
  },
  { manager: 'composer', folder: /(?:^|\/)vendor\/((?!bin\/|composer\/)[^/]+\/[^/]+)\/.*\.(?:php|json)$/ },
];

/** Null when the path lies in no package's own folder. */
export function packageOfPath(path: string): PackageName | null {
  for (const { manager, folder, name } of layouts) {
    const matched = folder.exec(path)?.[1];
    if (matched !== undefined) return { manager, name: name ? name(matched) : matched };
  }
  return null;
}
