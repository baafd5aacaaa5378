// Entry of the worker thread that indexes layers, bundled to dist/indexWorker.js. One job at a time; the thread is
// ended from outside to cancel one. What it is sent and sends: indexThreads.ts.
import { parentPort } from 'node:worker_threads';
import { indexBuffers } from '../layers/indexFormat';
import { StrataError } from '../primitives/errors';
import { indexRegion } from './indexRegion';
import type { Answer, Job } from './indexThreads';

const port = parentPort;

port?.on('message', async ({ region, diffId, options }: Job) => {
  try {
    const index = await indexRegion(region, diffId, options);
    port.postMessage({ index } satisfies Answer, indexBuffers(index));
  } catch (error) {
    // An error class does not survive the way between threads; its fields do.
    const { message, stack } = error as Error;
    const refusal = error instanceof StrataError ? { code: error.code, hint: error.hint } : null;
    port.postMessage({ error: { message, stack: stack ?? '', refusal } } satisfies Answer);
  }
});
