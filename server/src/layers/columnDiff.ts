// A diff whose changes are columns, with its totals. Which changes there are, diff.ts decides.
import type { ChangeRows } from './changeRows';
import type { Change, ChangeTotals, LayerDiff } from './model';
import { inRanges } from './steps';

/** The diff of these changes; adds them up in steps. */
export function* columnDiff(rows: ChangeRows): Generator<void, LayerDiff> {
  return new ColumnDiff(rows, yield* totalsOf(rows));
}

function* totalsOf(rows: ChangeRows): Generator<void, ChangeTotals> {
  const counts = [0, 0, 0];
  const bytes = [0, 0, 0];
  yield* inRanges(rows.count, (from, to) => {
    for (let at = from; at < to; at++) {
      const kind = rows.kind[at]!;
      counts[kind]!++;
      bytes[kind]! += rows.bytesAt(at);
    }
  });
  const [added = 0, modified = 0, removed = 0] = counts;
  const [bytesAdded = 0, bytesModified = 0, bytesRemoved = 0] = bytes;
  return { added, modified, removed, bytesAdded, bytesModified, bytesRemoved };
}

/** Spread and compared by its sums. */
class ColumnDiff implements LayerDiff {
  declare readonly added: number;
  declare readonly modified: number;
  declare readonly removed: number;
  declare readonly bytesAdded: number;
  declare readonly bytesModified: number;
  declare readonly bytesRemoved: number;
  readonly #rows: ChangeRows;

  constructor(rows: ChangeRows, totals: ChangeTotals) {
    Object.assign(this, totals);
    this.#rows = rows;
  }

  get rows(): ChangeRows {
    return this.#rows;
  }

  get changes(): Change[] {
    return Array.from({ length: this.#rows.count }, (_, at) => at).map(this.#rows.reader(true));
  }
}
