// The one error type for a world that refused: no builder, no daemon, unreadable image, full disk.
// It does not cover bad input (that is data: `problems`) nor our own bugs (plain Error, caught at the rim).

export type StrataErrorCode =
  | 'usage'
  | 'untrusted'
  | 'no-builder'
  | 'no-daemon'
  | 'build-failed'
  | 'cancelled'
  | 'not-found'
  | 'unreadable'
  | 'unsupported'
  | 'hostile'
  | 'no-space';

export class StrataError extends Error {
  readonly code: StrataErrorCode;
  /** What the person can do next, one sentence; empty when there is nothing to do. */
  readonly hint: string;

  /** @param message what was tried and what happened, in one or two sentences that end with a full stop */
  constructor(code: StrataErrorCode, message: string, hint = '', cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'StrataError';
    this.code = code;
    this.hint = hint;
  }
}

/** True for our own cancellation and for the runtime's AbortError. */
export function isCancelled(error: unknown): boolean {
  return (
    (error instanceof StrataError && error.code === 'cancelled') ||
    (error instanceof Error && error.name === 'AbortError')
  );
}
