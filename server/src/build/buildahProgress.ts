// Buildah's output to BuildSteps, as buildah and podman print it (imagebuildah/executor.go and stage_executor.go, seen on
// buildah 1.28.2 and podman 4.3.1). Decides which step an image belongs to as far as the lines tell; where stages run side
// by side, placeImages asks the images. Times are those of arrival: the output tells none.
import { createLogTail, type LogTail } from './logTail';
import type { BuildStep } from './model';
import { copyStep, longestText, mostSteps, type ProgressReader } from './progress';
import { newStep } from './stepName';

export interface BuildahReader extends ProgressReader {
  /** Takes a line of stderr: what a RUN prints there, and the builder's own words. False for the latter's errors. */
  takeError(line: string): boolean;
  /** The build ended with this error: it belongs to the step that ran. */
  fail(error: string): void;
  /** For placeImages: all steps as if none were unsure, and the images that may be of several. */
  told(): { steps: BuildStep[]; loose: LooseImage[] };
}

const stepLine = /^(?:\[(\d{1,6}\/\d{1,6})\] )?STEP (\d{1,6})\/(\d{1,6}): (.*)$/s;
const hitLine = /^--> Using cache ([0-9a-f]{64})$/;
const imageLine = /^--> ([0-9a-f]{11,64})$/;
const commitLine = /^(?:\[(\d{1,6}\/\d{1,6})\] )?COMMIT(?: \S+)?$/;
// With --cache-from and --cache-to; a name for the image; its id, last of all.
const otherLine = /^(?:--> (?:Cache pulled|Pushing cache)|Successfully tagged \S+$|[0-9a-f]{64}$)/;
// containers/image tells of each copy that it makes, on stderr.
const copying =
  /^(?:Trying to pull |Getting image source signatures$|Copying (?:blob|config) (?:sha256:)?[0-9a-f]|Writing manifest to image destination$|Storing signatures$|time="[^"]*" level=(?:debug|info|warning) )/;

/** An image that came while several stages were at work: which step's it is, only the image itself tells. */
export interface LooseImage {
  id: string;
  isHit: boolean;
  /** ms since 1970 */
  atMs: number;
  /** Indexes of the steps whose it may be. */
  candidates: number[];
}

interface Told {
  step: BuildStep;
  tail: LogTail;
  /** Nothing came between its own line and this one: then a hit is the builder's word, not a RUN's. */
  isFresh: boolean;
}

/**
 * Stages run side by side even without `--jobs`: one that waits for another's files lets it go first (executor.go,
 * waitForStage), and their lines mix [podman 4.3.1].
 * @param now the caller's clock, ms since 1970
 */
export function createBuildahReader(now: () => number): BuildahReader {
  const all: Told[] = [];
  const loose: LooseImage[] = [];
  /** Ids of hits that are still to be said in short. */
  const unsaid = new Set<string>();
  /** The newest step of each stage, by `1/2`; '' where a file has one stage. */
  const newest = new Map<string, Told>();

  const last = () => all.at(-1);

  /** A RUN can print anything: a step follows the one before of its stage. Triggers of the base raise the total once. */
  function isNext(stage: string, number: number, total: number): boolean {
    if (all.length >= mostSteps || number > total) return false;
    const before = newest.get(stage)?.step;
    if (!before) {
      const isLike = all.length === 0 || (last()!.step.stage === null) === (stage === '');
      return number === 1 && isLike && (stage !== '' || all.length === 0);
    }
    if (number !== (before.number ?? 0) + 1) return false;
    return total === before.total || (before.number === 1 && total > (before.total ?? 0));
  }

  function takeStep(line: string): boolean {
    const [, stage = '', number, total, text = ''] = stepLine.exec(line) ?? [];
    if (number === undefined || !isNext(stage, Number(number), Number(total))) return false;
    const before = newest.get(stage);
    if (before) finish(before, now());
    const step: BuildStep = {
      ...newStep(text),
      stage: stage === '' ? null : stage,
      number: Number(number),
      total: Number(total),
      keyword: /^\S+/.exec(text)?.[0]?.toUpperCase() ?? null,
      startedMs: now(),
    };
    const told = { step, tail: createLogTail(), isFresh: true };
    all.push(told);
    newest.set(stage, told);
    return true;
  }

  /** Steps that may leave an image now. FROM leaves one only where nothing follows it. */
  function candidates(): Told[] {
    const open = [...newest.values()].filter(
      ({ step }) => step.imageId === null && (step.keyword !== 'FROM' || step.number === step.total),
    );
    // What a RUN prints comes before the builder's own line: the last one counts.
    return open.length > 0 ? open : all.slice(-1);
  }

  function takeImage(id: string, isHit: boolean): boolean {
    // A hit names its image whole, and then says it again in short.
    const again = isHit ? undefined : [...unsaid].find((image) => image.startsWith(id));
    if (again !== undefined) return unsaid.delete(again);
    if (isHit) unsaid.add(id);
    const [only, ...others] = candidates();
    if (!only) return false;
    if (others.length > 0) {
      const indexes = [only, ...others].map((told) => all.indexOf(told));
      loose.push({ id, isHit, atMs: now(), candidates: indexes });
      return true;
    }
    const { step } = only;
    step.cached = isHit && only.isFresh;
    step.imageId = id;
    // What COMMIT writes is the step's own layer, unless the steps before left none: then it is the whole stage's.
    if (!isMerged(only)) step.durationMs = null;
    finish(only, now());
    return true;
  }

  function isMerged({ step }: Told): boolean {
    const before = all.findLast(
      (told) => told.step.stage === step.stage && told.step.number === step.number! - 1,
    );
    return before !== undefined && before.step.keyword !== 'FROM' && before.step.imageId === null;
  }

  function takeCommit(line: string): boolean {
    const found = commitLine.exec(line);
    const told = found && newest.get(found[1] ?? '');
    if (!told) return false;
    finish(told, now());
    return true;
  }

  return {
    take(line) {
      if (takeStep(line)) return true;
      const hit = hitLine.exec(line)?.[1];
      if (hit !== undefined) return takeImage(hit, true);
      const image = imageLine.exec(line)?.[1];
      if (image !== undefined) return takeImage(image, false);
      if (takeCommit(line) || (all.length > 0 && otherLine.test(line))) return true;
      const current = last();
      if (!current) return false;
      if (current.step.imageId === null) current.isFresh = false;
      current.tail.take(`${line}\n`);
      return true;
    },
    takeError(line) {
      if (copying.test(line)) return true;
      if (/^(?:Error: |subprocess exited with status |time="[^"]*" level=(?:error|fatal) )/.test(line))
        return false;
      last()?.tail.take(`${line}\n`);
      return last() !== undefined;
    },
    fail(line) {
      const head = 'building at STEP "';
      const said = line.replace(/^Error: /, '');
      const rest = said.startsWith(head) ? said.slice(head.length) : null;
      const running = candidates();
      const named = running.filter(({ step }) => rest?.startsWith(`${step.name}": `));
      const told = named.length === 1 ? named[0] : running.length === 1 ? running[0] : null;
      if (!told) return;
      const { step } = told;
      const error =
        named.length === 1 ? rest!.slice(step.name.length + 3) : (rest ?? said).replace(/^.*?": /s, '');
      step.error = (rest === null ? said : error)
        // What it made of the line, in Go's words.
        .replace(/^Build error: /, '')
        .replace(/ &imagebuilder\.Step\{.*$/s, '')
        .slice(0, longestText);
      step.imageId = null;
      step.cached = false;
      finish(told, now());
    },
    steps: () => withoutUnsure(all.map(copy), loose, false),
    told: () => ({ steps: all.map(copy), loose: [...loose] }),
  };
}

/**
 * A step that may have come from the cache or have run tells neither.
 * @param isOver a step that has not ended goes on no more
 */
export function withoutUnsure(
  steps: BuildStep[],
  loose: readonly LooseImage[],
  isOver: boolean,
): BuildStep[] {
  const unsure = new Set(loose.flatMap(({ candidates }) => candidates));
  return steps.map((step, at) =>
    unsure.has(at) && step.imageId === null && (isOver || step.durationMs !== null)
      ? { ...step, startedMs: null, durationMs: null }
      : step,
  );
}

function copy({ step, tail }: Told): BuildStep {
  return copyStep(step, tail.lines());
}

function finish({ step }: Told, now: number): void {
  step.durationMs = step.cached ? 0 : (step.durationMs ?? now - (step.startedMs ?? now));
}
