// Whether files of the same size hold the same bytes: which pairs a diff asks about, and sums of exactly those bodies,
// each layer gone through once. What a difference means is compareRows.ts; files stored as sparse stay unknown.
import type { Layer, LayerBlob } from '../image/model';
import { isCancelled, StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { type Body, hashBodies, plainPieces, streamPieces } from './bodies';
import type { SameContent, Version } from './compareRows';
import type { DiffOptions } from './diff';
import { openPlainLayer } from './layerBytes';
import type { LayerDiff, LayerIndex } from './model';
import { type Medium, SumPlan } from './sumPlan';

/** Two files of the same size, larger than nothing, that a diff would tell apart by their content alone. */
export interface ContentPair {
  before: Version;
  after: Version;
}

export interface SumOptions {
  /** Bytes to read or unpack at most; the largest pairs are left out first. Default: no limit. */
  maxBytes?: number;
  signal?: AbortSignal;
}

/**
 * Makes a diff and tells which contents it would have asked for; hard links are followed already. Without any, the
 * diff is as true as it can be.
 */
export function contentPairs(run: (options: DiffOptions) => LayerDiff): {
  diff: LayerDiff;
  pairs: ContentPair[];
} {
  const pairs: ContentPair[] = [];
  return { diff: run(gathering(pairs)), pairs };
}

/** How a diff is made that tells the pairs it would have asked for. */
export function gathering(pairs: ContentPair[]): DiffOptions {
  return {
    sameContent: (before, after) => {
      pairs.push({ before, after });
      return null;
    },
  };
}

/** Where the bytes of each index are; layers that are not indexed have no say. */
export function layersByIndex(
  layers: readonly Layer[],
  indexes: readonly (LayerIndex | null)[],
): Map<LayerIndex, Layer> {
  const found = new Map<LayerIndex, Layer>();
  indexes.forEach((index, i) => {
    const layer = layers[i];
    if (index && layer && !found.get(index)?.blob) found.set(index, layer);
  });
  return found;
}

/** Sums that were computed, kept as long as this object is; 16 bytes each. */
export class ContentSums {
  private readonly host: Host;
  // By index, not by DiffID: two images can claim the same DiffID for other bytes.
  private readonly known = new Map<LayerIndex, Map<number, string>>();
  /** Indexes of the same bytes, as where two images share a layer. */
  private readonly twins = new Map<LayerIndex, Set<LayerIndex>>();

  constructor(host: Host) {
    this.host = host;
  }

  /** What a diff asks; null where `read` did not come to know both. */
  readonly sameContent: SameContent = (before, after) => {
    if (before.row === after.row && this.twins.get(before.index)?.has(after.index)) return true;
    const a = this.sumOf(before);
    const b = this.sumOf(after);
    return a === undefined || b === undefined ? null : a === b;
  };

  /** How many pairs stay unknown. */
  countUnknown(pairs: readonly ContentPair[]): number {
    return this.unknown(pairs).length;
  }

  /**
   * Reads what is needed for the pairs that are not known yet. What cannot be read stays unknown; the reasons are
   * returned, each a clause without a full stop. Throws StrataError('cancelled') or an abort only.
   * @param layers where the bytes of an index are
   */
  async read(
    pairs: readonly ContentPair[],
    layers: ReadonlyMap<LayerIndex, Layer>,
    options: SumOptions = {},
  ): Promise<string[]> {
    const reasons = new Set<string>();
    const plan = new SumPlan(options.maxBytes ?? Number.POSITIVE_INFINITY, reasons);
    const unknown = this.unknown(pairs);
    for (const index of new Set(unknown.flatMap(({ before, after }) => [before.index, after.index]))) {
      const layer = layers.get(index);
      const blob = layer?.blob;
      if (!blob) {
        reasons.add(`the bytes of ${layer ? `layer ${layer.index}` : 'a layer'} are not at hand`);
        continue;
      }
      const medium = await this.guarded(layer, reasons, options, () =>
        mediumOf(this.host, blob, options.signal),
      );
      if (medium) plan.media.set(index, medium);
    }
    this.findTwins(unknown, layers, plan);
    const left = this.unknown(unknown).sort((a, b) => sizeOf(a) - sizeOf(b));
    for (const { before, after } of left) plan.add([before, after].filter((one) => !this.sumOf(one)));
    for (const [index, bodies] of plan.bodies()) {
      const layer = layers.get(index)!;
      await this.guarded(layer, reasons, options, () => this.readLayer(layer, index, bodies, plan, options));
    }
    return [...reasons];
  }

  private unknown(pairs: readonly ContentPair[]): ContentPair[] {
    return pairs.filter(({ before, after }) => this.sameContent(before, after) === null);
  }

  private findTwins(
    pairs: readonly ContentPair[],
    layers: ReadonlyMap<LayerIndex, Layer>,
    { media }: SumPlan,
  ): void {
    for (const { before, after } of pairs) {
      const [a, b] = [before.index, after.index];
      if (a === b || a.diffId !== b.diffId || media.get(a) === undefined || media.get(a) !== media.get(b))
        continue;
      if (this.twins.get(a)?.has(b) || !isSameBlob(layers.get(a)!, layers.get(b)!, media.get(a)!)) continue;
      this.twins.set(a, (this.twins.get(a) ?? new Set()).add(b));
    }
  }

  private sumOf({ index, row }: Version): string | undefined {
    return this.known.get(index)?.get(row);
  }

  private async readLayer(
    layer: Layer,
    index: LayerIndex,
    bodies: Body[],
    plan: SumPlan,
    { signal }: SumOptions,
  ): Promise<void> {
    const sums = this.known.get(index) ?? new Map<number, string>();
    this.known.set(index, sums);
    const keep = ({ row }: Body, sum: string): void => void sums.set(row, sum);
    if (plan.media.get(index) === 'stream') {
      await hashBodies(bodies, streamPieces(layer.blob!, signal), keep);
      return;
    }
    const file = await openPlainLayer(this.host, layer.blob!, signal);
    if (!file) throw new StrataError('unreadable', 'Its file changed meanwhile.');
    try {
      await hashBodies(bodies, plainPieces(file, bodies, signal), keep);
    } finally {
      await file.close();
    }
  }

  /** A layer that cannot be read is a reason, not the end. */
  private async guarded<T>(
    layer: Layer,
    reasons: Set<string>,
    { signal }: SumOptions,
    act: () => Promise<T>,
  ): Promise<T | null> {
    signal?.throwIfAborted();
    try {
      return await act();
    } catch (error) {
      if (isCancelled(error) || signal?.aborted || !(error instanceof StrataError)) throw error;
      reasons.add(`layer ${layer.index}: ${error.message.replace(/\.$/, '')}`);
      return null;
    }
  }
}

/** A line for a person: that equal sizes stand for equal contents in a diff. */
export function notComparedText(count: number, reasons: readonly string[]): string {
  const files = count === 1 ? '1 file' : `${count} files`;
  const why = reasons.length === 0 ? '' : ` (${reasons.join('; ')})`;
  return `The contents of ${files} of equal size were not compared${why}; they count as the same.`;
}

async function mediumOf(host: Host, blob: LayerBlob, signal: AbortSignal | undefined): Promise<Medium> {
  const file = await openPlainLayer(host, blob, signal);
  await file?.close();
  return file ? 'plain' : 'stream';
}

function sizeOf({ before: { index, row } }: ContentPair): number {
  return index.size[row]!;
}

/**
 * The same bytes without a look at them: the same part of a file, or blobs of the same digest. That is verified where
 * a blob is unpacked; of plain ones it is only what an image claims, as a DiffID is.
 */
function isSameBlob(a: Layer, b: Layer, medium: Medium): boolean {
  if (medium === 'stream' && a.blobDigest !== null && a.blobDigest === b.blobDigest) return true;
  const [one, other] = [a.blob?.region, b.blob?.region];
  if (!one || !other) return false;
  return one.path === other.path && one.offset === other.offset && one.length === other.length;
}
