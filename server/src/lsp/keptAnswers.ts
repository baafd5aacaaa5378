// Answers that cost time to work out and memory to hold: kept while they are asked for, the ones asked for last, and let
// go when nobody asked for a while. What they are, is for others to say.
import type { Contents } from '../measure/contents';
import { freeMemorySoon } from './freeMemory';
import { SharedWork } from './sharedWork';

/** ms without a question after which answers are let go. */
const restMs = 5 * 60_000;

/** Calls `act` after a while, unless the timer that it gives is refreshed. */
export type Later = (act: () => void) => { refresh(): unknown };

const afterRest: Later = (act) =>
  setTimeout(() => {
    act();
    freeMemorySoon();
  }, restMs).unref();

export class KeptAnswers<T> {
  private readonly answers = new Map<string, SharedWork<T>>();
  private readonly most: number;
  private readonly later: Later;
  private timer: ReturnType<Later> | null = null;

  /** @param most answers; the one that was asked for longest ago goes first */
  constructor(most: number, later: Later = afterRest) {
    this.most = most;
    this.later = later;
  }

  /**
   * The answer under a key, worked out when it is not kept; one that failed is not.
   * @param asker aborted when whoever asks is not interested any more; the work ends when that is true of all
   */
  get(key: string, work: (signal: AbortSignal) => Promise<T>, asker?: AbortSignal): Promise<T> {
    const known = this.answers.get(key);
    const answer = known && !known.isUseless ? known : new SharedWork(work);
    this.answers.delete(key);
    this.answers.set(key, answer);
    for (const oldest of this.answers.keys()) {
      if (this.answers.size <= this.most) break;
      this.answers.delete(oldest);
    }
    if (this.timer) this.timer.refresh();
    else this.timer = this.later(() => this.rest());
    return answer.wait(asker);
  }

  private rest(): void {
    this.answers.clear();
    this.timer = null;
  }
}

/** How many answers of so many bytes an entry are kept about contents: two of a very large image, many of a small one. */
export function mostAbout({ indexes }: Contents, bytesOfEntry: number): number {
  let entries = 1;
  for (const index of indexes) entries += index?.count ?? 0;
  return Math.max(2, Math.min(64, Math.floor(bytesOfAll / (bytesOfEntry * entries))));
}

const bytesOfAll = 24_000_000;
