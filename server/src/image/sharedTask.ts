// Work that several wait for and that is done once: each may stop waiting by its own signal, and the work ends when
// nobody waits for it any more. What failed is not tried again; what was stopped is.
import { StrataError } from '../primitives/errors';

export interface SharedTask<T> {
  /** Starts the work, or waits for what was started. Throws as the work does, or StrataError('cancelled'). */
  get(signal?: AbortSignal): Promise<T>;
  /** Stops the work for ever and waits until it has ended. */
  stop(): Promise<void>;
}

interface Attempt<T> {
  promise: Promise<T>;
  controller: AbortController;
  waiting: number;
  done: boolean;
}

/** @param what as in 'Saving app:1', for the message of a cancelled wait */
export function sharedTask<T>(what: string, work: (signal: AbortSignal) => Promise<T>): SharedTask<T> {
  let attempt: Attempt<T> | null = null;
  let ended: Promise<unknown> = Promise.resolve();
  let stopped = false;
  const cancelled = (): StrataError => new StrataError('cancelled', `${what} was cancelled.`);

  const start = (): Attempt<T> => {
    const controller = new AbortController();
    // Behind the one that was stopped, which may still be removing its file.
    const promise = ended.then(() => {
      if (controller.signal.aborted) throw cancelled();
      return work(controller.signal);
    });
    const started: Attempt<T> = { promise, controller, waiting: 0, done: false };
    ended = promise
      .catch(() => {})
      .then(() => {
        started.done = true;
      });
    return started;
  };

  return {
    async get(signal) {
      if (stopped || signal?.aborted) throw cancelled();
      attempt ??= start();
      const mine = attempt;
      mine.waiting++;
      let leave = (): void => {};
      const left = new Promise<never>((_, reject) => {
        leave = () => reject(cancelled());
      });
      signal?.addEventListener('abort', leave, { once: true });
      try {
        return await Promise.race([mine.promise, left]);
      } finally {
        signal?.removeEventListener('abort', leave);
        mine.waiting--;
        if (mine.waiting === 0 && signal?.aborted && attempt === mine && !mine.done) {
          attempt = null;
          mine.controller.abort();
        }
      }
    },
    async stop() {
      stopped = true;
      attempt?.controller.abort();
      await ended;
    },
  };
}
