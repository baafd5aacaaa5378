// Merges what several sources say of layers and lines, the strongest first. Guarantees what no source alone does: a
// layer has one line at most, lines of a chain have layers in their order, and the base is what lies below them all.
import type { Dockerfile } from '../dockerfile/model';
import type { Chain } from './chain';
import type { Evidence, Mapping } from './model';
import type { MappedImage, Tie, Ties } from './ties';

export interface MergedTies extends Pick<Mapping, 'baseLayers' | 'unmapped' | 'disagreements'> {
  lines: ReadonlyMap<number, Tie>;
  /** Why a line of the chain is not tied, one sentence. */
  why: string;
}

const strength: Readonly<Record<Evidence, number>> = {
  provenance: 4,
  steps: 3,
  history: 2,
  order: 1,
  none: 0,
};

/** @param sources the strongest first */
export function mergeTies(
  dockerfile: Dockerfile,
  chain: Chain,
  { layers }: MappedImage,
  sources: readonly Ties[],
  disagreements: string[],
): MergedTies {
  const why = sources.find((source) => source.why !== null)?.why ?? 'Nothing ties it to one layer.';
  const order = new Map<number, number>();
  if (chain.root) order.set(chain.root.stage.from, -1);
  for (const [at, { line }] of chain.items.entries()) if (!order.has(line)) order.set(line, at);
  const lines = new Map<number, Tie>();
  for (const line of order.keys()) {
    const tie = strongest(dockerfile, line, sources, disagreements);
    if (tie) lines.set(line, tie);
  }
  dropUntilInOrder(lines, order, disagreements);

  const owned = new Set([...lines.values()].flatMap((tie) => tie.layers));
  const lowest = owned.size > 0 ? Math.min(...owned) : layers.length;
  const base =
    chain.root?.base.kind === 'scratch'
      ? 0
      : (sources.find((source) => source.base !== null && source.base <= lowest)?.base ?? null);
  return {
    lines,
    why,
    baseLayers: Array.from({ length: base ?? 0 }, (_, index) => index),
    unmapped: layers
      .filter(({ index }) => index >= (base ?? 0) && !owned.has(index))
      .map(({ index }) => ({
        layer: index,
        why: base === null && index < lowest ? `Whether it comes from the base is not known. ${why}` : why,
      })),
    disagreements,
  };
}

/** The strongest tie of a line; weaker ones that say otherwise are told of. */
function strongest(
  dockerfile: Dockerfile,
  line: number,
  sources: readonly Ties[],
  disagreements: string[],
): Tie | null {
  const ties = sources.flatMap((source) => source.lines.get(line) ?? []);
  const best = ties.reduce<Tie | null>(
    (most, tie) => (most && strength[most.evidence] >= strength[tie.evidence] ? most : tie),
    null,
  );
  const other = ties.find((tie) => best && tie.layers.join() !== best.layers.join());
  if (best && other) {
    const number = dockerfile.instructions[line]!.line;
    disagreements.push(
      `Line ${number}: ${named(best)}, ${named(other)}; the ${wordOf(best.evidence)} ${best.evidence === 'steps' ? 'count' : 'counts'}.`,
    );
  }
  return best;
}

function named({ evidence, layers }: Tie): string {
  const what = layers.length === 0 ? 'no layer' : `layer ${layers.join(', ')}`;
  return `${what} by the ${wordOf(evidence)}`;
}

function wordOf(evidence: Evidence): string {
  return evidence === 'steps' ? "builder's steps" : evidence;
}

/** A layer with two lines, or a line above with a newer layer: the weakest evidence goes until neither is left. */
function dropUntilInOrder(
  lines: Map<number, Tie>,
  order: ReadonlyMap<number, number>,
  disagreements: string[],
) {
  const inOrder = [...order.keys()].sort((a, b) => order.get(a)! - order.get(b)!);
  const isInOrder = () => {
    let above = -1;
    for (const line of inOrder) {
      for (const layer of lines.get(line)?.layers ?? []) {
        if (layer <= above) return false;
        above = layer;
      }
    }
    return true;
  };
  while (!isInOrder()) {
    const weakest = Math.min(...[...lines.values()].map(({ evidence }) => strength[evidence]));
    for (const [line, { evidence }] of lines) if (strength[evidence] === weakest) lines.delete(line);
    disagreements.push(
      'Sources of evidence gave layers in different orders; what the weaker one said was dropped.',
    );
  }
}
