// Waits for a condition with a deadline: no test sleeps for a time that it guessed.
import { setTimeout as delay } from 'node:timers/promises';

type Falsy = false | null | undefined | '' | 0;

/** The first truthy value that `look` gives; errors in it count as not yet. Throws after the deadline. */
export async function eventually<T>(
  what: string,
  look: () => T | PromiseLike<T>,
  deadlineMs = 20_000,
): Promise<Exclude<T, Falsy>> {
  const deadline = Date.now() + deadlineMs;
  let last: unknown = 'nothing';
  for (;;) {
    try {
      const value = await look();
      if (value) return value as Exclude<T, Falsy>;
      last = value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`Not within ${deadlineMs} ms: ${what}. Last: ${String(last)}`);
    await delay(100);
  }
}
