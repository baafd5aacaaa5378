// Which bodies are read to compare contents: those of whole pairs, as long as the cost allows, by layer and position.
// It reads nothing; what is left out stays unknown, and the reasons are told.
import { formatBytes } from '../primitives/bytes';
import { type Body, bodyOf } from './bodies';
import type { Version } from './compareRows';
import type { LayerIndex } from './model';

/** Whether a layer's bytes lie plain in a file, or have to be unpacked from the start. */
export type Medium = 'plain' | 'stream';

export class SumPlan {
  readonly media = new Map<LayerIndex, Medium>();
  private readonly wanted = new Map<LayerIndex, Map<number, Body>>();
  private readonly sparse = new Map<LayerIndex, Set<number>>();
  /** By streamed layer: how far it has to be unpacked. */
  private readonly ends = new Map<LayerIndex, number>();
  private left: number;
  private readonly maxBytes: number;
  private readonly reasons: Set<string>;

  constructor(maxBytes: number, reasons: Set<string>) {
    this.maxBytes = maxBytes;
    this.left = maxBytes;
    this.reasons = reasons;
  }

  add(versions: readonly Version[]): void {
    if (!versions.every(({ index }) => this.media.has(index))) return;
    if (versions.some((version) => this.isSparse(version))) {
      this.reasons.add('some are stored as sparse files');
      return;
    }
    const cost = versions.reduce((sum, version) => sum + this.costOf(version), 0);
    if (cost > this.left) {
      this.reasons.add(`it would take to read more than ${formatBytes(this.maxBytes)}`);
      return;
    }
    this.left -= cost;
    for (const version of versions) this.want(version);
  }

  /** By layer, each in ascending order of position. */
  *bodies(): Generator<[LayerIndex, Body[]]> {
    for (const [index, rows] of this.wanted)
      yield [index, [...rows.values()].sort((a, b) => a.offset - b.offset)];
  }

  private costOf({ index, row }: Version): number {
    if (this.wanted.get(index)?.has(row)) return 0;
    if (this.media.get(index) === 'plain') return index.size[row]!;
    return Math.max(0, bodyOf(index, row).end - (this.ends.get(index) ?? 0));
  }

  private want({ index, row }: Version): void {
    const body = bodyOf(index, row);
    const rows = this.wanted.get(index) ?? new Map<number, Body>();
    this.wanted.set(index, rows.set(row, body));
    this.ends.set(index, Math.max(body.end, this.ends.get(index) ?? 0));
  }

  private isSparse({ index, row }: Version): boolean {
    let rows = this.sparse.get(index);
    if (!rows) {
      rows = new Set(index.sparse);
      this.sparse.set(index, rows);
    }
    return rows.has(row);
  }
}
