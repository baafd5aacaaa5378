// Steps drawn as text, one a line, and the recorded outputs of real builders (test/fixtures/builds).
import type { BuildStep } from '../../../server/src/build/model';
import type { ProgressReader } from '../../../server/src/build/progress';
import { readFixture } from '../../support/fixtures';

export function fixture(name: string): string {
  return readFixture(`builds/${name}`);
}

/** What a reader makes of a text, without the steps that are no instruction, and the lines that were no progress. */
export function readAll(reader: ProgressReader, text: string): { drawn: string; words: string[] } {
  const words = text.split('\n').filter((line) => line !== '' && !reader.take(line));
  return { drawn: drawSteps(reader.steps()), words };
}

/** `build 2/6 WORKDIR cached`, `4/4 RUN failed: exit code: 3 | before | trouble`. Times are left out: `ran`. */
export function drawSteps(steps: readonly BuildStep[]): string {
  return steps
    .filter(({ keyword, onBuild }) => keyword !== null || onBuild)
    .map(drawStep)
    .join('\n');
}

function drawStep(step: BuildStep): string {
  const place = step.number === null ? step.name : `${step.number}/${step.total}`;
  const state = step.error
    ? `failed: ${step.error}`
    : step.cached
      ? 'cached'
      : step.durationMs === null
        ? step.startedMs === null
          ? 'waits'
          : 'runs'
        : 'ran';
  return [
    step.platform,
    step.stage,
    place,
    step.onBuild ? 'ONBUILD' : null,
    step.linkMerge ? 'LINK' : null,
    step.keyword,
    state,
    step.imageId,
    ...step.lastLines.map((line) => `| ${line}`),
  ]
    .filter((part) => part !== null && part !== undefined)
    .join(' ');
}
