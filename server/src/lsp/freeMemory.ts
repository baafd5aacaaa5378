// Gives back the memory of what was let go of, and of what long work leaves behind. V8 collects while a program allocates,
// and a server that nobody asks anything allocates nothing: a hundred megabytes would stay until the next question.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** ms in which more may be let go of. */
const gatherMs = 1000;

let isWaiting = false;

/** Soon, once for all that ask for it meanwhile. */
export function freeMemorySoon(): void {
  if (isWaiting) return;
  isWaiting = true;
  setTimeout(() => {
    isWaiting = false;
    collect();
  }, gatherMs).unref();
}

/** `gc` is there for contexts that are made after the flag is set (Node's documentation of `v8.setFlagsFromString`). */
function collect(): void {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('typeof gc === "function" ? gc : null');
  if (typeof found === 'function') found({ type: 'major', execution: 'async' });
}
