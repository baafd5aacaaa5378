// Ties layers to lines by the layer chains of a provenance document: each step's chain is the image's layers up to it,
// so that its length tells the layer's place, and its last blob which bytes. Believed only as a whole: if the chain of
// one line does not follow the chain of the line before, no line is tied.
import type { ProvenanceStep } from '../build/model';
import type { Chain } from './chain';
import { baseOf, type ProvenanceSteps, stepsAlong } from './provenanceSteps';
import { type MappedImage, noTies, type Tie, type Ties } from './ties';

/**
 * @param joined the provenance's steps; null when it is of another text
 * @param isRecorded the image is known to be the one that the recorded build made
 */
export function tieByProvenance(
  joined: ProvenanceSteps | null,
  chain: Chain,
  image: MappedImage,
  isRecorded: boolean,
): Ties {
  if (joined === null) {
    return { ...noTies, why: 'The provenance is of another Dockerfile than the one that was recorded.' };
  }
  // A WORKDIR on a path that the text does not tell made a layer if it has a step.
  const makers = chain.items.filter(
    ({ emission, line, isTrigger }) =>
      emission.layer === 'always' ||
      (emission.layer === 'unknown' && !isTrigger && (joined.byLine.get(line)?.length ?? 0) > 0),
  );
  const steps = stepsAlong(joined, makers);
  const chains = steps.map((step) => step?.layers ?? null);
  // What stands directly below the first line that makes a layer: the base, or the last of its triggers.
  const below = makers.length === 0 ? joined.result : steps[0] ? baseOf(joined, steps[0]) : null;
  if (makers.length === 0) chains.push(below?.layers ?? null);
  const known = chains.findIndex((layers) => layers !== null);
  if (known < 0) return noTies;
  // The place of the first line's layer; without such a line, that of the layer above the last one.
  const first = chains[known]!.length - (makers.length === 0 ? 0 : known + 1);

  const why = contradiction(chains, first, makers.length, image, isRecorded);
  if (why !== null) return { ...noTies, why };
  const triggers = triggersDownFrom(joined, below, chain);
  const base = triggers === null ? null : first - triggers;
  if (base !== null && (base < 0 || (chain.root?.base.kind === 'scratch' && base !== 0))) {
    return {
      ...noTies,
      why: 'The provenance has more or fewer layers below this Dockerfile than its base can have.',
    };
  }
  const lines = new Map<number, Tie>();
  makers.forEach(({ line }, at) => {
    // Without a chain of its own, its place follows from the lines around it: each of them makes one layer.
    add(lines, line, { layers: [first + at], evidence: chains[at] ? 'provenance' : 'order', note: null });
  });
  for (let at = base ?? first; at < first && chain.root; at++) {
    add(lines, chain.root.stage.from, { layers: [at], evidence: 'provenance', note: null });
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
  makers: number,
  { layers }: MappedImage,
  isRecorded: boolean,
): string | null {
  if (first < 0 || first + makers !== layers.length) {
    return `The provenance tells of ${Math.max(0, first + makers)} layers, the image has ${layers.length}.`;
  }
  let compared = 0;
  let equal = 0;
  for (const [at, blobs] of chains.entries()) {
    if (!blobs) continue;
    if (blobs.length !== first + Math.min(at + 1, makers)) {
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

/** How many steps of the root base's triggers, which carry the range of FROM, stand on one another from here down. */
function triggersDownFrom(
  joined: ProvenanceSteps,
  top: ProvenanceStep | null,
  { root }: Chain,
): number | null {
  if (!root) return null;
  if (root.base.kind === 'scratch') return 0;
  const own = new Set(joined.byLine.get(root.stage.from));
  let count = 0;
  for (let step = top; step; step = baseOf(joined, step)) {
    // The base itself: a source with the range of FROM, or without one for a named context.
    if (step.op === 'source') return count;
    // More than there are: inputs that go round in a circle, which no builder writes and a hostile file may hold.
    if (!own.has(step) || count === own.size) return null;
    count++;
  }
  return null;
}
