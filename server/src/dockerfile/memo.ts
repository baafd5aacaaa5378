// Remembers what was computed for a parsed Dockerfile, so that asking for each line costs one pass over the file; or for a
// piece of text, so that a keystroke costs the piece that it changed.
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

/** Choices kept for one Dockerfile; an editor asks with one, a comparison with two. */
const kept = 4;

/** The same function, computed once for each Dockerfile and choice, both by identity. */
export function perChoice<T>(
  compute: (dockerfile: Dockerfile, choice: BuildChoice) => T,
): (dockerfile: Dockerfile, choice: BuildChoice) => T {
  const known = new WeakMap<Dockerfile, { choice: BuildChoice; value: T }[]>();
  return (dockerfile, choice) => {
    const entries = known.get(dockerfile) ?? [];
    const found = entries.find((entry) => entry.choice === choice);
    if (found) return found.value;
    const value = compute(dockerfile, choice);
    known.set(dockerfile, [{ choice, value }, ...entries.slice(0, kept - 1)]);
    return value;
  };
}

/** Pieces of text kept, and how long one may be, in UTF-16 units: some MB at the most. */
const mostTexts = 1_024;
const longestText = 4_096;

/** The same function, computed once for each text; what was asked for longest ago is forgotten first. */
export function perText<T>(compute: (text: string) => T): (text: string) => T {
  const known = new Map<string, { value: T }>();
  return (text) => {
    const found = known.get(text) ?? { value: compute(text) };
    known.delete(text);
    if (text.length > longestText) return found.value;
    known.set(text, found);
    const oldest = known.keys().next().value;
    if (known.size > mostTexts && oldest !== undefined) known.delete(oldest);
    return found.value;
  };
}
