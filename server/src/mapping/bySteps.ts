// Ties layers to lines by the builder's steps: with BuildKit each step of the shipped stages makes one layer, so that
// they count down from the image's newest layer. Counting alone ties nothing: the steps name the lines, and mapLayers
// takes these ties only where the history of the image does not speak against them.
import type { Chain } from './chain';
import type { LineSteps } from './lineSteps';
import { type MappedImage, noTies, type Tie, type Ties } from './ties';

/** BuildKit only: the classic builder's steps do not tell which of them made a layer, its history does. */
export function tieBySteps(chain: Chain, { stages }: LineSteps, { layers }: MappedImage): Ties {
  const lines = new Map<number, Tie>();
  let left = layers.length;
  const ties = (base: number | null, why: string | null): Ties => ({ lines, base, why });
  const take = (line: number) => {
    left--;
    const above = lines.get(line)?.layers ?? [];
    lines.set(line, { layers: [left, ...above], evidence: 'steps', note: null });
  };
  for (const stage of [...new Set(chain.items.map((item) => item.stage))].reverse()) {
    const items = chain.items.filter((item) => item.stage === stage);
    const makers = items.filter(
      ({ emission }) => emission.layer === 'always' || emission.layer === 'unknown',
    );
    if (makers.length === 0) continue;
    const told = stages.get(stage);
    if (!told?.numbered) {
      return ties(null, told?.why ? sentence(told.why) : 'The builder told no numbered step of a stage.');
    }
    for (const { index } of told.numbered.toReversed()) take(index);
    if (stage === chain.root?.index) {
      if (told.triggers === null) return check(ties(null, null), left);
      for (let trigger = 0; trigger < told.triggers; trigger++) take(chain.root.from);
      return check(ties(left, chain.root.base.kind === 'scratch' && left !== 0 ? countsDiffer : null), left);
    }
    const triggers = makers.filter(({ isTrigger }) => isTrigger);
    if (told.triggers !== triggers.length)
      return check(ties(null, 'The builder told of other ONBUILD steps than the Dockerfile declares.'), left);
    for (const { line } of triggers) take(line);
  }
  // The root stage has no line that makes a layer: all that is left is its base, or its base's triggers.
  return check(ties(chain.root?.base.kind === 'scratch' ? 0 : null, null), left);
}

const countsDiffer = 'The builder told of more or fewer steps than the image has layers.';

function check(ties: Ties, left: number): Ties {
  return left < 0 || ties.why === countsDiffer ? { ...noTies, why: countsDiffer } : ties;
}

function sentence(clause: string): string {
  return `${clause[0]!.toUpperCase()}${clause.slice(1)}.`;
}
