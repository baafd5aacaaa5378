// Which layers the next build will find where a line of it begins, and at the end of a stage: those that a recorded build
// left of the very same steps, as long as the cache has them. What is in the layers is not asked here.
import { stageBases } from '../dockerfile/bases';
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import type { Digest } from '../primitives/digest';
import { readArguments } from './builderArguments';
import type { LineForecast } from './cache';
import type { SourceTree } from './copySources';

/** DiffIDs, oldest first. */
export type LayerChain = readonly Digest[];

/** What the recorded builds left. */
export interface RecordedLayers {
  /** Up to an instruction of a build, by its place in `CacheHistory.past`; null when that is not known. */
  upTo(build: number, instruction: number): LayerChain | null;
  /** Of the image with this digest. */
  ofImage(digest: Digest, platform: string): LayerChain | null;
}

export interface LayersAsked {
  dockerfile: Dockerfile;
  choice: BuildChoice;
  /** The forecast of the same text. */
  lines: readonly (LineForecast | null)[];
  extraArguments: readonly string[];
}

/** Of a stage or an image that a line copies from; null when it is not known. */
export function layersOfTree(
  asked: LayersAsked,
  recorded: RecordedLayers,
  tree: SourceTree,
): LayerChain | null {
  if (tree.kind === 'stage') return layersOfStage(asked, recorded, tree.stage);
  return tree.kind === 'image' ? layersOfImage(asked, recorded, tree.reference, null) : null;
}

/** What lies below a line; null when it is not known. */
export function layersBelow(
  asked: LayersAsked,
  recorded: RecordedLayers,
  instruction: number,
): LayerChain | null {
  const stage = asked.dockerfile.instructions[instruction]?.stage;
  return stage == null ? null : layersOfStage(asked, recorded, stage, instruction);
}

/** `before`: only the lines above that instruction. */
function layersOfStage(
  asked: LayersAsked,
  recorded: RecordedLayers,
  stage: number,
  before = Number.POSITIVE_INFINITY,
): LayerChain | null {
  const { dockerfile, choice, lines } = asked;
  const own = dockerfile.stages[stage]?.instructions ?? [];
  const last = own.findLast((index) => index < before && lines[index]);
  if (last !== undefined) return layersOfLine(lines[last]!, recorded);
  const base = stageBases(dockerfile, choice)[stage];
  switch (base?.kind) {
    case 'scratch':
      return [];
    case 'stage':
      return layersOfStage(asked, recorded, base.stage);
    case 'image':
      return layersOfImage(asked, recorded, base.reference, dockerfile.stages[stage]!.platform);
    default:
      return null;
  }
}

/** All builds since the step last ran have to agree: what it made before is not what it would be now. */
function layersOfLine({ cache, seen = [] }: LineForecast, recorded: RecordedLayers): LayerChain | null {
  if (cache !== 'cached') return null;
  const since = Math.max(
    0,
    seen.findLastIndex(({ outcome }) => outcome === 'ran'),
  );
  let found: LayerChain | null = null;
  for (const { build, instruction } of seen.slice(since)) {
    const chain = recorded.upTo(build, instruction);
    if (chain === null) continue;
    if (found !== null && found.join() !== chain.join()) return null;
    found = chain;
  }
  return found;
}

/** A name alone may stand for another image by the next build. */
function layersOfImage(
  { choice, extraArguments }: LayersAsked,
  recorded: RecordedLayers,
  reference: string,
  platform: string | null,
): LayerChain | null {
  const digest = pinnedDigest(reference, extraArguments);
  return digest && recorded.ofImage(digest, platform ?? choice.platform ?? '');
}

/** The digest by which an image is named, here or by `--build-context`; null for a name alone. */
export function pinnedDigest(reference: string, extraArguments: readonly string[]): Digest | null {
  const named = readArguments(extraArguments).images.get(reference.toLowerCase()) ?? reference;
  return (/@(sha256:[0-9a-f]{64})$/.exec(named)?.[1] as Digest | undefined) ?? null;
}
