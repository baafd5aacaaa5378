// The rim of the server: our own bugs end here. A request that fails answers with its fallback and leaves a line in
// the log; the editor never sees a stack, and the next request works.
import type { RemoteConsole } from 'vscode-languageserver/node';
import { isCancelled, StrataError } from '../primitives/errors';

/** Wraps a handler: what it throws is logged, and `fallback` is answered. */
export function guarded<Args extends unknown[], Result>(
  console: Pick<RemoteConsole, 'error'>,
  name: string,
  fallback: Result,
  handler: (...args: Args) => Result | Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await handler(...args);
    } catch (error) {
      if (!isCancelled(error)) console.error(`${name}: ${describeError(error)}`);
      return fallback;
    }
  };
}

/** An error for the log: our own kind by its message, a bug with its stack. */
export function describeError(error: unknown): string {
  if (error instanceof StrataError) {
    const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
    return `${error.message}${cause}`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
