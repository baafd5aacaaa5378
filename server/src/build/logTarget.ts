// A log of several targets at once, as bake and compose write it: which target is meant, and its lines alone. Steps that
// two targets share bear the name of one of them, and are not told of the other.
import { StrataError } from '../primitives/errors';
import { fields, list, parseFields, text } from './jsonFields';
import type { LogBuild } from './logBuilds';
import { SeveralTargets, shownTargets } from './severalTargets';

/** Null for a build of one target that is not prefixed. */
export function targetOf(
  build: LogBuild,
  name: string,
  { bakeTarget, dockerfileName }: { bakeTarget?: string | null; dockerfileName: string },
): string | null {
  const targets = build.loaded.flatMap(({ target }) => (target === null ? [] : [target]));
  if (bakeTarget != null) {
    if (targets.includes(bakeTarget) || targets.length === 0) return targets.length === 0 ? null : bakeTarget;
    throw new StrataError(
      'not-found',
      `${name} has no target ${bakeTarget}; it has: ${shownTargets(targets)}.`,
    );
  }
  if (targets.length <= 1) return targets[0] ?? null;
  const isSure = build.loaded.every((one) => one.target === null || one.dockerfile !== null);
  const named = build.loaded.filter((one) => one.target !== null && one.dockerfile === dockerfileName);
  if (isSure && named.length === 1) return named[0]!.target;
  throw new SeveralTargets(name, targets);
}

/** The lines of one target of bake, as a build of its own would have them: `[app build 2/5] RUN x` (buildx progress). */
export function ownLines(target: string): (line: string) => string | null {
  const numbers = new Map<string, boolean>();
  const strip = (name: string): string | null => {
    if (name.startsWith(`[${target} `)) return `[${name.slice(target.length + 2)}`;
    return name.startsWith(`[${target}] `) ? name.slice(target.length + 3) : null;
  };
  return (line) => {
    if (line.startsWith('{')) {
      const value = parseFields(line);
      if (!value) return null;
      const vertexes = list(value.vertexes)
        .map(fields)
        .flatMap((vertex) => {
          const name = strip(text(vertex.name, 64 * 1024) ?? '');
          return name === null ? [] : [{ ...vertex, name }];
        });
      for (const { digest } of vertexes as { digest?: unknown }[]) numbers.set(String(digest), true);
      const statuses = list(value.statuses).filter((one) => numbers.has(String(fields(one).vertex)));
      return JSON.stringify({ ...value, vertexes, statuses });
    }
    const [, number, said = ''] = /^#(\d{1,6}) (.*)$/s.exec(line) ?? [];
    if (number === undefined) return line;
    const name = strip(said);
    if (!numbers.has(number)) numbers.set(number, name !== null);
    return numbers.get(number) ? (name === null ? line : `#${number} ${name}`) : null;
  };
}
