// On which line an offset stands: for the editors and reports that count in lines and columns. Columns are theirs.
import type { Dockerfile } from './model';

/** Index of the line, 0-based; an offset behind the text is on the last one. */
export function lineAt({ lineStarts }: Pick<Dockerfile, 'lineStarts'>, offset: number): number {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (lineStarts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
