// What further words for the builder mean for its cache: which of them are in keys, and which name other sources.
// Words that only say where the result goes, or that hold secrets, are in no key.

export interface ArgumentsMeaning {
  /** Equal scopes: steps of equal text have equal keys. */
  scope: string;
  /** Images that `--build-context name=…` puts in for a name, lower case: what it names, with its digest if it has one. */
  images: ReadonlyMap<string, string>;
  /** Names that it gives to folders and repositories. */
  folders: ReadonlySet<string>;
  /** A cache from elsewhere is asked too. */
  hasOtherCache: boolean;
  /** `--no-cache` is among them. */
  noCache: boolean;
  /** podman and buildah keep no steps then, and look none up. */
  isMerged: boolean;
}

/** With a value, in one word or two. */
const beside = new Set(
  '--tag -t --output -o --progress --label --annotation --provenance --sbom --attest --metadata-file --iidfile --cache-to --secret --ssh --builder --call --memory -m --memory-swap --cpu-shares --cpu-quota --cpu-period --cpuset-cpus --cpuset-mems'.split(
    ' ',
  ),
);
const flags = new Set([
  '--push',
  '--load',
  '--quiet',
  '-q',
  '--pull',
  '--debug',
  '-D',
  '--no-cache',
  '--rm',
  '--force-rm',
]);

export function readArguments(words: readonly string[]): ArgumentsMeaning {
  const scope: string[] = [];
  const images = new Map<string, string>();
  const folders = new Set<string>();
  let hasOtherCache = false;
  let noCache = false;
  let isMerged = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    const value = equals < 0 ? (words[at + 1] ?? '') : word.slice(equals + 1);
    isMerged ||= word === '--layers=false' || /^--squash(?:-all)?(?:=true)?$/.test(word);
    if (flags.has(name)) noCache ||= name === '--no-cache' && value !== 'false';
    else if (name === '--cache-from') hasOtherCache = true;
    else if (name === '--build-context') {
      const split = value.indexOf('=');
      const key = value.slice(0, Math.max(0, split)).toLowerCase();
      const target = value.slice(split + 1);
      if (/^(?:docker-image|oci-layout):\/\//.test(target)) images.set(key, target);
      else folders.add(key);
    } else if (!beside.has(name)) {
      scope.push(word);
      continue;
    }
    if (equals < 0 && !flags.has(name)) at++;
  }
  return { scope: scope.join('\0'), images, folders, hasOtherCache, noCache, isMerged };
}
