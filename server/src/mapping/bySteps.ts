// Ties layers to lines by the builder's steps: with BuildKit each step of the shipped stages makes one layer, so that
// they count down from the image's newest layer. Counting alone ties nothing: the steps name the lines, and mapLayers
// takes these ties only where the history of the image does not speak against them.
import type { Dockerfile } from '../dockerfile/model';
import type { Chain, ChainItem } from './chain';
import type { LineSteps } from './lineSteps';
import { whyOpen } from './stageSteps';
import { type MappedImage, noTies, type Tie, type Ties } from './ties';

/** BuildKit only: the classic builder's steps do not tell which of them made a layer, its history does. */
export function tieBySteps(
  dockerfile: Dockerfile,
  chain: Chain,
  { stages }: LineSteps,
  { layers }: MappedImage,
): Ties {
  const lines = new Map<number, Tie>();
  let left = layers.length;
  const ties = (base: number | null, why: string | null): Ties => ({ lines, base, why });
  const take = (line: number) => {
    left--;
    const above = lines.get(line)?.layers ?? [];
    lines.set(line, { layers: [left, ...above], evidence: 'steps', note: null });
  };
  for (const stage of chain.stages.toReversed()) {
    const isRoot = stage === chain.root?.stage.index;
    const makers = chain.items.filter((item) => item.stage === stage && mayMakeLayer(item));
    const told = stages.get(stage);
    // Without a line that makes layers, and without triggers, a stage need not have steps.
    if (makers.length === 0 && !isRoot) continue;
    if (!told?.numbered && makers.length > 0) {
      return ties(null, whyOpen(told) ?? 'The builder told no numbered step of a stage.');
    }
    for (const { index } of told?.numbered?.toReversed() ?? []) take(index);
    const triggers = isRoot ? (told?.triggers ?? null) : makers.filter(({ isTrigger }) => isTrigger).length;
    if (triggers === null) break;
    if (!isRoot && told?.triggers !== triggers) {
      return checked(
        ties(null, 'The builder told of other ONBUILD steps than the Dockerfile declares.'),
        left,
      );
    }
    for (let trigger = 0; trigger < triggers; trigger++) take(dockerfile.stages[stage]!.from);
    if (!isRoot) continue;
    const isWrong = chain.root?.base.kind === 'scratch' && left !== 0;
    return checked(ties(left, isWrong ? countsDiffer : null), left);
  }
  return checked(ties(chain.root?.base.kind === 'scratch' ? 0 : null, null), left);
}

function mayMakeLayer({ emission }: ChainItem): boolean {
  return emission.layer === 'always' || emission.layer === 'unknown';
}

const countsDiffer = 'The builder told of more or fewer steps than the image has layers.';

function checked(ties: Ties, left: number): Ties {
  return left < 0 || ties.why === countsDiffer ? { ...noTies, why: countsDiffer } : ties;
}
