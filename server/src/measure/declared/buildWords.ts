// The words of `docker build` and its like, as tasks and options of others hold them: what they mean for a build of ours.
// Where the image goes and how progress is shown is left out; words of no known meaning are handed on as they are.
import type { BuildExtras, SecretSource } from '../../build/requestFlags';
import { cachePlace, pairs, placeFrom, sshPlace } from './values';

export interface BuildWords {
  /** As written; null when nothing is said. */
  dockerfile: string | null;
  context: string | null;
  target: string | null;
  platforms: string[];
  buildArgs: [string, string | null][];
  extras: BuildExtras;
  problems: string[];
}

/** Of the result or the display: ours to say. With a value, or without one. */
const ownValued = new Set(
  '--tag -t --output -o --iidfile --metadata-file --progress --builder --call'.split(' '),
);
const ownFlags = new Set('--push --load --quiet -q --rm --force-rm --debug -D'.split(' '));
/** Handed on, with a value in a word of its own or behind `=`. */
const valued = new Set(
  '--label --network --add-host --shm-size --ulimit --allow --no-cache-filter --annotation --attest --provenance --sbom --memory -m --memory-swap --cpu-shares -c --cpu-quota --cpu-period --cpuset-cpus --cpuset-mems --cgroup-parent --isolation --security-opt --userns --format --volume -v --device --cap-add --cap-drop --ignorefile --build-context-file --jobs --layer-label --authfile --creds'.split(
    ' ',
  ),
);

/** @param folder absolute; relative paths are read from it */
export function readWords(words: readonly string[], folder: string): BuildWords {
  const secrets: SecretSource[] = [];
  const ssh: string[] = [];
  const namedContexts: Record<string, string> = {};
  const caches: Record<string, string[]> = { '--cache-from': [], '--cache-to': [] };
  const extraArguments: string[] = [];
  const found: BuildWords = {
    dockerfile: null,
    context: null,
    target: null,
    platforms: [],
    buildArgs: [],
    extras: {
      ...{ secrets, ssh, namedContexts, extraArguments },
      cacheFrom: caches['--cache-from']!,
      cacheTo: caches['--cache-to']!,
    },
    problems: [],
  };
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (!word.startsWith('-') || word === '-') {
      if (found.context === null) found.context = word;
      else found.problems.push(`'${word.slice(0, 60)}' is one context too many.`);
      continue;
    }
    const equals = word.indexOf('=');
    const flag = equals < 0 ? word : word.slice(0, equals);
    if (ownFlags.has(flag)) continue;
    const hasValue = equals >= 0 || at + 1 < words.length;
    const value = () => (equals < 0 ? (words[++at] ?? '') : word.slice(equals + 1));
    if (ownValued.has(flag)) value();
    else if (flag === '--file' || flag === '-f') found.dockerfile = value();
    else if (flag === '--target') found.target = value();
    else if (flag === '--platform') found.platforms.push(...value().split(','));
    else if (flag === '--build-arg') found.buildArgs.push(...pairs([value()]));
    else if (flag === '--secret') secrets.push(...secretOf(value(), folder));
    else if (flag === '--ssh') ssh.push(sshPlace(folder, value()));
    else if (flag in caches) caches[flag]!.push(cachePlace(folder, value()));
    else if (flag === '--build-context') {
      for (const [name, place] of pairs([value()])) {
        if (name !== '__proto__') namedContexts[name] = placeFrom(folder, place ?? '');
      }
    } else if (valued.has(flag) && hasValue) extraArguments.push(...(equals < 0 ? [flag, value()] : [word]));
    else extraArguments.push(word);
  }
  return found;
}

/** `id=x,src=y`; a secret without an id is named by its file, which no builder takes: left out. */
function secretOf(spec: string, folder: string): SecretSource[] {
  const told = new Map(
    spec
      .replaceAll('"', '')
      .split(',')
      .flatMap((field) => pairs([field])),
  );
  const id = told.get('id');
  if (!id) return [];
  const src = told.get('src') ?? told.get('source') ?? null;
  const env = told.get('env') ?? (told.get('type') === 'env' ? (src ?? id) : null);
  if (env !== null) return [{ id, src: null, env }];
  return [{ id, src: src === null ? null : placeFrom(folder, src), env: null }];
}
