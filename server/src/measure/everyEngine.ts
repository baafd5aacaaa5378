// The same question to each of several engines at once: what those answer that are there, and why others do not.
import type { Engine } from '../image/engines';
import { isCancelled, StrataError } from '../primitives/errors';

/** The answers in the order of `engines`; the refusals as they come. @throws StrataError 'cancelled' */
export async function everyEngine<T>(
  engines: readonly Engine[],
  ask: (engine: Engine) => Promise<T[]>,
): Promise<{ found: T[]; refusals: StrataError[] }> {
  const refusals: StrataError[] = [];
  const lists = await Promise.all(
    engines.map(async (engine) => {
      try {
        return await ask(engine);
      } catch (error) {
        if (isCancelled(error) || !(error instanceof StrataError)) throw error;
        refusals.push(error);
        return [];
      }
    }),
  );
  return { found: lists.flat(), refusals };
}
