// What lines of stages that do not ship left behind, where the builder tells: the provenance has layers of their steps
// when the cache was exported whole (`--cache-to …,mode=max`) [BuildKit 0.34]. Compressed bytes, as the cache stores
// them; nothing is known of their files. The classic builder, podman and buildah leave an image of each step, whose sizes
// their engines tell: docker those of files, podman those of tars.
import type { BuildRules, BuildStep, ProvenanceStep, StepLayers } from '../build/model';
import type { BuildChoice, Dockerfile, Stage } from '../dockerfile/model';
import { reachableStages, shippedChain } from '../dockerfile/stageGraph';
import { emissionOf } from './emits';
import type { UnshippedSize } from './model';
import { baseOf, type ProvenanceSteps } from './provenanceSteps';
import { workdirsOf } from './workdirs';

/**
 * By index of the instruction: lines that can make a layer, of stages that were built and do not ship.
 * @param joined the provenance's steps; null without one of this text
 */
export function unshippedSizes(
  dockerfile: Dockerfile,
  joined: ProvenanceSteps | null,
  choice: BuildChoice,
  rules: BuildRules = 'buildkit',
  steps: ReadonlyMap<number, readonly BuildStep[]> = new Map(),
): Map<number, UnshippedSize> {
  const found = new Map<number, UnshippedSize>();
  const shipped = new Set(shippedChain(dockerfile, choice));
  const unshipped = [...reachableStages(dockerfile, choice)].filter((stage) => !shipped.has(stage));
  if (unshipped.length === 0) return found;
  const workdirs = workdirsOf(dockerfile, choice);
  for (const stage of unshipped) {
    for (const index of dockerfile.stages[stage]?.instructions ?? []) {
      const instruction = dockerfile.instructions[index]!;
      const isRoot = workdirs[stage]?.get(instruction)?.isRoot ?? null;
      if (emissionOf(instruction.keyword, rules, isRoot).layer === 'never') continue;
      if (rules !== 'buildkit') {
        found.set(index, ofStepImages(dockerfile.stages[stage]!, index, steps));
        continue;
      }
      const bytes = joined && ownBytes(joined, joined.byLine.get(index) ?? []);
      const why = bytes === null ? whyNot(joined) : null;
      found.set(index, { compressedBytes: bytes, engineBytes: null, tarBytes: null, why });
    }
  }
  return found;
}

/** What the image of a line's step has above the image of the line before it. */
function ofStepImages(
  { from, instructions }: Stage,
  index: number,
  steps: ReadonlyMap<number, readonly BuildStep[]>,
): UnshippedSize {
  const lines = [from, ...instructions];
  const own = layersAfter(steps, index);
  const below = layersAfter(steps, lines[lines.indexOf(index) - 1]);
  const made = own && below ? own.count - below.count : null;
  // Without a change of files the classic builder makes no layer.
  const isOne = made === 1 || made === 0;
  const engineBytes = isOne ? above(own?.bytes, below?.bytes) : null;
  const tarBytes = isOne ? above(own?.tarBytes, below?.tarBytes) : null;
  const isKnown = engineBytes !== null || tarBytes !== null;
  return { compressedBytes: null, engineBytes, tarBytes, why: isKnown ? null : noSizes };
}

function above(own: number | undefined, below: number | undefined): number | null {
  return own === undefined || below === undefined || own < below ? null : own - below;
}

function layersAfter(
  steps: ReadonlyMap<number, readonly BuildStep[]>,
  line: number | undefined,
): StepLayers | null {
  return (line === undefined ? undefined : steps.get(line)?.at(-1)?.imageLayers) ?? null;
}

const noSizes = "Its stage does not ship, and the builder's steps tell no sizes.";

function whyNot(joined: ProvenanceSteps | null): string {
  return joined === null
    ? 'Its stage does not ship, and only a build with provenance can tell of it.'
    : 'Its stage does not ship, and the builder kept no layer of it: that takes --cache-to with mode=max, for which an engine needs its containerd image store.';
}

/** The layer that the line's step put on those below it; null unless the chains show exactly one. */
function ownBytes(joined: ProvenanceSteps, steps: readonly ProvenanceStep[]): number | null {
  // COPY --link is a copy and a merge: the merge leaves the result.
  const step = steps.find(({ op }) => op === 'merge') ?? (steps.length === 1 ? steps[0] : undefined);
  const layers = step?.layers;
  if (!step || !layers) return null;
  const base = baseOf(joined, step);
  // On an empty base the first input is something else, such as the build context, and has no layers.
  const isOnNothing = layers.length === 1 && !base?.layers;
  if (isOnNothing) return layers[0]!.bytes;
  const below = base?.layers;
  if (!below || layers.length !== below.length + 1) return null;
  return below.every(({ digest }, at) => digest === layers[at]!.digest) ? layers.at(-1)!.bytes : null;
}
