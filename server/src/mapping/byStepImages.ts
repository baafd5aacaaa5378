// Ties layers to lines by the images that the classic builder and buildah leave after each step: what the image of a line
// has above the image of the line before is that line's layer, whatever its text. Believed only where the layers of
// those images are the image's own, in their places.
import type { BuildRules, BuildStep, StepLayers } from '../build/model';
import type { Dockerfile } from '../dockerfile/model';
import type { Chain } from './chain';
import { type MappedImage, noTies, type Tie, type Ties } from './ties';

/** @param steps by instruction index, triggers under their FROM */
export function tieByStepImages(
  dockerfile: Dockerfile,
  chain: Chain,
  steps: ReadonlyMap<number, readonly BuildStep[]>,
  { layers }: MappedImage,
  rules: BuildRules,
): Ties {
  const lines = new Map<number, Tie>();
  let base: number | null = null;
  /** How many layers there are below the next step; null when unknown. */
  let below: number | null = null;
  const isTold = [...steps.values()].flat().some(({ imageLayers }) => imageLayers != null);
  if (!isTold) return noTies;
  for (const stage of chain.stages) {
    const { from, instructions } = dockerfile.stages[stage]!;
    for (const line of [from, ...instructions]) {
      const made: number[] = [];
      let isKnown = true;
      for (const step of steps.get(line) ?? [null]) {
        const isFrom = line === from && step?.onBuild !== true;
        // The FROM of a stage on a stage stands on what that one left.
        if (isFrom && stage !== chain.root?.stage.index) continue;
        const count = countOf(step?.imageLayers, layers);
        if (count === 'other' || (count ?? layers.length) < (below ?? 0))
          return { ...noTies, why: otherImages };
        if (isFrom) base = count;
        else if (count === null || below === null) isKnown = false;
        else for (let layer = below; layer < count; layer++) made.push(layer);
        below = count;
      }
      if (!isKnown || (line === from && made.length === 0)) continue;
      const note = made.length === 0 ? noteOf(dockerfile, line, rules) : null;
      lines.set(line, { layers: made, evidence: 'steps', note });
    }
  }
  // Labels of the command line come last and make no layer: what stands above all lines was made by something else.
  if (below !== null && below !== layers.length) return { ...noTies, why: otherImages };
  return { lines, base, why: null };
}

const otherImages = "The images of the builder's steps are not part of this image, as after a squash.";

/** How many layers; null when unknown, `other` when they are not those of the image. */
function countOf(
  step: StepLayers | null | undefined,
  layers: MappedImage['layers'],
): number | null | 'other' {
  if (step == null) return null;
  if (step.count > layers.length) return 'other';
  return (layers[step.count - 1]?.diffId ?? null) === step.top ? step.count : 'other';
}

function noteOf({ instructions }: Dockerfile, line: number, rules: BuildRules): string | null {
  return rules === 'classic' && /^(?:RUN|COPY|ADD|WORKDIR)$/.test(instructions[line]!.keyword)
    ? 'It changed no file, and the classic builder makes no layer then.'
    : null;
}
