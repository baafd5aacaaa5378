// BuildKit's `--progress=rawjson`: one JSON object a line (client/graph.go SolveStatus), to BuildSteps. Decides what a
// vertex that was sent many times amounts to; not whether `cached` means used or merely not needed (mapping does).
import { createLogTail, type LogTail } from './logTail';
import type { BuildStep } from './model';
import { copyStep, longestText, mostSteps, type ProgressReader } from './progress';
import { createProgressText } from './progressText';
import { newStep } from './stepName';

interface Vertex {
  step: BuildStep;
  tail: LogTail;
  /** Each time it ran, by its `started`: end in ms, null while it runs. */
  runs: Map<string, { from: number; to: number | null }>;
}

/** More than a source that is looked at again and again has. */
const mostRuns = 1_000;

/** @param onText gets the progress as `--progress=plain` would print it, for a log that people read */
export function createRawjsonReader(onText?: (line: string) => void): ProgressReader {
  const vertexes = new Map<string, Vertex>();
  const text = onText && createProgressText(onText);

  function takeVertex(value: Fields): void {
    const digest = string(value.digest);
    if (digest === null) return;
    let vertex = vertexes.get(digest);
    if (!vertex) {
      if (vertexes.size >= mostSteps) return;
      vertex = {
        step: { ...newStep(string(value.name) ?? ''), digest },
        tail: createLogTail(),
        runs: new Map(),
      };
      vertexes.set(digest, vertex);
    }
    update(vertex, value);
    text?.show(vertex.step);
  }

  function takeLog(value: Fields): void {
    const vertex = vertexes.get(string(value.vertex) ?? '');
    const data = string(value.data);
    if (!vertex || data === null) return;
    const printed = Buffer.from(data, 'base64').toString('utf8');
    vertex.tail.take(printed);
    text?.log(vertex.step, printed, time(value.timestamp));
  }

  return {
    take(line) {
      const value = parse(line);
      if (!value) return false;
      for (const vertex of objects(value.vertexes)) takeVertex(vertex);
      for (const log of objects(value.logs)) takeLog(log);
      return true;
    },
    steps: () => [...vertexes.values()].map(({ step, tail }) => copyStep(step, tail.lines())),
  };
}

/** Each message holds the vertex's whole state: the last one counts. Only the times of earlier runs are lost in it. */
function update(vertex: Vertex, value: Fields): void {
  const { step, runs } = vertex;
  const started = time(value.started);
  const completed = time(value.completed);
  // false is left out of the JSON; a vertex first thought cached and then run says so by leaving it out again.
  step.cached = value.cached === true;
  step.error = string(value.error);
  step.group = string(fields(value.progressGroup)?.id) ?? step.group;
  if (started === null) return;
  const key = String(value.started);
  if (runs.has(key) || runs.size < mostRuns) runs.set(key, { from: started, to: completed });
  step.startedMs = Math.min(step.startedMs ?? started, started);
  step.durationMs = completed === null ? null : ranFor([...runs.values()]);
}

/** ms that at least one run took. Runs overlap when a vertex is used twice at once (BuildKit progressui mergeIntervals). */
function ranFor(runs: { from: number; to: number | null }[]): number {
  let total = 0;
  let reached = Number.NEGATIVE_INFINITY;
  for (const { from, to } of runs.sort((a, b) => a.from - b.from)) {
    // A clock that was set back between them: it tells no duration.
    if (to === null || to <= reached || to < from) continue;
    total += to - Math.max(from, reached);
    reached = to;
  }
  return total;
}

type Fields = Record<string, unknown>;

const keys = ['vertexes', 'statuses', 'logs', 'warnings'];

function parse(line: string): Fields | null {
  if (!line.startsWith('{')) return null;
  try {
    const value = fields(JSON.parse(line));
    // The builder's own words may be JSON too (a message of a registry); progress has at least one of its keys.
    return value && keys.some((key) => Array.isArray(value[key])) ? value : null;
  } catch {
    return null;
  }
}

function fields(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

function objects(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fields).filter((item) => item !== null) : [];
}

function string(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, longestText) : null;
}

/** ms since 1970; null when absent. Go writes an unset time as year 1. */
function time(value: unknown): number | null {
  if (typeof value !== 'string') return null;
  const ms = Date.parse(value);
  return ms > 0 ? ms : null;
}
