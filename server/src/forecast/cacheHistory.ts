// The recorded builds of a Dockerfile as a cache to ask: prepared once for each set of records, not for each keystroke.
import type { BuildRules, RecordedBase, RecordedCache } from '../build/model';
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import { isDigest } from '../primitives/digest';
import { type ArgumentsMeaning, readArguments } from './builderArguments';
import { buildkitGraph } from './buildkitGraph';
import type { BaseKey, KnownContent, Vertex } from './cacheGraph';
import { type CacheModel, createCacheModel, type StepOutcome } from './cacheModel';
import type { BaseConfig, GraphFacts } from './graphFacts';
import { linearGraph } from './linearGraph';

/** A recorded build, read. */
export interface PastBuild {
  dockerfile: Dockerfile;
  choice: BuildChoice;
  rules: BuildRules;
  /** Null when the record keeps nothing for the forecast. */
  cache: RecordedCache | null;
  /** What the build did with the step of an instruction; `merge`: the second step of `COPY --link`. */
  outcome(instruction: number, part: Vertex['part']): StepOutcome;
  /** ms, of a step that ran; null when it did not or is not known. */
  duration(instruction: number): number | null;
  /** Stages at whose FROM triggers of the image fired. */
  triggered: ReadonlySet<number>;
  /** Equal: the same builder with the same store. */
  store: string;
}

export interface CacheHistory {
  rules: BuildRules;
  /** Number of builds that count. */
  builds: number;
  /** Oldest first, of the same builder. */
  past: readonly PastBuild[];
  bases: readonly RecordedBase[];
  /**
   * The cache that builds with such words and settings left, and that which all of them left: the same one when there are
   * no others. Asked with what the next build will have.
   */
  model(scope: string): { sure: CacheModel; all: CacheModel };
}

/** What is known of the build to come, beside the text and the choice. */
export interface CacheFacts {
  /** What an instruction takes from the context now; null when that has not been read. */
  contentOf(instruction: number): KnownContent | null;
  /** Words that the builder will be given beside Strata's own. */
  extraArguments: readonly string[];
  noCache: boolean;
}

export const noFacts: CacheFacts = { contentOf: () => null, extraArguments: [], noCache: false };

/** `builds`: oldest first. Those of one builder count: of `store`, or of the one that built last. */
export function cacheHistory(builds: readonly PastBuild[], store = newestStore(builds)): CacheHistory {
  const past = builds.filter((build) => build.store === store);
  const newest = past.at(-1);
  const rules = newest?.rules ?? 'buildkit';
  const bases = past.flatMap(({ cache }) => cache?.bases ?? []);
  const models = new Map<string, { sure: CacheModel; all: CacheModel }>();
  const graphs = past.map((build, at) => {
    const { dockerfile, choice, cache } = build;
    const meaning = readArguments(cache?.extraArguments ?? []);
    const facts = factsOf(build, meaning, bases);
    const graph = graphOf(rules, dockerfile, choice, facts);
    const outcomes = graph.map(({ instruction, part }) => build.outcome(instruction, part));
    return { at, graph, outcomes, scope: cache ? scopeOf(dockerfile, choice, meaning) : null };
  });
  return {
    rules,
    builds: past.length,
    past,
    bases,
    model(scope) {
      let found = models.get(scope);
      if (!found) {
        const own = graphs.filter((one) => one.scope === scope);
        const all = modelOf(graphs);
        found = { sure: own.length === graphs.length ? all : modelOf(own), all };
        models.set(scope, found);
      }
      return found;
    },
  };
}

function modelOf(graphs: readonly { at: number; graph: Vertex[]; outcomes: StepOutcome[] }[]): CacheModel {
  const model = createCacheModel();
  for (const { at, graph, outcomes } of graphs) model.take(graph, outcomes, at);
  return model;
}

/** Of the last build that kept something for the forecast: one that travels with a project did not, and is of another. */
function newestStore(builds: readonly PastBuild[]): string | undefined {
  return (builds.findLast(({ cache }) => cache !== null) ?? builds.at(-1))?.store;
}

/** What else decides keys: further words, the frontend and its arguments. */
export function scopeOf(
  { directives }: Dockerfile,
  { buildArgs }: BuildChoice,
  { scope }: ArgumentsMeaning,
): string {
  const syntax = directives.find(({ name }) => name === 'syntax')?.value ?? '';
  const own = Object.entries(buildArgs).filter(([name]) => name.startsWith('BUILDKIT_'));
  return JSON.stringify([scope, syntax, own.sort()]);
}

export function graphOf(
  rules: BuildRules,
  dockerfile: Dockerfile,
  choice: BuildChoice,
  facts: GraphFacts,
): Vertex[] {
  return rules === 'buildkit'
    ? buildkitGraph(dockerfile, choice, facts)
    : linearGraph(dockerfile, choice, facts, rules);
}

/** What a recorded build went by. @param all bases of all records, for what this one's lack */
export function factsOf(
  build: PastBuild,
  meaning: ArgumentsMeaning,
  all: readonly RecordedBase[],
): GraphFacts {
  const { cache, triggered } = build;
  const contents = new Map<number, KnownContent>();
  for (const { instruction, key, parts } of cache?.contents ?? []) contents.set(instruction, { key, parts });
  return {
    baseOf: (reference, platform) => baseIn(cache?.bases ?? [], all, meaning, reference, platform),
    contentOf: (instruction) => contents.get(instruction) ?? null,
    named: meaning.folders,
    triggered: (stage) => triggered.has(stage),
  };
}

/**
 * The base as the newest of `bases` has it; what is known best of its config comes from any record of the same image.
 */
export function baseIn(
  bases: readonly RecordedBase[],
  all: readonly RecordedBase[],
  { images }: ArgumentsMeaning,
  reference: string,
  platform: string,
): ReturnType<GraphFacts['baseOf']> {
  const named = images.get(reference.toLowerCase());
  const pinned = /@(sha256:[0-9a-f]{64})$/.exec(named ?? reference)?.[1];
  const found = bases.findLast((base) => base.reference === reference && base.platform === platform);
  const digest = isDigest(pinned) ? pinned : (found?.digest ?? null);
  const sameImage = all.filter(
    (base) => base.reference === reference && base.platform === platform && base.digest === digest,
  );
  const chain = sameImage.findLast((base) => base.chain !== null)?.chain ?? null;
  const key: BaseKey = { name: reference, reference: named ?? reference, platform, digest, chain };
  const best = sameImage
    .filter(({ environment }) => environment !== null)
    .sort((a, b) => a.doubtful.length - b.doubtful.length)[0];
  const config: BaseConfig = {
    environment: best ? { entries: best.environment!, doubtful: best.doubtful } : null,
    user: sameImage.find(({ user }) => user !== null)?.user ?? null,
    directory: sameImage.find((base) => base.directory !== null)?.directory ?? null,
    shell: sameImage.find(({ shell }) => shell !== null)?.shell ?? null,
  };
  return { key, config };
}
