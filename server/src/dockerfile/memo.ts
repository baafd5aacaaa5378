// Remembers what was computed for a parsed Dockerfile, so that asking for each line costs one pass over the file.
import type { BashParser } from './bash';
import type { BuildChoice, Dockerfile } from './model';

/** The same function, computed once for each Dockerfile (by identity: a parse is never changed). */
export function perDockerfile<T>(compute: (dockerfile: Dockerfile) => T): (dockerfile: Dockerfile) => T {
  const known = new WeakMap<Dockerfile, { value: T }>();
  return (dockerfile) => {
    const found = known.get(dockerfile) ?? { value: compute(dockerfile) };
    known.set(dockerfile, found);
    return found.value;
  };
}

/** Choices or parsers kept for one Dockerfile; an editor asks with one, a comparison with two. */
const kept = 4;

/** The same function, computed once for each Dockerfile and choice, both by identity. */
export function perChoice<T>(
  compute: (dockerfile: Dockerfile, choice: BuildChoice) => T,
): (dockerfile: Dockerfile, choice: BuildChoice) => T {
  return perPair(compute);
}

/** The same function, computed once for each Dockerfile and reader of its shell texts, both by identity. */
export function perParser<T>(
  compute: (dockerfile: Dockerfile, parser: BashParser | null) => T,
): (dockerfile: Dockerfile, parser: BashParser | null) => T {
  return perPair(compute);
}

function perPair<Key, T>(
  compute: (dockerfile: Dockerfile, key: Key) => T,
): (dockerfile: Dockerfile, key: Key) => T {
  const known = new WeakMap<Dockerfile, { key: Key; value: T }[]>();
  return (dockerfile, key) => {
    const entries = known.get(dockerfile) ?? [];
    const found = entries.find((entry) => entry.key === key);
    if (found) return found.value;
    const value = compute(dockerfile, key);
    known.set(dockerfile, [{ key, value }, ...entries.slice(0, kept - 1)]);
    return value;
  };
}
