// Why a build failed, from what the builder printed: one message, the line if it is certain, what to do next. Decides
// words and lines alone; that the build failed at all is the exit code's to say.
import type { Dockerfile } from '../dockerfile/model';
import type { StrataErrorCode } from '../primitives/errors';
import { connectionFailure } from './connectionFailure';
import type { BuilderIdentity, BuildFailure, BuildStep } from './model';
import { wasCancelled } from './progress';
import { redact } from './redact';
import { lineOfStep, loadedBase } from './stepLine';
import { asSentence, cleanWords } from './words';

export interface FailedBuild {
  builder: BuilderIdentity;
  /** Name of the Dockerfile without folders, as builders print it. */
  name: string;
  dockerfile: Dockerfile;
  steps: readonly BuildStep[];
  /** The builder's lines that were no progress, in order. */
  words: readonly string[];
  /** Null when a signal ended the builder. */
  code: number | null;
  /** A folder of ours into which the builder wrote. */
  keep: string;
}

export interface Explained {
  code?: StrataErrorCode;
  message: string;
  hint?: string;
}

const lastLineCount = 40;

export function explainFailure(build: FailedBuild): BuildFailure {
  const { builder, dockerfile, steps, words } = build;
  const step = steps.find((candidate) => candidate.error !== null && !wasCancelled(candidate)) ?? null;
  const said = lastWords(words) || cleanWords(step?.error ?? '');
  const line =
    excerptLine(build) ??
    parseErrorLine(said) ??
    (step && lineOfStep(dockerfile, builder.rules, steps, step));
  const explained: Explained =
    connectionFailure(builder, steps, step, said) ??
    textFailure(said) ??
    spaceFailure(build, step, said) ??
    (step && stepFailure(build, step, said, line)) ??
    otherFailure(build, said);
  const lines = step && step.lastLines.length > 0 ? step.lastLines : words;
  return {
    code: explained.code ?? 'build-failed',
    message: explained.message,
    // No line is to blame for a daemon.
    line: explained.code === 'no-daemon' ? null : line,
    lastLines: lines.slice(-lastLineCount).map(redact),
    hint: explained.hint ?? '',
  };
}

// A rule, a line of a step's output or of the Dockerfile between rules; what docker adds when its arguments are wrong.
const besideThePoint = /^(?:-{6,}$| > \[| +\d+ \| |(?:See|Run) '(?:docker|podman|buildah) |Usage: )/;

/** The builder's conclusion: its last `ERROR: …`, in BuildKit 0.8 and the classic builder simply the last line. */
function lastWords(words: readonly string[]): string {
  const spoken = words.filter((line) => line.trim() !== '' && !besideThePoint.test(line));
  return cleanWords(spoken.findLast((line) => line.startsWith('ERROR: ')) ?? spoken.at(-1) ?? '');
}

/** BuildKit's excerpt (solver/errdefs/source.go): `Dockerfile:3`, a rule, lines; `>>>` marks the instruction. */
function excerptLine({ words, name, dockerfile }: FailedBuild): number | null {
  for (const [at, head] of words.entries()) {
    const [, file, number] = /^(.*):(\d{1,7})$/.exec(head) ?? [];
    if (file?.split(/[\\/]/).at(-1) !== name || !/^-{6,}$/.test(words[at + 1] ?? '')) continue;
    const line = Number(number);
    if (line >= 1 && line <= dockerfile.lineStarts.length) return line;
  }
  return null;
}

const parseError = /dockerfile parse error (?:on )?line (\d{1,7}): (.*)/;

function parseErrorLine(said: string): number | null {
  const line = Number(parseError.exec(said)?.[1] ?? 0);
  return line > 0 ? line : null;
}

/** Refusals of the text or of the arguments, before any step ran. */
function textFailure(said: string): Explained | null {
  const [, line, problem = ''] = parseError.exec(said) ?? [];
  if (line !== undefined) return { message: `The builder cannot read line ${line}: ${asSentence(problem)}` };
  if (!/^unknown (?:shorthand )?flag/.test(said)) return null;
  const message = `The builder does not know an argument: ${asSentence(said)}`;
  return { message, hint: 'Check the additional build arguments.' };
}

const noSpace = /no space left on device|disk quota exceeded|not enough space on the disk|ENOSPC/i;

/** The builder itself, or an export into our folder, found a disk full. */
function spaceFailure(build: FailedBuild, step: BuildStep | null, said: string): Explained | null {
  const told = [said, step?.error ?? ''].find((line) => noSpace.test(line));
  if (told === undefined) return null;
  if (!told.includes(build.keep)) {
    const message = `No space is left on the builder's disk: ${asSentence(cleanWords(told))}`;
    return { code: 'no-space', message, hint: spaceHint(build) };
  }
  const hint = 'Free some space there, or place the cache elsewhere with STRATA_CACHE.';
  return { code: 'no-space', message: `No space is left for the image in ${build.keep}.`, hint };
}

function spaceHint({ builder }: FailedBuild): string {
  // buildah has no words for it of its own: podman shares its storage.
  if (builder.rules === 'buildah') {
    return 'Free some space: podman system df shows what is used, podman image prune removes what no name holds.';
  }
  const prune = builder.kind === 'buildx' ? 'docker buildx prune' : 'docker builder prune';
  return `Free some space: docker system df shows what is used, ${prune} removes build cache.`;
}

function stepFailure(build: FailedBuild, step: BuildStep, said: string, line: number | null): Explained {
  const error = step.error ?? '';
  const from = step.keyword === 'FROM' ? /FROM (?:--\S+ )*(\S+)/i.exec(step.name)?.[1] : null;
  const base = loadedBase(step.name) ?? from;
  if (base) {
    const message = `The base image ${base} could not be read: ${asSentence(said)}`;
    return { message, hint: baseHint(build.builder, said) };
  }
  const what = step.keyword ? `${step.keyword}${line ? ` on line ${line}` : ''}` : `'${step.name}'`;
  const exit = /(?:exit code: |non-zero code: |exit status )(\d+)/.exec(error)?.[1];
  if (exit) return exitFailure(build, step, what, Number(exit));
  // BuildKit: `"/x": not found`, 0.8: `"/x" not found: not found`, classic: `stat x: file does not exist`, buildah:
  // `copier: stat: "/x": no such file or directory` [all seen].
  const missing =
    /"([^"]+)":? not found|stat (\S+): (?:file does not exist|no such file)|stat: "([^"]+)": no such file/.exec(
      error,
    );
  if (missing && (step.keyword === 'COPY' || step.keyword === 'ADD')) {
    const hint = 'Check the path, and .dockerignore if it lies in the build context.';
    return { message: `${what} found no ${missing[1] ?? missing[2] ?? missing[3]} to copy.`, hint };
  }
  return { message: `${what} failed: ${asSentence(cleanWords(error))}` };
}

function exitFailure(build: FailedBuild, step: BuildStep, what: string, code: number): Explained {
  const message = `${what} ended with exit code ${code}`;
  const full = step.lastLines.findLast((line) => noSpace.test(line));
  if (full) return { code: 'no-space', message: `${message}: ${asSentence(full)}`, hint: spaceHint(build) };
  return { message: `${message}.`, hint: exitHint(code) };
}

function exitHint(code: number): string {
  if (code === 137) return 'It was killed: most often memory ran out, or the builder was stopped.';
  if (code === 127) return 'Its shell did not find a command: see the last lines.';
  return 'See the last lines of its output.';
}

function baseHint({ kind }: BuilderIdentity, said: string): string {
  if (/no such host|timeout|connection refused|dial tcp|TLS|proxy/i.test(said)) {
    return "Check the builder's network and proxy, or use a base image that is already there.";
  }
  return `Check its name and tag, or log in to its registry with ${kind === 'buildx' ? 'docker' : kind} login.`;
}

function otherFailure({ builder, code }: FailedBuild, said: string): Explained {
  if (said !== '') return { message: `${builder.kind} could not build: ${asSentence(said)}` };
  const how = code === null ? 'was ended by a signal' : `ended with exit code ${code}`;
  return { message: `${builder.kind} ${how} and told no reason.`, hint: 'See the log.' };
}
