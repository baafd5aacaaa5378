// Long work between keystrokes: what is asked while it runs is answered between two of its steps. One piece of work
// after the other would make the next one wait; all that are under way go on in turn.
import { setImmediate } from 'node:timers/promises';
import { freeMemorySoon } from './freeMemory';

/** ms that work goes on before others have their turn: a question passes through several turns until it is answered. */
const sliceMs = 5;

/** ms of work that leave tens of megabytes behind. */
const longWorkMs = 100;

/** Runs work, given as steps of a few ms each, to its end; rejects with the signal's reason once nobody wants it. */
export async function inSlices<T>(work: Generator<void, T>, signal?: AbortSignal): Promise<T> {
  let started = performance.now();
  let worked = 0;
  for (let step = work.next(); ; step = work.next()) {
    const slice = performance.now() - started;
    if (step.done) {
      if (worked + slice > longWorkMs) freeMemorySoon();
      return step.value;
    }
    if (slice < sliceMs) continue;
    worked += slice;
    await setImmediate();
    signal?.throwIfAborted();
    started = performance.now();
  }
}
