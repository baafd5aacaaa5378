// Indexes layers in worker threads, as many as there are cores, so that the thread that answers the editor never waits.
// Threads start when the first layer comes and end after a while without one. Where the worker's file is missing, and
// for layers that lie in no file, the work is done here, a little at a time.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { createInlineIndexer, type Indexer, type IndexOptions } from '../layers/indexer';
import type { LayerIndex } from '../layers/model';
import type { Digest } from '../primitives/digest';
import { StrataError, type StrataErrorCode } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { indexPlainInTurns, type Region } from './indexRegion';

export interface Job {
  region: Region;
  diffId: Digest;
  options: Omit<IndexOptions, 'signal'>;
}

export type Answer =
  | { index: LayerIndex }
  | { error: { message: string; stack: string; refusal: { code: StrataErrorCode; hint: string } | null } };

/** A thread costs some 15 MB, and 40 ms to start. */
const idleMs = 10_000;

export interface IndexerOptions {
  threads?: number;
  /**
   * Plain layers are scanned in this thread, where nobody waits for it: starting a thread costs more than most of them.
   * Those that would have to wait long for their turn go to threads all the same.
   */
  plainHere?: boolean;
  /** What this process may work meanwhile, in ms of processor time, before they do. */
  patienceMs?: number;
}

/**
 * A thread starts in 40 ms but is slow until its code is compiled: images of 100,000 files are done sooner without, those
 * of a million a sixth sooner with one. Time of the processor, for threads gain nothing where others have it.
 */
const defaultPatienceMs = 200;
const lookMs = 50;

/** @param workerPath the bundled indexWorker.js */
export function createIndexer(
  host: Host,
  workerPath: string,
  {
    threads = availableParallelism(),
    plainHere = false,
    patienceMs = defaultPatienceMs,
  }: IndexerOptions = {},
): Indexer {
  const inline = createInlineIndexer(host);
  if (!existsSync(workerPath)) return inline;
  const pool = new Pool(workerPath, threads);
  const here = plainHere ? new OwnThread(threads > 1 ? patienceMs : Number.POSITIVE_INFINITY) : null;
  return {
    concurrency: threads,
    async index(blob, diffId, { signal, ...options } = {}) {
      if (!blob.region) return inline.index(blob, diffId, { signal, ...options });
      const job = { region: blob.region, diffId, options };
      const index = here ? await here.run(job, signal) : null;
      return index ?? pool.run(job, signal);
    },
    close: () => pool.close(),
  };
}

/** Scans plain layers in this thread, one at a time. */
class OwnThread {
  private readonly patienceMs: number;
  private busy: Promise<unknown> | null = null;

  /** @param patienceMs of processor time after which other threads take what waits */
  constructor(patienceMs: number) {
    this.patienceMs = patienceMs;
  }

  /** Null for a layer that another thread had better take. Throws as `Indexer.index`. */
  async run({ region, diffId, options }: Job, signal: AbortSignal | undefined): Promise<LayerIndex | null> {
    const before = process.cpuUsage();
    for (let busy = this.busy; busy !== null; busy = this.busy) {
      await Promise.race([busy, delay(lookMs, undefined, { ref: false })]);
      if (signal?.aborted) throw cancelled();
      const { user, system } = process.cpuUsage(before);
      if ((user + system) / 1000 > this.patienceMs && this.busy !== null) return null;
    }
    if (signal?.aborted) throw cancelled();
    const scan = indexPlainInTurns(region, diffId, { signal, ...options });
    const over = (): void => {
      this.busy = null;
    };
    this.busy = scan.then(over, over);
    return scan;
  }
}

interface Waiting {
  job: Job;
  signal: AbortSignal | undefined;
  resolve(index: LayerIndex): void;
  reject(error: unknown): void;
  /** When it waits no longer: a thread takes it, or the pool is closed. */
  onStart(): void;
}

class Pool {
  private readonly workerPath: string;
  private readonly threads: number;
  private readonly idle: Worker[] = [];
  private readonly busy = new Set<Worker>();
  private readonly waiting: Waiting[] = [];
  private timer: NodeJS.Timeout | null = null;
  private closed = false;

  constructor(workerPath: string, threads: number) {
    this.workerPath = workerPath;
    this.threads = threads;
  }

  run(job: Job, signal: AbortSignal | undefined): Promise<LayerIndex> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted || this.closed) return reject(cancelled());
      const leave = (): void => {
        this.waiting.splice(this.waiting.indexOf(one), 1);
        reject(cancelled());
      };
      // A signal outlives its jobs: what listens to it goes with the wait.
      const onStart = (): void => signal?.removeEventListener('abort', leave);
      const one: Waiting = { job, signal, resolve, reject, onStart };
      this.waiting.push(one);
      signal?.addEventListener('abort', leave, { once: true });
      this.next();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const { onStart, reject } of this.waiting.splice(0)) {
      onStart();
      reject(cancelled());
    }
    await this.endIdle();
    await Promise.all([...this.busy].map((worker) => worker.terminate()));
  }

  private next(): void {
    while (
      this.waiting.length > 0 &&
      !this.closed &&
      (this.idle.length > 0 || this.busy.size < this.threads)
    ) {
      const one = this.waiting.shift()!;
      one.onStart();
      // The job before it was ended by the same abort, which has not come to this one yet.
      if (one.signal?.aborted) {
        one.reject(cancelled());
        continue;
      }
      const worker = this.idle.pop() ?? startWorker(this.workerPath);
      this.busy.add(worker);
      worker.ref();
      this.work(worker, one);
    }
  }

  private work(worker: Worker, { job, signal, resolve, reject }: Waiting): void {
    const done = (reusable: boolean): void => {
      signal?.removeEventListener('abort', abort);
      // By name: without one, Node's own listener goes too, and no further message ever arrives [Node 20, 24].
      for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
      this.busy.delete(worker);
      if (reusable && !this.closed) this.rest(worker);
      else void worker.terminate();
      this.next();
    };
    // A scan looks at no signal while it runs: the thread goes, and with it its open file and its memory.
    const abort = (): void => {
      done(false);
      reject(cancelled());
    };
    signal?.addEventListener('abort', abort, { once: true });
    worker.once('message', (answer: Answer) => {
      done(true);
      if ('index' in answer) resolve(answer.index);
      else reject(errorOf(answer.error));
    });
    worker.once('error', (error) => {
      done(false);
      reject(error);
    });
    worker.once('exit', () => {
      done(false);
      reject(this.closed ? cancelled() : new Error('The indexing thread ended without an answer.'));
    });
    worker.postMessage(job);
  }

  /** An idle thread does not keep the process alive, nor itself for long. */
  private rest(worker: Worker): void {
    worker.unref();
    this.idle.push(worker);
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.endIdle(), idleMs);
    this.timer.unref();
  }

  private async endIdle(): Promise<void> {
    await Promise.all(this.idle.splice(0).map((worker) => worker.terminate()));
  }
}

/** The module is loaded with the first thread: the command line often needs none. */
function startWorker(path: string): Worker {
  const threads = require('node:worker_threads') as typeof import('node:worker_threads');
  return new threads.Worker(path);
}

function cancelled(): StrataError {
  return new StrataError('cancelled', 'Indexing the layer was cancelled.');
}

function errorOf({ message, stack, refusal }: Extract<Answer, { error: unknown }>['error']): Error {
  if (refusal) return new StrataError(refusal.code, message, refusal.hint);
  const error = new Error(message);
  error.stack = stack;
  return error;
}
