// Ties layers to lines by the layer chains of a provenance document: each step's chain is the image's layers up to it,
// so that its length tells the layer's place, and its last blob which bytes. Believed only as a whole: if the chain of
// one line does not follow the chain of the line before, no line is tied.
import type { Provenance, ProvenanceStep } from '../build/model';
import type { Dockerfile } from '../dockerfile/model';
import type { Chain, ChainItem } from './chain';
import { baseOf, isOfText, joinProvenance, type ProvenanceSteps, stepsAlong } from './provenanceSteps';
import { type MappedImage, noTies, type Tie, type Ties } from './ties';

/** @param isRecorded the image is known to be the one that the recorded build made */
export function tieByProvenance(
  dockerfile: Dockerfile,
  provenance: Provenance,
  chain: Chain,
  image: MappedImage,
  isRecorded: boolean,
): Ties {
  if (!isOfText(provenance, dockerfile.text)) {
    return { ...noTies, why: 'The provenance is of another Dockerfile than the one that was recorded.' };
  }
  const joined = joinProvenance(dockerfile, provenance);
  // A WORKDIR on a path that the text does not tell made a layer if it has a step.
  const makers = chain.items.filter(
    ({ emission, line, isTrigger }) =>
      emission.layer === 'always' ||
      (emission.layer === 'unknown' && !isTrigger && (joined.byLine.get(line)?.length ?? 0) > 0),
  );
  const steps = stepsAlong(joined, makers);
  const chains = steps.map((step) => step?.layers ?? null);
  const known = chains.findIndex((layers) => layers !== null);
  if (known < 0) return baseAlone(joined, makers, image);
  const first = chains[known]!.length - 1 - known;
  const place = (at: number) => first + at;

  const why = contradiction(chains, first, image, isRecorded);
  if (why !== null) return { ...noTies, why };
  const triggers = steps[0] ? triggersBelow(joined, steps[0], chain) : null;
  const base = triggers === null ? null : first - triggers.length;
  if (base !== null && (base < 0 || (chain.root?.base.kind === 'scratch' && base !== 0))) {
    return {
      ...noTies,
      why: 'The provenance has more or fewer layers below this Dockerfile than its base can have.',
    };
  }
  const lines = new Map<number, Tie>();
  makers.forEach((item, at) => {
    const tie: Tie = {
      layers: [place(at)],
      // Without a chain of its own, its place follows from the lines around it: each of them makes one layer.
      evidence: chains[at] ? 'provenance' : 'order',
      note: null,
    };
    add(lines, item.line, tie);
  });
  if (chain.root && triggers && triggers.length > 0) {
    const layers = triggers.map((_, at) => base! + at);
    add(lines, chain.root.from, { layers, evidence: 'provenance', note: null });
  }
  return { lines, base, why: null };
}

/** A FROM may have several: its triggers'. */
function add(lines: Map<number, Tie>, line: number, tie: Tie) {
  const before = lines.get(line);
  lines.set(line, before ? { ...tie, layers: [...before.layers, ...tie.layers].sort((a, b) => a - b) } : tie);
}

/** Why the chains cannot be those of this image's lines; null when they can. */
function contradiction(
  chains: readonly (ProvenanceStep['layers'] | null)[],
  first: number,
  { layers }: MappedImage,
  isRecorded: boolean,
): string | null {
  if (first < 0 || first + chains.length !== layers.length) {
    return `The provenance tells of ${Math.max(0, first + chains.length)} layers, the image has ${layers.length}.`;
  }
  let compared = 0;
  let equal = 0;
  for (const [at, blobs] of chains.entries()) {
    if (!blobs) continue;
    if (blobs.length !== first + at + 1) {
      return 'The layer chains of the provenance do not grow by one from line to line.';
    }
    for (const [index, { digest }] of blobs.entries()) {
      const stored = layers[index]!.blobDigest;
      if (stored === null) continue;
      compared++;
      if (stored === digest) equal++;
      // Blobs that the exporter wrote anew (compression, rewrite-timestamp) have digests of their own; one that stands
      // at another place does not come from that.
      else if (layers.some((layer) => layer.blobDigest === digest)) {
        return 'A layer of the provenance stands at another place in the image.';
      }
    }
  }
  if (compared > 0 && equal === 0 && !isRecorded) {
    return 'No layer of the provenance is in the image.';
  }
  return null;
}

/** The steps of the root base's triggers, which carry the range of FROM, below the first line's step; oldest first. */
function triggersBelow(
  joined: ProvenanceSteps,
  first: ProvenanceStep,
  { root }: Chain,
): ProvenanceStep[] | null {
  if (!root) return null;
  if (root.base.kind === 'scratch') return [];
  const own = new Set(joined.byLine.get(root.from));
  const triggers: ProvenanceStep[] = [];
  for (let step = baseOf(joined, first); step; step = baseOf(joined, step)) {
    // The base itself: a source with the range of FROM, or without one for a named context.
    if (step.op === 'source') return triggers;
    if (!own.has(step)) return null;
    triggers.unshift(step);
  }
  return null;
}

/** No line has a chain. An image without a line that makes layers is all base. */
function baseAlone(joined: ProvenanceSteps, makers: readonly ChainItem[], { layers }: MappedImage): Ties {
  const { result } = joined;
  if (makers.length > 0 || result?.op !== 'source' || result.layers?.length !== layers.length) return noTies;
  return { ...noTies, base: layers.length };
}
