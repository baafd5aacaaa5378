// A builder's cache as the recorded builds must have left it: steps and the keys that lead to each (solver/cache.go and
// solver/edge.go of BuildKit; the images of the classic builder and buildah form the same tree). Decides who is in it;
// never guesses: what it cannot know is open. What the builder has removed since, nobody tells.
import type { BaseKey, KnownContent, StepInput, StepSource, Vertex } from './cacheGraph';
import { compareBases, compareOps } from './cacheGraph';
import { type Likeness, together } from './told';

export interface KnownStep {
  id: number;
  vertex: Vertex;
  inputs: KnownInput[];
  /** Steps that may be the same one. */
  aliases: Set<number>;
  /** Number of the newest build that used it. */
  build: number;
}

/** All that is known to lead to a step, by one input. */
export interface KnownInput {
  /** `id` and the paths taken. */
  steps: Set<string>;
  bases: { base: BaseKey; selector: string }[];
  scratch: boolean;
  contents: Map<string, KnownContent>;
  /** Its content was not known in some build. */
  isOpen: boolean;
}

export interface Standing {
  verdict: 'cached' | 'reruns' | 'open';
  /** Steps of the cache that it is. */
  ids: readonly number[];
  /** Steps that it may be, or be as well. */
  maybe: readonly number[];
  /** True when it may be any step: nothing about it is known. */
  isAnything: boolean;
}

/** What a build did with a vertex; `none`: it did not come to it; `passed`: from the cache, or not needed at all. */
export type StepOutcome = 'hit' | 'ran' | 'passed' | 'unknown' | 'none';

/** A build in which a step was met. */
export interface Seen {
  /** As it was given to `take`. */
  build: number;
  instruction: number;
  outcome: StepOutcome;
}

export interface CacheModel {
  /** How each vertex stands, in order, without changing anything. */
  ask(graph: readonly Vertex[], ignored?: (vertex: Vertex) => boolean): Standing[];
  /** Adds a build, oldest first. `build`: its number for `seen`; by default those that were added before are counted. */
  take(graph: readonly Vertex[], outcomes: readonly StepOutcome[], build?: number): void;
  /** Where a step was met, oldest first. */
  seen(id: number): readonly Seen[];
  /** Steps that stand on the same base, newest first: what a vertex may have been before an edit. */
  besides(graph: readonly Vertex[], standings: readonly Standing[], vertex: number): KnownStep[];
}

const anything: Standing = { verdict: 'open', ids: [], maybe: [], isAnything: true };
const nothing: Standing = { verdict: 'reruns', ids: [], maybe: [], isAnything: false };

export function createCacheModel(): CacheModel {
  const steps: KnownStep[] = [];
  /** By the step that they stand on; those that stand on none under -1. */
  const above = new Map<number, KnownStep[]>();
  const seen = new Map<number, Seen[]>();
  let builds = 0;

  function candidates(base: StepInput | undefined, standings: readonly Standing[]): KnownStep[] {
    if (base?.source.kind !== 'vertex') return above.get(-1) ?? [];
    const { ids, maybe } = standings[base.source.vertex]!;
    const found = [...ids, ...maybe].flatMap((id) => above.get(id) ?? []);
    return ids.length + maybe.length > 1 ? [...new Set(found)] : found;
  }

  function stand(vertex: Vertex, standings: readonly Standing[]): Standing {
    const [base] = vertex.inputs;
    if (vertex.unknown !== null) return anything;
    if (base?.source.kind === 'vertex' && standings[base.source.vertex]!.isAnything) return anything;
    const ids: number[] = [];
    const maybe = new Set<number>();
    for (const step of candidates(base, standings)) {
      const likeness = compare(vertex, step, standings);
      if (likeness === 'same') ids.push(step.id);
      else if (likeness === 'open') maybe.add(step.id);
    }
    for (const id of ids) for (const alias of steps[id]!.aliases) maybe.add(alias);
    for (const id of ids) maybe.delete(id);
    const verdict = ids.length > 0 ? 'cached' : maybe.size > 0 ? 'open' : 'reruns';
    return { verdict, ids, maybe: [...maybe], isAnything: false };
  }

  function add(vertex: Vertex, aliases: readonly number[]): KnownStep {
    const inputs = vertex.inputs.map(
      (): KnownInput => ({ steps: new Set(), bases: [], scratch: false, contents: new Map(), isOpen: false }),
    );
    const step: KnownStep = { id: steps.length, vertex, inputs, aliases: new Set(aliases), build: builds };
    for (const id of aliases) steps[id]!.aliases.add(step.id);
    steps.push(step);
    return step;
  }

  /** All keys of the vertex lead to the step from now on (cache.go, Query links what was found by another key). */
  function link(vertex: Vertex, step: KnownStep, standings: readonly Standing[]): void {
    step.build = builds;
    vertex.inputs.forEach(({ source, selector, content }, at) => {
      const input = step.inputs[at]!;
      if (content !== 'never' && content !== null) input.contents.set(content.key, content);
      else if (content === null) input.isOpen = true;
      if (source.kind === 'scratch') input.scratch = true;
      if (source.kind === 'base' && compareSources(source, selector, input, standings) !== 'same') {
        input.bases.push({ base: source.base, selector });
      }
      if (source.kind === 'vertex') {
        for (const id of standings[source.vertex]!.ids) {
          input.steps.add(`${id} ${selector}`);
          if (at === 0) place(id, step);
        }
      } else if (at === 0) place(-1, step);
    });
    if (vertex.inputs.length === 0) place(-1, step);
  }

  function place(id: number, step: KnownStep): void {
    const list = above.get(id);
    if (!list) above.set(id, [step]);
    else if (!list.includes(step)) list.push(step);
  }

  return {
    ask(graph, ignored = () => false) {
      const standings: Standing[] = [];
      for (const vertex of graph) standings.push(ignored(vertex) ? nothing : stand(vertex, standings));
      return standings;
    },
    seen: (id) => seen.get(id) ?? [],
    take(graph, outcomes, build = builds) {
      const standings: Standing[] = [];
      graph.forEach((vertex, at) => {
        const outcome = outcomes[at] ?? 'unknown';
        const found = outcome === 'none' ? nothing : stand(vertex, standings);
        const isDoubtful = outcome === 'passed' && found.verdict !== 'cached';
        if (outcome === 'none' || isDoubtful || found.isAnything) {
          standings.push(found);
          return;
        }
        let own: KnownStep[] = found.ids.map((id) => steps[id]!);
        if (own.length === 0) {
          const only = outcome === 'hit' && found.maybe.length === 1 ? steps[found.maybe[0]!] : undefined;
          own = [only ?? add(vertex, outcome === 'ran' ? [] : found.maybe)];
        }
        for (const step of own) {
          link(vertex, step, standings);
          const met = { build, instruction: vertex.instruction, outcome };
          seen.set(step.id, [...(seen.get(step.id) ?? []), met]);
        }
        const ids = own.map(({ id }) => id);
        const maybe = new Set(own.flatMap(({ aliases }) => [...aliases]));
        for (const id of ids) maybe.delete(id);
        standings.push({ verdict: 'cached', ids, maybe: [...maybe], isAnything: false });
      });
      builds++;
    },
    besides(graph, standings, at) {
      const vertex = graph[at]!;
      return candidates(vertex.inputs[0], standings)
        .filter((step) => step.vertex.op.kind === vertex.op.kind)
        .sort((a, b) => b.build - a.build);
    },
  };

  function compare(vertex: Vertex, step: KnownStep, standings: readonly Standing[]): Likeness {
    if (vertex.inputs.length !== step.inputs.length) return 'different';
    const op = compareOps(vertex.op, step.vertex.op);
    if (op === 'different') return op;
    return together([
      op,
      ...vertex.inputs.map((input, at) => compareInputs(input, step.inputs[at]!, standings)),
    ]);
  }
}

/** An input fits if where it comes from fits, or its content (edge.go, probeCache). */
export function compareInputs(
  { source, selector, content }: StepInput,
  known: KnownInput,
  standings: readonly Standing[],
): Likeness {
  const bySource = compareSources(source, selector, known, standings);
  if (content === 'never' || bySource === 'same') return bySource;
  if (content === null) return 'open';
  if (known.contents.has(content.key)) return 'same';
  const isComparable = [...known.contents.values()].every(({ asked }) => asked === content.asked);
  return known.isOpen || bySource === 'open' || !isComparable ? 'open' : 'different';
}

function compareSources(
  source: StepSource,
  selector: string,
  known: KnownInput,
  standings: readonly Standing[],
): Likeness {
  switch (source.kind) {
    case 'vertex': {
      const { ids, maybe, isAnything } = standings[source.vertex]!;
      if (ids.some((id) => known.steps.has(`${id} ${selector}`))) return 'same';
      return isAnything || maybe.some((id) => known.steps.has(`${id} ${selector}`)) ? 'open' : 'different';
    }
    case 'base': {
      const likenesses = known.bases.map((one) =>
        one.selector === selector ? compareBases(one.base, source.base) : 'different',
      );
      return likenesses.includes('same') ? 'same' : likenesses.includes('open') ? 'open' : 'different';
    }
    case 'scratch':
      return known.scratch ? 'same' : 'different';
    case 'files':
      // A context is never the same as such: only its content is.
      return source.what === 'unknown' ? 'open' : 'different';
  }
}
