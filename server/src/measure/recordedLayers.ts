// The layers that recorded builds left, line by line, as far as each layer of their images is tied to a line. Which of
// them the next build will find is forecast/stageLayers.ts; what is in them stageFiles.ts.
import { recordOf } from '../analysis/pastBuilds';
import { stageBases } from '../dockerfile/bases';
import { shippedChain } from '../dockerfile/stageGraph';
import type { CacheHistory, PastBuild } from '../forecast/cacheHistory';
import { type LayerChain, pinnedDigest, type RecordedLayers } from '../forecast/stageLayers';
import { mapLayers } from '../mapping/mapLayers';
import type { Digest } from '../primitives/digest';

interface Chain {
  /** Up to each instruction of the stages that ship; absent for all others. */
  upTo: Map<number, LayerChain>;
  /** Of the image that it stands on; null for none. */
  base: { digest: Digest; platform: string; layers: LayerChain } | null;
}

const chains = new WeakMap<PastBuild, Chain | null>();

export function recordedLayers({ past }: CacheHistory): RecordedLayers {
  const of = (build: PastBuild) => {
    const known = chains.get(build);
    if (known !== undefined) return known;
    const found = chainOf(build);
    chains.set(build, found);
    return found;
  };
  return {
    upTo: (build, instruction) => of(past[build]!)?.upTo.get(instruction) ?? null,
    ofImage(digest, platform) {
      for (const build of past) {
        const base = of(build)?.base;
        if (base?.digest === digest && base.platform === platform) return base.layers;
      }
      return null;
    },
  };
}

/** Null unless each layer of the image is tied to a line or to the base: then what has none makes none. */
function chainOf(build: PastBuild): Chain | null {
  const record = recordOf(build);
  if (!record?.image || record.outcome !== 'built') return null;
  const { dockerfile, choice } = build;
  const { layers } = record.image;
  const { lines, baseLayers, unmapped } = mapLayers(dockerfile, record, record.image, choice);
  const stages = shippedChain(dockerfile, choice);
  const shipped = stages.flatMap((stage) => dockerfile.stages[stage]!.instructions);
  const tied = new Set([...baseLayers, ...shipped.flatMap((line) => lines[line]!.layers)]);
  if (unmapped.length > 0 || tied.size !== layers.length) return null;
  const diffIds = layers.map(({ diffId }) => diffId);
  let count = baseLayers.length;
  if (!baseLayers.every((layer, at) => layer === at)) return null;
  const upTo = new Map<number, LayerChain>();
  for (const line of shipped) {
    for (const layer of lines[line]!.layers) if (layer !== count++) return null;
    upTo.set(line, diffIds.slice(0, count));
  }
  return { upTo, base: baseOf(build, stages[0], diffIds.slice(0, baseLayers.length)) };
}

function baseOf({ dockerfile, choice, cache }: PastBuild, stage: number | undefined, layers: LayerChain) {
  const base = stage === undefined ? undefined : stageBases(dockerfile, choice)[stage];
  if (base?.kind !== 'image') return null;
  const platform = dockerfile.stages[stage!]!.platform ?? choice.platform ?? '';
  const found = cache?.bases.find((one) => one.reference === base.reference && one.platform === platform);
  const digest = found?.digest ?? pinnedDigest(base.reference, cache?.extraArguments ?? []);
  return digest && { digest, platform, layers };
}
