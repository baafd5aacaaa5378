// Long work as a generator that stops between two steps of a few milliseconds, so that a server can answer keystrokes in
// between. Here: how long a step is, and how to run all of them at once. The server's own way is lsp/slices.ts.

/** Rows that one step looks at: of the cheapest kind a fraction of a millisecond, of the dearest a few. */
export const rowsOfStep = 4096;

/** Runs work to its end. */
export function atOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** Does something for ranges of rows, one a step: what is called in a loop stays a plain function, which runs faster. */
export function* inRanges(rows: number, act: (from: number, to: number) => void): Generator<void> {
  for (let from = 0; from < rows; from += rowsOfStep) {
    act(from, Math.min(rows, from + rowsOfStep));
    yield;
  }
}
