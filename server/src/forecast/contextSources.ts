// Which lines of a Dockerfile take files from the build context, each as the question that its cache key asks of it.
import { builtStages } from '../build/builtStages';
import type { BuildRules } from '../build/model';
import { mountSelectors, type Selector, selectorOf } from '../context/contentSelect';
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import { isOn } from '../dockerfile/switches';
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
  const built = builtStages(dockerfile, choice, rules);
  const found: ContextSource[] = [];
  for (const instruction of dockerfile.instructions) {
    const { index, stage, flags } = instruction;
    if (stage === null || !built.has(stage)) continue;
    const parents = isOn(instruction, 'parents');
    const exclude = flags.flatMap(({ name, value }) => (name === 'exclude' && value !== null ? [value] : []));
    const copied = sourcesOf(dockerfile, instruction, choice, folders).flatMap((source): Selector[] => {
      return source.kind === 'context' ? [selectorOf(source.path, { parents, exclude })] : [];
    });
    const mounted = mountSourcesOf(dockerfile, instruction, choice, folders).flatMap((source) =>
      source.kind === 'context' ? [source.path] : [],
    );
    if (copied.length > 0) found.push({ instruction: index, selectors: copied });
    if (mounted.length > 0) found.push({ instruction: index, selectors: mountSelectors(mounted) });
  }
  return found;
}
