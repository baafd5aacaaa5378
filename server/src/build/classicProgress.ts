// The classic builder's output (moby daemon/builder/dockerfile) to BuildSteps. Decides where a step ends and which image
// it left; times are those of arrival, since the output tells none. Errors come apart from it, on stderr.
import { isDigest } from '../primitives/digest';
import { createLogTail, type LogTail } from './logTail';
import type { BuildStep } from './model';
import { copyStep, longestText, mostSteps, type ProgressReader } from './progress';
import { newStep } from './stepName';

export interface ClassicReader extends ProgressReader {
  /** The build ended with this error: it belongs to the step that ran last, if any. */
  fail(error: string): void;
}

const stepLine = /^Step (\d{1,6})\/(\d{1,6}) : (.*)$/s;
const triggersLine = /^# Executing (\d+) build triggers?$/;
const imageLine = /^ ---> ((?:sha256:)?[0-9a-f]{12,64})$/;
const builtLine = /^Successfully (?:built|tagged) /;

interface Step {
  step: BuildStep;
  tail: LogTail;
  /** Of ONBUILD triggers: how many there are and how many came from the cache. */
  triggers: number;
  hits: number;
}

/** @param now the caller's clock, ms since 1970 */
export function createClassicReader(now: () => number): ClassicReader {
  const all: Step[] = [];

  const begin = (step: BuildStep, triggers = 0) => {
    // A global ARG leaves no image and so tells no end.
    const before = last()?.step;
    if (before?.durationMs === null) finish(before, now());
    all.push({ step: { ...step, startedMs: now() }, tail: createLogTail(), triggers, hits: 0 });
  };
  const last = () => all.at(-1);

  /** A RUN can print anything: a step follows the one before by number, and the total never changes. */
  function isNext(number: number, total: number): boolean {
    const before = all.findLast(({ step }) => step.number !== null)?.step;
    if (all.length >= mostSteps) return false;
    return before ? number === (before.number ?? 0) + 1 && total === before.total : number === 1;
  }

  function takeStep(line: string): boolean {
    const [, number, total, text = ''] = stepLine.exec(line) ?? [];
    if (number === undefined || !isNext(Number(number), Number(total))) return false;
    const keyword = /^\S+/.exec(text)?.[0]?.toUpperCase() ?? null;
    begin({ ...newStep(text), number: Number(number), total: Number(total), keyword });
    return true;
  }

  /**
   * Triggers have no `Step` lines and leave one image together, named after the last of them; a COPY among them prints
   * nothing at all unless it was cached [Docker Engine 20.10.24]. They become one step, and FROM tells no image.
   */
  function takeTriggers(line: string): boolean {
    const count = triggersLine.exec(line)?.[1];
    if (count === undefined || last()?.step.keyword !== 'FROM' || last()?.step.imageId) return false;
    begin({ ...newStep(line), onBuild: true }, Number(count));
    return true;
  }

  function takeResult(line: string): boolean {
    const current = last();
    if (!current) return false;
    if (line === ' ---> Using cache') {
      current.hits++;
      current.step.cached = current.hits >= Math.max(1, current.triggers);
      return true;
    }
    const image = imageLine.exec(line)?.[1];
    if (image === undefined) return line.startsWith(' ---> Running in ');
    // The last one counts: what a RUN prints comes before the builder's own line.
    current.step.imageId = isDigest(image) ? image : image.slice(0, 12);
    finish(current.step, now());
    return true;
  }

  return {
    take(raw) {
      // What a RUN prints on stderr comes in red; the end of the colour can stand before the builder's next line.
      const line = raw.replace(/^(?:\u001b\[\d*m)+/, '');
      if (takeStep(line) || takeTriggers(line) || takeResult(line)) return true;
      if (/^Removing intermediate container [0-9a-f]{12}/.test(line) || builtLine.test(line)) return true;
      // Before the first step: `Sending build context to Docker daemon  8.192kB`. After it: what a RUN prints.
      last()?.tail.take(`${line}\n`);
      return last() !== undefined || line.startsWith('Sending build context to Docker daemon');
    },
    fail(error) {
      const current = last();
      if (!current) return;
      current.step.error = error.slice(0, longestText);
      current.step.imageId = null;
      finish(current.step, now());
    },
    steps: () => all.map(({ step, tail }) => copyStep(step, tail.lines())),
  };
}

function finish(step: BuildStep, now: number): void {
  step.durationMs = step.cached ? 0 : now - (step.startedMs ?? now);
}
