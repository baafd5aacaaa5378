// What the three readers of a builder's progress have in common. Decides nothing on any one format.
import type { BuildStep } from './model';
import { redact } from './redact';

/** Takes a builder's output line by line and tells at any time which steps it has named so far. */
export interface ProgressReader {
  /** False for a line that is no progress: the builder's own words, such as `ERROR: …`. */
  take(line: string): boolean;
  /** A copy of all steps in order of appearance. */
  steps(): BuildStep[];
}

/** More steps than any Dockerfile has: what comes beyond is dropped, so that hostile output cannot fill the memory. */
export const mostSteps = 20_000;
/** Of a step's name or error, in UTF-16 units; a RUN with a long script is shown with all of its text. */
export const longestText = 64 * 1024;

/** A step cancelled since another one failed, or since the build was cancelled. BuildKit's words for it. */
export const cancelledError = 'context canceled';

/** True when the step did not fail by itself. */
export function wasCancelled(step: BuildStep): boolean {
  return step.error?.endsWith(cancelledError) ?? false;
}

/** A copy that later output does not change, without credentials in its error. */
export function copyStep(step: BuildStep, lastLines: readonly string[]): BuildStep {
  return { ...step, error: step.error === null ? null : redact(step.error), lastLines: [...lastLines] };
}
