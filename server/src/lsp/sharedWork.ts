// Work whose result several questions wait for: done once, and given up when none of them waits any more.

export class SharedWork<T> {
  private readonly abort = new AbortController();
  private readonly result: Promise<T>;
  private waiting = 0;
  private isOver = false;
  private isLost = false;

  /** @param work rejects as `AbortSignal.reason` when it is given up */
  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.result = work(this.abort.signal);
    this.result.then(
      () => {
        this.isOver = true;
      },
      () => {
        this.isOver = true;
        this.isLost = true;
      },
    );
  }

  /** Given up, or failed: whoever asks next begins anew. */
  get isUseless(): boolean {
    return this.isLost || this.abort.signal.aborted;
  }

  /** The result; rejects with the signal's reason when the one who waits is not interested any more. */
  wait(signal?: AbortSignal): Promise<T> {
    this.waiting++;
    if (!signal) return this.result;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        reject(signal.reason);
        if (--this.waiting === 0 && !this.isOver) this.abort.abort();
      };
      if (signal.aborted) return leave();
      signal.addEventListener('abort', leave, { once: true });
      const stay = (): void => signal.removeEventListener('abort', leave);
      this.result.then(
        (value) => {
          stay();
          resolve(value);
        },
        (error) => {
          stay();
          reject(error);
        },
      );
    });
  }
}
