// BuildKit's `--progress=plain` (util/progress/progressui/printer.go), from BuildKit 0.8 to the current one, to
// BuildSteps. It has no digests (but in 0.8), no groups and durations to 0.1 s: rawjson is better where it is to be had.
import { createLogTail, type LogTail } from './logTail';
import type { BuildStep } from './model';
import { cancelledError, copyStep, longestText, mostSteps, type ProgressReader } from './progress';
import { newStep } from './stepName';

const numbered = /^#(\d{1,6})(?: (.*))?$/s;
const vertexDigest = /^sha256:[0-9a-f]{64}$/;
const logLine = /^\d+\.\d+ (.*)$/s;
const done = /^DONE(?: (\d+(?:\.\d+)?)s)?$/;

/** @param now the caller's clock in ms since 1970: the output tells no times of start */
export function createPlainReader(now: () => number): ProgressReader {
  const vertexes = new Map<number, { step: BuildStep; tail: LogTail }>();

  function takeNumbered(number: number, text: string): void {
    const vertex = vertexes.get(number);
    if (!vertex) {
      // The first line under a number is the step's name.
      if (vertexes.size >= mostSteps || text === '') return;
      const step = { ...newStep(text), startedMs: now() };
      vertexes.set(number, { step, tail: createLogTail() });
      return;
    }
    const { step, tail } = vertex;
    // When the printer changes between steps it says `#5 ...`, later the name again.
    if (text === '...' || text === step.name) return;
    const log = logLine.exec(text);
    if (log) tail.take(`${log[1]}\n`);
    else if (vertexDigest.test(text)) step.digest ??= text;
    else end(step, text);
  }

  /** The last ending counts: a step that is printed again, such as the merge of COPY --link, tells its sum. */
  function end(step: BuildStep, text: string): void {
    const seconds = done.exec(text)?.[1];
    if (text === 'CACHED') finish(step, true, 0, null);
    else if (done.test(text)) finish(step, false, seconds ? Number(seconds) * 1000 : ranFor(step), null);
    else if (text === 'CANCELED') finish(step, false, ranFor(step), cancelledError);
    else if (text.startsWith('ERROR: ')) finish(step, false, ranFor(step), text.slice(7, 7 + longestText));
    // All else is a status, such as `transferring context: 64B done`.
  }

  const ranFor = (step: BuildStep) => now() - (step.startedMs ?? now());

  return {
    take(line) {
      if (line === '') return true;
      const [, number, text = ''] = numbered.exec(line) ?? [];
      if (number === undefined) return false;
      // `#0 building with "default" instance using docker driver` is no step (buildx since 0.11).
      if (number !== '0') takeNumbered(Number(number), text);
      return true;
    },
    steps: () => [...vertexes.values()].map(({ step, tail }) => copyStep(step, tail.lines())),
  };
}

function finish(step: BuildStep, cached: boolean, durationMs: number, error: string | null): void {
  step.cached = cached;
  step.durationMs = Math.round(durationMs);
  step.error = error;
}
