// Which stages a build needs and which of them ship: through FROM, COPY --from, RUN --mount=from= and ONBUILD triggers
// (dockerfile2llb/convert.go). What a stage is made of is for others.
import { stageBases } from './bases';
import { perChoice, perDockerfile } from './memo';
import type { BuildChoice, Dockerfile, Instruction } from './model';
import { mountOptions } from './mount';

/** The stage that the build is for; null when the file has no stage or none of that name. */
export function targetStage(dockerfile: Dockerfile, choice: BuildChoice): number | null {
  const { stages } = dockerfile;
  if (!choice.target) return stages.length > 0 ? stages.length - 1 : null;
  return resolveStage(dockerfile, choice.target, stages.length);
}

/** The stages whose layers are in the image, oldest first: the target and, through FROM, those below it. */
export function shippedChain(dockerfile: Dockerfile, choice: BuildChoice): number[] {
  const bases = stageBases(dockerfile, choice);
  const chain: number[] = [];
  for (let stage = targetStage(dockerfile, choice); stage !== null; ) {
    chain.push(stage);
    const base = bases[stage];
    // A base is always an earlier stage, so that this ends.
    stage = base?.kind === 'stage' ? base.stage : null;
  }
  return chain.reverse();
}

/** The stages that the build has to run: the target and all that it takes anything from. */
export const reachableStages: (dockerfile: Dockerfile, choice: BuildChoice) => ReadonlySet<number> =
  perChoice((dockerfile, choice) => {
    const bases = stageBases(dockerfile, choice);
    const reached = new Set<number>();
    const fired = new Set<number>();
    const target = targetStage(dockerfile, choice);
    const pending = target === null ? [] : [target];
    for (let stage = pending.pop(); stage !== undefined; stage = pending.pop()) {
      if (reached.has(stage)) continue;
      reached.add(stage);
      for (const source of sourceStages(dockerfile, stage, 'own')) pending.push(source);
      const base = bases[stage];
      if (base?.kind !== 'stage') continue;
      pending.push(base.stage);
      if (fired.has(base.stage)) continue;
      fired.add(base.stage);
      for (const source of sourceStages(dockerfile, base.stage, 'triggers')) pending.push(source);
    }
    return reached;
  });

/**
 * The latest stage before `beforeStage` with that name (in any case), or with that index when no name fits; null for
 * none. FROM does not take an index: its bases are in `stageBases`.
 */
export function resolveStage(dockerfile: Dockerfile, name: string, beforeStage: number): number | null {
  const wanted = name.toLowerCase();
  for (let index = Math.min(beforeStage, dockerfile.stages.length) - 1; index >= 0; index--) {
    if (dockerfile.stages[index]!.name === wanted) return index;
  }
  const index = /^\d+$/.test(name) ? Number(name) : -1;
  return index >= 0 && index < beforeStage && index < dockerfile.stages.length ? index : null;
}

/** What an instruction copies or mounts from, as written: `COPY --from=build`, `RUN --mount=from=build`. */
export function sourcesOf(instruction: Instruction): string[] {
  return instruction.flags.flatMap(({ name, value }) => {
    if (!value) return [];
    if (instruction.keyword === 'RUN' && name === 'mount') return mountOptions(value)?.get('from') ?? [];
    return (instruction.keyword === 'COPY' || instruction.keyword === 'ADD') && name === 'from' ? value : [];
  });
}

/** Last stage of each name: BuildKit resolves --from after it has read the whole file. */
const lastNamed = perDockerfile((dockerfile) => {
  const named = new Map<string, number>();
  for (const { name, index } of dockerfile.stages) if (name !== null) named.set(name, index);
  return named;
});

/**
 * The stage that a `--from` of an instruction means; null when it means an image. The result can be the stage itself or
 * a later one, from which BuildKit refuses to copy. A mount takes no index.
 */
export function sourceStage(dockerfile: Dockerfile, instruction: Instruction, source: string): number | null {
  const named = lastNamed(dockerfile).get(source.toLowerCase());
  if (named !== undefined) return named;
  const index = instruction.keyword !== 'RUN' && /^\d+$/.test(source) ? Number(source) : -1;
  return index >= 0 && index < dockerfile.stages.length ? index : null;
}

function sourceStages(dockerfile: Dockerfile, stage: number, which: 'own' | 'triggers'): number[] {
  return dockerfile.stages[stage]!.instructions.flatMap((index) => {
    const instruction = dockerfile.instructions[index]!;
    const meant = which === 'own' ? instruction : instruction.trigger;
    if (!meant) return [];
    return sourcesOf(meant).flatMap((source) => sourceStage(dockerfile, meant, source) ?? []);
  });
}
