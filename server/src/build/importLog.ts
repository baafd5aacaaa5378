// A saved log of a build as a part of a record: plain and rawjson progress of BuildKit, the classic builder's output.
// A log has no text of the Dockerfile, so that its steps count only where they agree with the text that is given
// (mapping/stageSteps.ts for BuildKit, agreeingSteps.ts for the others). It may be anyone's: all is bounded.
import type { Dockerfile } from '../dockerfile/model';
import { StrataError } from '../primitives/errors';
import { agreeingSteps } from './agreeingSteps';
import { type ImportedPart, unknownBuilder } from './importedPart';
import { bareText, buildsOf, type LogBuild } from './logBuilds';
import { linesOf, logLine, timeOf } from './logLines';
import { targetOf } from './logTarget';
import type { BuildStep } from './model';
import { readLogBuild, rulesOf } from './readLogBuild';
import { platformsOf } from './stepPlatforms';

export interface LogOptions {
  /** The Dockerfile that the log is wanted for: of several builds the one that fits it best is taken. */
  dockerfile: Dockerfile;
  /** Its name, without folders. */
  dockerfileName: string;
  /** Which target of bake, or service of compose, where the log names several. */
  bakeTarget?: string | null;
  /** When the log was written, ms since 1970: stands for times that it does not tell. */
  writtenMs: number;
}

/** Longer than any log that a person keeps; what lies beyond is refused by who reads the file. */
export const longestLog = 128 * 1024 * 1024;
const mostLines = 2_000_000;

/**
 * @param name for a person: the file's name
 * @throws StrataError 'unreadable' for a log without a build, 'usage' when it is not clear which target is meant,
 * 'unsupported' for a log of a builder that is not read
 */
export function importLog(log: string, name: string, options: LogOptions): ImportedPart {
  const lines: string[] = [];
  const times: (string | null)[] = [];
  for (const raw of linesOf(log)) {
    if (lines.length >= mostLines) break;
    const line = logLine(raw);
    lines.push(line.text);
    times.push(line.at);
  }
  const builds = buildsOf(lines);
  const build = bestOf(builds, options);
  if (!build) {
    throw new StrataError(
      'unreadable',
      `${name} holds no build: neither plain nor rawjson progress of BuildKit, nor the steps of another builder.`,
      'Save it with --progress=plain or --progress=rawjson.',
    );
  }
  const notes: string[] = [];
  if (builds.length > 1) {
    const at = builds.indexOf(build) + 1;
    notes.push(
      `${name} holds ${builds.length} builds; number ${at} fits this Dockerfile best and was taken.`,
    );
  }
  const target = targetOf(build, name, options);
  const read = readLogBuild(build, lines, times, target, options.writtenMs);
  const own = times.slice(build.from, build.to);
  const stamp = (at: string | null | undefined) => (at == null ? null : timeOf(at));
  const started = stamp(own.find((time) => time !== null));
  const ended = stamp(own.findLast((time) => time !== null));
  const told = build.form === 'rawjson' ? timesOf(read.steps) : { started, ended };
  if (told.started === null) notes.push(`${name} tells no times: the build is dated by the file.`);
  const rules = rulesOf(build.form);
  const { steps, differ } = agreeingSteps(read.steps, options.dockerfile, rules);
  if (differ > 0) {
    notes.push(
      `${differ} of its steps have another text than the lines of this Dockerfile, and are left out.`,
    );
  }
  if (read.outcome === 'unfinished') notes.push(`${name} ends before the build does.`);
  return {
    source: 'log',
    name,
    builder: rules === 'buildkit' ? null : unknownBuilder(rules),
    rules,
    provenance: null,
    request: null,
    platforms: platformsOf(steps),
    steps,
    started: new Date(told.started ?? options.writtenMs).toISOString(),
    durationMs: told.started === null || told.ended === null ? null : Math.max(0, told.ended - told.started),
    outcome: read.outcome,
    words: read.words,
    image: read.image,
    notes,
  };
}

/** By the name of the Dockerfile first, then by how many of its lines the steps name; of equals the last. */
function bestOf(builds: readonly LogBuild[], { dockerfile, dockerfileName }: LogOptions): LogBuild | null {
  const own = new Set(dockerfile.instructions.map((one) => bareText(one.text)));
  let best: { build: LogBuild; score: number } | null = null;
  for (const build of builds) {
    const isNamed = build.loaded.some((one) => one.dockerfile === dockerfileName);
    const score = [...build.names].filter((name) => own.has(name)).length + (isNamed ? 0.5 : 0);
    if (!best || score >= best.score) best = { build, score };
  }
  return best?.build ?? null;
}

function timesOf(steps: readonly BuildStep[]): { started: number | null; ended: number | null } {
  let started: number | null = null;
  let ended: number | null = null;
  for (const { startedMs, durationMs } of steps) {
    if (startedMs === null) continue;
    started = Math.min(started ?? startedMs, startedMs);
    ended = Math.max(ended ?? 0, startedMs + (durationMs ?? 0));
  }
  return { started, ended };
}
