// Which lines of a Dockerfile take files from the build context, each as the question that its cache key asks of it.
import type { BuildRules } from '../build/model';
import { mountSelectors, type Selector } from '../context/contentSelect';
import { readSource } from '../context/takeSources';
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import { reachableStages, targetStage } from '../dockerfile/stageGraph';
import { readArguments } from './builderArguments';
import { mountSourcesOf, sourcesOf } from './copySources';

export interface ContextSource {
  /** Index of the instruction. */
  instruction: number;
  /** For context/contentKey.ts. */
  selectors: readonly Selector[];
}

interface Asked {
  choice: BuildChoice;
  extraArguments: readonly string[];
  rules: BuildRules;
  found: ContextSource[];
}

/** The last answer for each Dockerfile: the forecast, and whoever reads for it, ask the same at each keystroke. */
const answers = new WeakMap<Dockerfile, Asked>();

/** In order of the lines that will be built; lines of which the text does not tell what they take are left out. */
export function contextSources(
  dockerfile: Dockerfile,
  choice: BuildChoice,
  extraArguments: readonly string[],
  rules: BuildRules,
): ContextSource[] {
  const last = answers.get(dockerfile);
  if (last?.choice === choice && last.extraArguments === extraArguments && last.rules === rules)
    return last.found;
  const found = findSources(dockerfile, choice, extraArguments, rules);
  answers.set(dockerfile, { choice, extraArguments, rules, found });
  return found;
}

function findSources(
  dockerfile: Dockerfile,
  choice: BuildChoice,
  extraArguments: readonly string[],
  rules: BuildRules,
): ContextSource[] {
  const { folders } = readArguments(extraArguments);
  const reachable = reachableStages(dockerfile, choice);
  const target = targetStage(dockerfile, choice);
  const found: ContextSource[] = [];
  for (const instruction of dockerfile.instructions) {
    const { index, stage, flags } = instruction;
    const isBuilt =
      stage !== null && (rules === 'classic' ? stage <= (target ?? stage) : reachable.has(stage));
    if (!isBuilt) continue;
    const parents = flags.some(({ name, value }) => name === 'parents' && value !== 'false');
    const exclude = flags.flatMap(({ name, value }) => (name === 'exclude' && value !== null ? [value] : []));
    const copied = sourcesOf(dockerfile, instruction, choice, folders).flatMap((source): Selector[] => {
      if (source.kind !== 'context') return [];
      const { path, include } = readSource(source.path, parents);
      return [{ path, include: include === null ? [] : [include], exclude }];
    });
    const mounted = mountSourcesOf(dockerfile, instruction, choice, folders).flatMap(({ source }) =>
      source.kind === 'context' ? [source.path] : [],
    );
    if (copied.length > 0) found.push({ instruction: index, selectors: copied });
    if (mounted.length > 0) found.push({ instruction: index, selectors: mountSelectors(mounted) });
  }
  return found;
}
