// The forecast: what the next build will do with each line, from the text as it stands and the builds recorded so far.
// Certain or open, never likely: `cached` and `reruns` are told only where no file, image or server can say otherwise.
// What a builder removed from its cache since (prune, garbage collection), it does not tell beforehand.
import { builtStages } from '../build/builtStages';
import type { BuildRules } from '../build/model';
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import { readArguments } from './builderArguments';
import type { Vertex } from './cacheGraph';
import { baseIn, type CacheFacts, type CacheHistory, graphOf, noFacts, scopeOf } from './cacheHistory';
import type { Seen, Standing } from './cacheModel';
import { type Cause, type Explanation, explainMiss, explainOpen } from './missCause';

export interface LineForecast {
  /** Index of the instruction. */
  instruction: number;
  /** `depends`: on files that another line, an image or a server brings. `unknown`: Strata knows too little. */
  cache: 'cached' | 'reruns' | 'depends' | 'unknown';
  cause: Cause | null;
  /**
   * A clause that follows `reruns because`: `src/app.ts changed (content)`; with `cached` one that begins with `although`.
   * Empty when there is nothing to say.
   */
  because: string;
  /** Of a cached line: the builds of `CacheHistory.past` in which its step was met, oldest first; absent when in doubt. */
  seen?: readonly Seen[];
}

/** Beyond this many instructions nothing is forecast: no file of people is as long. */
const mostInstructions = 3_000;

/**
 * One for each instruction that the cache can hold; null for the others (FROM, and with BuildKit LABEL, ENV and the like).
 * Pure; never throws.
 */
export function forecastCache(
  dockerfile: Dockerfile,
  choice: BuildChoice,
  history: CacheHistory,
  facts: CacheFacts = noFacts,
): (LineForecast | null)[] {
  if (dockerfile.instructions.length > mostInstructions) return tooMany(dockerfile, history);
  const lines: (LineForecast | null)[] = dockerfile.instructions.map(() => null);
  const meaning = readArguments(facts.extraArguments);
  const triggered = triggeredBases(history);
  const graph = graphOf(history.rules, dockerfile, choice, {
    baseOf: (reference, platform) => baseIn(history.bases, history.bases, meaning, reference, platform),
    contentOf: facts.contentOf,
    named: meaning.folders,
    triggered: (stage) => {
      const { base } = dockerfile.stages[stage]!;
      return base.kind === 'image' && triggered.has(base.reference);
    },
  });
  const noCache = facts.noCache || meaning.noCache || (history.rules === 'buildah' && meaning.isMerged);
  // A WORKDIR is asked for even then (dispatchWorkdir sets no IgnoreCache).
  const ignored = (vertex: Vertex) =>
    noCache && (history.rules !== 'buildkit' || vertex.op.kind !== 'WORKDIR');
  const models = history.model(scopeOf(dockerfile, choice, meaning));
  const sure = models.sure.ask(graph, ignored);
  const all = models.all === models.sure ? sure : models.all.ask(graph, ignored);
  const look = {
    dockerfile,
    graph,
    standings: sure,
    model: models.sure,
    history,
    breaks: new Map<number, number>(),
  };

  const isOld = history.past.every(({ cache }) => cache === null);
  graph.forEach((vertex, at) => {
    const { instruction } = vertex;
    const told = (cache: LineForecast['cache'], { cause, because }: Explanation): LineForecast => ({
      instruction,
      cache,
      cause,
      because,
    });
    const one = (): LineForecast => {
      if (history.builds === 0) {
        return told('unknown', { cause: noRecord, because: 'no build of it is recorded' });
      }
      if (isOld) {
        const because = 'the recorded builds keep nothing for the forecast; the next one will';
        return told('unknown', { cause: noRecord, because });
      }
      const verdict = verdictOf(sure[at]!, all[at]!);
      if (verdict === 'cached') return told('cached', { cause: null, because: unseenEdit(vertex) });
      if (verdict === 'reruns') {
        if (ignored(vertex)) return told('reruns', { cause: null, because: 'the build uses no cache' });
        if (meaning.hasOtherCache) {
          return told('depends', { cause: null, because: 'the cache that --cache-from names may have it' });
        }
        return told('reruns', explainMiss(look, at));
      }
      if (sure[at]!.verdict === 'reruns') {
        const because = 'it was built like this with other arguments for the builder, or another frontend';
        return told('unknown', { cause: null, because });
      }
      const open = explainOpen(look, at);
      return told(open.isDependent ? 'depends' : 'unknown', open);
    };
    const { ids } = sure[at]!;
    const next = one();
    const line = worse(lines[instruction] ?? null, next);
    // Of two steps the last one is what the lines after it stand on.
    const seen = line.cache === 'cached' && ids.length === 1 ? models.sure.seen(ids[0]!) : undefined;
    lines[instruction] = { ...line, seen };
  });
  sayUnbuilt(dockerfile, choice, history, lines);
  return lines;
}

/** Nothing is told, and that is said: a forecast of no lines would read as one that costs nothing. */
function tooMany({ instructions }: Dockerfile, { rules }: CacheHistory): (LineForecast | null)[] {
  const because = `the Dockerfile has more than ${mostInstructions} instructions`;
  return instructions.map(({ index, keyword, stage }) => {
    if (stage === null || !isStep(keyword, rules)) return null;
    return { instruction: index, cache: 'unknown', cause: null, because };
  });
}

/** Whether the cache can hold such a line. */
function isStep(keyword: string, rules: BuildRules): boolean {
  return rules === 'buildkit' ? /^(?:RUN|COPY|ADD|WORKDIR)$/.test(keyword) : keyword !== 'FROM';
}

const noRecord: Cause = { kind: 'no-record', path: null, attribute: null, line: null };

/** What BuildKit overlooks is told, though it changes nothing. */
function unseenEdit({ inputs }: Vertex): string {
  for (const { content } of inputs) {
    const [path] = content === 'never' || content === null ? [] : (content.missed ?? []);
    if (path !== undefined) {
      return `although ${path} was edited: BuildKit does not see it, since a file kept its size and time, or a folder its name`;
    }
  }
  return '';
}

function verdictOf(sure: Standing, all: Standing): Standing['verdict'] {
  if (sure.verdict === 'cached') return 'cached';
  return sure.verdict === 'reruns' && all.verdict === 'reruns' ? 'reruns' : 'open';
}

/** A line of two steps runs if one of them does. */
function worse(before: LineForecast | null, next: LineForecast): LineForecast {
  const rank = { reruns: 3, unknown: 2, depends: 1, cached: 0 };
  return before && rank[before.cache] >= rank[next.cache] ? before : next;
}

function triggeredBases({ past }: CacheHistory): Set<string> {
  const found = new Set<string>();
  for (const { dockerfile, triggered } of past) {
    for (const stage of triggered) {
      const base = dockerfile.stages[stage]?.base;
      if (base?.kind === 'image') found.add(base.reference);
    }
  }
  return found;
}

/** BuildKit leaves out what the target does not need; the classic builder only what comes after the target. */
function sayUnbuilt(
  dockerfile: Dockerfile,
  choice: BuildChoice,
  { rules }: CacheHistory,
  lines: (LineForecast | null)[],
): void {
  const built = builtStages(dockerfile, choice, rules);
  for (const { index, stage, keyword } of dockerfile.instructions) {
    if (stage === null || built.has(stage)) continue;
    lines[index] = isStep(keyword, rules)
      ? {
          instruction: index,
          cache: 'unknown',
          cause: null,
          because: 'the target does not need this stage: it is not built',
        }
      : null;
  }
}
