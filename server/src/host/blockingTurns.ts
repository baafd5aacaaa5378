// Blocking calls in slices: the event loop gets its turn in between. For walks and hashing, where a promise for each file
// costs several times the work itself (measured in docs/performance.md).

/** ms of blocking calls after which the event loop runs. */
const sliceMs = 8;

let sliceStart = 0;

/** To be awaited before blocking work; nearly always goes on at once. */
export async function turn(): Promise<void> {
  if (performance.now() - sliceStart < sliceMs) return;
  await new Promise(setImmediate);
  sliceStart = performance.now();
}
