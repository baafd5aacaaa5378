// Why a line will run again, down to the file and its attribute, and why nothing can be said of another. Told from the
// steps of earlier builds that stand on the same base; it decides nothing about the cache.
import type { Dockerfile } from '../dockerfile/model';
import type { StepInput, Vertex } from './cacheGraph';
import { compareOps } from './cacheGraph';
import type { CacheHistory } from './cacheHistory';
import { type CacheModel, compareInputs, type KnownStep, type Standing } from './cacheModel';
import { firstChange } from './fileChange';
import { changedEntries, compareEnvironments } from './runEnvironment';
import { compareTold } from './told';

export interface Cause {
  kind: 'instruction' | 'file' | 'argument' | 'base' | 'no-record' | 'upstream';
  /** Of a file, relative to what is copied. */
  path: string | null;
  attribute: 'content' | 'mode' | 'owner' | 'added' | 'removed' | 'type' | 'link' | null;
  /** 1-based line that is the reason. */
  line: number | null;
}

export interface Explanation {
  cause: Cause | null;
  because: string;
}

export interface Look {
  dockerfile: Dockerfile;
  graph: readonly Vertex[];
  standings: readonly Standing[];
  model: CacheModel;
  history: CacheHistory;
  /** By vertex: the first one below it that breaks the chain, once it was looked for. */
  breaks: Map<number, number>;
}

const none: Cause = { kind: 'instruction', path: null, attribute: null, line: null };

/** Of a vertex that will run. */
export function explainMiss(look: Look, at: number): Explanation {
  const { dockerfile, graph, standings, model } = look;
  const vertex = graph[at]!;
  const { line } = dockerfile.instructions[vertex.instruction]!;
  const base = vertex.inputs[0]?.source;
  if (base?.kind === 'vertex' && standings[base.vertex]!.verdict === 'reruns') {
    return explainUpstream(look, base.vertex, vertex);
  }
  const near = nearest(vertex, model.besides(graph, standings, at), standings);
  const told =
    near &&
    (explainBase(vertex, near, standings) ??
      explainEnvironment(dockerfile, vertex, near) ??
      explainText(vertex, near, line) ??
      explainInputs(look, vertex, near));
  return told ?? { cause: { ...none, line }, because: 'no recorded build had it here' };
}

/** Of a vertex of which nothing certain can be said. */
export function explainOpen(look: Look, at: number): Explanation & { isDependent: boolean } {
  const { dockerfile, graph, standings, model } = look;
  const vertex = graph[at]!;
  if (vertex.unknown !== null) return { cause: null, because: vertex.unknown, isDependent: false };
  for (const { source } of vertex.inputs) {
    if (source.kind !== 'vertex' || standings[source.vertex]!.verdict === 'cached') continue;
    const { instruction } = graph[source.vertex]!;
    if (instruction === vertex.instruction) continue;
    const { line } = dockerfile.instructions[instruction]!;
    const isBase = source === vertex.inputs[0]?.source;
    const because = isBase
      ? `line ${line} may run`
      : `line ${line} may bring other files; the same content would hit`;
    return { cause: { ...none, kind: 'upstream', line }, because, isDependent: true };
  }
  for (const { source, content } of vertex.inputs.slice(1)) {
    if (content !== null) continue;
    if (source.kind === 'files') {
      return { cause: null, because: source.why, isDependent: source.what === 'remote' };
    }
    const because = 'what it copies comes from elsewhere than before; the same content would hit';
    return { cause: null, because, isDependent: true };
  }
  const base = vertex.inputs[0]?.source;
  const near = nearest(vertex, model.besides(graph, standings, at), standings);
  const isRenamed = vertex.inputs.some((input, place) => {
    const known = place > 0 ? near?.inputs[place] : undefined;
    return known !== undefined && compareInputs(input, known, standings) === 'open';
  });
  if (isRenamed) {
    const because = 'what it copies is named in another way than before; the same content would hit';
    return { cause: null, because, isDependent: true };
  }
  if (
    base?.kind === 'base' &&
    near &&
    compareInputs(vertex.inputs[0]!, near.inputs[0]!, standings) === 'open'
  ) {
    const because = `no recorded build stood on ${base.base.name}; the same layers would hit`;
    return { cause: { ...none, kind: 'base' }, because, isDependent: true };
  }
  return { cause: null, because: 'only the base image tells whether it is the same', isDependent: true };
}

/** The line that breaks the chain, or the one right above when that is the same. */
function explainUpstream(look: Look, from: number, vertex: Vertex): Explanation {
  const { dockerfile, graph, standings, breaks } = look;
  let first = from;
  while (!breaks.has(first)) {
    const below: StepInput | undefined = graph[first]!.inputs[0];
    if (below?.source.kind !== 'vertex' || standings[below.source.vertex]!.verdict !== 'reruns') break;
    first = below.source.vertex;
  }
  first = breaks.get(first) ?? first;
  breaks.set(from, first);
  if (graph[first]!.instruction === vertex.instruction) first = from;
  const { line } = dockerfile.instructions[graph[first]!.instruction]!;
  return { cause: { ...none, kind: 'upstream', line }, because: `line ${line} reruns` };
}

/** The step that is most alike: the same but for its files, else but for its variables, else in one piece of its text. */
function nearest(
  vertex: Vertex,
  steps: readonly KnownStep[],
  standings: readonly Standing[],
): KnownStep | null {
  let best: KnownStep | null = null;
  let most = -1;
  for (const step of steps) {
    const alike = vertex.op.pieces.filter(
      ([, value], at) =>
        compareTold(value, step.vertex.op.pieces[at]?.[1] ?? { text: '', certain: true }) === 'same',
    ).length;
    const isWhole = compareOps(vertex.op, step.vertex.op) !== 'different';
    const base = vertex.inputs[0];
    const isHere = !base || !step.inputs[0] || compareInputs(base, step.inputs[0], standings) === 'same';
    const score = (isWhole ? 2_000 : 0) + (isHere ? 1_000 : 0) + alike;
    if (score > most) {
      best = step;
      most = score;
    }
  }
  return best;
}

function explainBase(vertex: Vertex, near: KnownStep, standings: readonly Standing[]): Explanation | null {
  const base = vertex.inputs[0];
  const known = near.inputs[0];
  if (!base || !known || base.source.kind !== 'base') return null;
  if (compareInputs(base, known, standings) === 'same') return null;
  const { name, reference, digest } = base.source.base;
  const before = known.bases.at(-1)?.base;
  const cause: Cause = { ...none, kind: 'base' };
  if (before?.reference === reference && before.digest !== digest)
    return { cause, because: 'the base image moved' };
  return {
    cause,
    because: before ? `the base is ${name}, was ${before.name}` : 'the base is another',
  };
}

function explainEnvironment(
  { instructions }: Dockerfile,
  vertex: Vertex,
  near: KnownStep,
): Explanation | null {
  const now = vertex.op.environment;
  const then = near.vertex.op.environment;
  const isSame = vertex.op.pieces.every(
    ([, value], at) => compareTold(value, near.vertex.op.pieces[at]![1]) !== 'different',
  );
  if (!now || !then || !isSame || compareEnvironments(now, then) !== 'different') return null;
  const [changed] = changedEntries(now, then);
  const [gone] = changed ? [] : changedEntries(then, now);
  const entry = changed ?? gone;
  if (!entry) return { cause: none, because: 'its variables are set in another order' };
  const line = changed && changed.setBy !== null ? (instructions[changed.setBy]?.line ?? null) : null;
  const what = `${entry.isArgument ? 'ARG' : 'ENV'} ${entry.name}`;
  const cause: Cause = { ...none, kind: entry.isArgument ? 'argument' : 'instruction', line };
  if (!changed) return { cause, because: `${what} is gone` };
  const isNew = !then.some((item) => item !== 'base' && item.name === entry.name);
  return {
    cause,
    because: `${what} ${isNew ? 'is new' : 'changed'}${line === null ? '' : ` in line ${line}`}`,
  };
}

function explainText(vertex: Vertex, near: KnownStep, line: number): Explanation | null {
  const cause: Cause = { ...none, line };
  for (const [at, [name, value]] of vertex.op.pieces.entries()) {
    const before = near.vertex.op.pieces[at]?.[1];
    if (!before || compareTold(value, before) !== 'different') continue;
    switch (name) {
      case 'directory':
        if (vertex.op.kind === 'WORKDIR')
          return { cause, because: `the directory is ${value.text}, was ${before.text}` };
        return { cause: none, because: `WORKDIR is ${value.text}, was ${before.text}` };
      case 'user':
        return { cause: none, because: `USER is ${value.text || 'root'}, was ${before.text || 'root'}` };
      case 'shell':
        return { cause: none, because: 'SHELL changed' };
      case 'platform':
        return { cause: none, because: `the platform is ${value.text}, was ${before.text}` };
      case 'SOURCE_DATE_EPOCH':
        return { cause: { ...none, kind: 'argument' }, because: 'SOURCE_DATE_EPOCH changed' };
      case 'destination':
        return { cause, because: `its destination is ${value.text}, was ${before.text}` };
      case 'arguments':
        return { cause: { ...none, kind: 'argument' }, because: 'a build argument changed' };
      case 'command':
      case 'sources':
      case 'text':
        return { cause, because: 'the line changed' };
      default:
        return { cause, because: `${name} changed` };
    }
  }
  return null;
}

function explainInputs(look: Look, vertex: Vertex, near: KnownStep): Explanation | null {
  for (const [at, input] of vertex.inputs.entries()) {
    const known = near.inputs[at];
    // A step that took from fewer places is none that this one was.
    if (!known || compareInputs(input, known, look.standings) !== 'different') continue;
    if (input.source.kind === 'vertex') {
      const { line } = look.dockerfile.instructions[look.graph[input.source.vertex]!.instruction]!;
      return { cause: { ...none, kind: 'upstream', line }, because: `line ${line} reruns` };
    }
    if (input.content === 'never' || input.content === null) continue;
    const before = [...known.contents.values()].at(-1);
    const change =
      before?.parts && input.content.parts ? firstChange(input.content.parts, before.parts) : null;
    if (!change) return { cause: { ...none, kind: 'file' }, because: 'the files that it takes changed' };
    return change;
  }
  return null;
}
