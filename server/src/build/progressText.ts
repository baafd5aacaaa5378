// rawjson progress as people know it: `#5 [2/3] RUN make`, `#5 1.234 output`, `#5 DONE 1.2s`. Decides looks alone.
import { plainText } from './logTail';
import type { BuildStep } from './model';
import { wasCancelled } from './progress';

export interface ProgressText {
  /** Prints what is new of a step: that it started, that it ended. */
  show(step: BuildStep): void;
  log(step: BuildStep, text: string, atMs: number | null): void;
}

/** Steps are numbered by their first start, as BuildKit's own printer does (util/progress/progressui/printer.go). */
export function createProgressText(print: (line: string) => void): ProgressText {
  const shown = new Map<BuildStep, { number: number; ended: string }>();
  let last: BuildStep | null = null;

  const numberOf = (step: BuildStep) => {
    let state = shown.get(step);
    if (!state) {
      state = { number: shown.size + 1, ended: '' };
      shown.set(step, state);
    }
    if (last !== step) {
      if (last) print('');
      print(`#${state.number} ${step.name}`);
      last = step;
    }
    return state;
  };

  return {
    show(step) {
      if (step.startedMs === null) return;
      const ended = ending(step);
      // A step is told many times over; a quiet one is printed when it starts and when it ends.
      if (ended === (shown.get(step)?.ended ?? null)) return;
      const state = numberOf(step);
      state.ended = ended;
      if (ended !== '') print(`#${state.number} ${ended}`);
    },
    log(step, text, atMs) {
      const { number } = numberOf(step);
      const seconds = Math.max(0, (atMs ?? 0) - (step.startedMs ?? 0)) / 1000;
      const lines = text.replace(/\n$/, '').split('\n');
      for (const line of lines) print(`#${number} ${seconds.toFixed(3)} ${plainText(line)}`);
    },
  };
}

function ending(step: BuildStep): string {
  if (step.error !== null) return wasCancelled(step) ? 'CANCELED' : `ERROR: ${step.error}`;
  if (step.cached) return 'CACHED';
  return step.durationMs === null ? '' : `DONE ${(step.durationMs / 1000).toFixed(1)}s`;
}
