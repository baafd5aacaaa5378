// What rules see of the last build, on the text as it is edited now: which layers a line wrote, as long as the line still
// stands as it was built. A line that an edit made doubtful has no layers here, so that no rule can blame it.
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import type { CarriedLine } from '../mapping/carryForward';
import type { LineFacts } from '../mapping/model';
import type { RuleContext } from '../rules/rule';
import type { Knowledge } from './knowledge';

/** @param carried of `carryForward`; empty when nothing was built */
export function ruleContext(
  dockerfile: Dockerfile,
  choice: BuildChoice,
  knowledge: Knowledge,
  carried: readonly CarriedLine[],
): RuleContext {
  const { image, mapping, rules } = knowledge;
  const factsOf = (instruction: number): LineFacts | null => {
    const line = carried[instruction];
    return line?.state === 'same' && line.from !== null ? (mapping?.lines[line.from] ?? null) : null;
  };
  const layersOf = (instruction: number): number[] => factsOf(instruction)?.layers ?? [];
  const byLayer = new Map<number, number>();
  for (const { index, keyword } of dockerfile.instructions) {
    // Layers at FROM are of triggers that the base image brought; a tie by order alone is no proof.
    if (keyword === 'FROM' || factsOf(index)?.evidence === 'order') continue;
    for (const layer of layersOf(index)) byLayer.set(layer, index);
  }
  const base = new Set(mapping?.baseLayers ?? []);
  return {
    dockerfile,
    choice,
    rules,
    image,
    layersOf,
    instructionOf: (layer) => (base.has(layer) ? null : (byLayer.get(layer) ?? null)),
    isBase: (layer) => base.has(layer),
    durationMs: (instruction) => factsOf(instruction)?.durationMs ?? null,
    cache: (instruction) => factsOf(instruction)?.cache ?? 'unknown',
  };
}
