// Each stage of several Dockerfiles as the chain of its steps, from the base image on, with a key for each: equal keys are
// one step to BuildKit's cache (the same text after variables, on the same steps, with the same files). Which stages go
// together is stageSharing.ts. What a builder knows beside the text (ONBUILD, another frontend) is in no key.
import { stageBases } from '../dockerfile/bases';
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import { parseRegistryName } from '../image/registryName';
import { buildkitGraph } from './buildkitGraph';
import type { KnownContent, StepInput, StepOp, Vertex } from './cacheGraph';
import { unknownConfig } from './graphFacts';

export interface SharingFile {
  /** Tells it from all others: its path. */
  name: string;
  dockerfile: Dockerfile;
  /** Its target counts for nothing: all stages are looked at. */
  choice: BuildChoice;
  /** Names the folder of the build context; files of different folders are never told to be the same. */
  context: string;
  /** What an instruction takes from the context; null when that is not known. */
  contentOf(instruction: number): KnownContent | null;
  /** Names that `--build-context` gives to folders, lower case. */
  named: ReadonlySet<string>;
}

export interface ChainStep {
  /** Of the Dockerfile of its chain. */
  instruction: number;
  /** Equal: one step to the cache, on the same steps. */
  key: number;
  /** The same where only what it stands on, and what it takes from files, may be another. */
  open: number;
  /** The same step wherever it stands on that base; null for one that takes files that are not known. */
  alone: number | null;
  /** And whatever variables it is given. */
  bare: number | null;
  op: StepOp;
  /** Why its key is like no other: `files`: what it takes is not known here. */
  doubt: 'files' | 'unknown' | null;
}

export interface StageChain {
  /** Index among the files given. */
  file: number;
  stage: number;
  base: ChainBase;
  /** Those of the stages below, too. */
  steps: readonly ChainStep[];
}

export interface ChainBase {
  kind: 'image' | 'scratch' | 'unknown';
  /** As written, variables put in; why it is not known. */
  name: string;
  /** `docker.io/library/node`; empty for what is no image. */
  repository: string;
  platform: string;
  /** Equal: the same image, asked for at the same time. */
  key: number;
}

/** Gives equal texts equal numbers; one for all files that are compared. */
export type Keys = (text: string) => number;

export function createKeys(): Keys {
  const known = new Map<string, number>();
  return (text) => {
    const found = known.get(text) ?? known.size;
    known.set(text, found);
    return found;
  };
}

/** Beyond these no more chains are made: no project of people has as much. */
const mostInstructions = 3_000;
const mostStages = 1_000;
const mostSteps = 100_000;

/** In order of files and stages. Pure; never throws. `complete` is false where a bound was reached. */
export function stageChains(
  files: readonly SharingFile[],
  keys: Keys = createKeys(),
): { chains: StageChain[]; complete: boolean } {
  const chains: StageChain[] = [];
  let complete = true;
  let steps = 0;
  for (const [file, one] of files.entries()) {
    if (one.dockerfile.instructions.length > mostInstructions) complete = false;
    else {
      const own = new Map<number, StageChain>();
      const made = stepsOf(one, keys);
      const bases = stageBases(one.dockerfile, one.choice);
      for (const { index, instructions, platform } of one.dockerfile.stages) {
        const base = bases[index]!;
        const below = base.kind === 'stage' ? own.get(base.stage) : undefined;
        const added = instructions.flatMap((at) => made.get(at) ?? []);
        steps += (below?.steps.length ?? 0) + added.length;
        if (chains.length >= mostStages || steps > mostSteps) return { chains, complete: false };
        const root =
          below?.base ?? rootOf(base, platform ?? one.choice.platform ?? '', `${one.name} ${index}`, keys);
        const chain = { file, stage: index, base: root, steps: [...(below?.steps ?? []), ...added] };
        own.set(index, chain);
        chains.push(chain);
      }
    }
  }
  return { chains, complete };
}

/** `docker.io/library/node:20` for `node`, `node:20` and the like, so that all ways to write it are one. */
export function plainReference(reference: string): { whole: string; repository: string } {
  try {
    const { host, repository, tag, digest } = parseRegistryName(reference);
    return {
      whole: `${host}/${repository}${digest ? `@${digest}` : `:${tag}`}`,
      repository: `${host}/${repository}`,
    };
  } catch {
    return { whole: reference, repository: '' };
  }
}

function rootOf(
  base: ReturnType<typeof stageBases>[number],
  platform: string,
  own: string,
  keys: Keys,
): ChainBase {
  if (base.kind === 'scratch') {
    return { kind: 'scratch', name: 'scratch', repository: '', platform: '', key: keys('scratch') };
  }
  if (base.kind === 'image') {
    const { whole, repository } = plainReference(base.reference);
    const key = keys(JSON.stringify(['image', whole, platform]));
    return { kind: 'image', name: base.reference, repository, platform, key };
  }
  const why = base.kind === 'unknown' ? base.why : 'the stage below is not known';
  return { kind: 'unknown', name: why, repository: '', platform, key: keys(`unknown ${own}`) };
}

/** By instruction; a `COPY --link` is one step, though it is two to the builder. */
function stepsOf({ name, dockerfile, choice, context, contentOf, named }: SharingFile, keys: Keys) {
  const made = new Map<number, ChainStep>();
  const facts = {
    baseOf: (reference: string, platform: string) => ({
      key: {
        name: reference,
        reference: plainReference(reference).whole,
        platform,
        digest: null,
        chain: null,
      },
      config: unknownConfig,
    }),
    contentOf,
    named,
    triggered: () => false,
  };
  const all = new Set(dockerfile.stages.map(({ index }) => index));
  const found: number[] = [];
  for (const vertex of buildkitGraph(dockerfile, choice, facts, all)) {
    const { instruction } = vertex;
    const step = stepOf(vertex, found, { own: `${name} ${instruction} ${vertex.part}`, context, keys });
    found.push(step.key);
    const copied = vertex.part === 'merge' ? made.get(instruction) : undefined;
    const doubt = step.doubt ?? copied?.doubt ?? null;
    made.set(instruction, copied ? { ...copied, key: step.key, alone: null, doubt } : step);
  }
  return made;
}

interface Naming {
  /** Names the vertex among all files. */
  own: string;
  context: string;
  keys: Keys;
}

function stepOf(vertex: Vertex, found: readonly number[], { own, context, keys }: Naming): ChainStep {
  const { op, inputs, unknown, instruction } = vertex;
  const variables = op.environment?.map((item) =>
    item === 'base' ? item : [item.name, item.value.text, item.value.certain],
  );
  const text = [op.kind, op.pieces.map(([name, { text, certain }]) => [name, text, certain])];
  const whole = [...text, variables];
  const [below, ...others] = inputs.map((input) => inputOf(input, found, context));
  const openOthers = inputs.slice(1).map(({ source, selector }) => [source.kind, selector]);
  const doubt = unknown !== null ? 'unknown' : others.includes(null) || below === null ? 'files' : null;
  const key = keys(JSON.stringify(doubt === null ? [...whole, below, others] : ['only', own]));
  const isAlone = doubt === null && (op.kind === 'RUN' || op.kind === 'COPY');
  return {
    instruction,
    key,
    open: keys(JSON.stringify(['open', ...(unknown === null ? whole : ['only', own]), openOthers])),
    alone: isAlone ? keys(JSON.stringify(['alone', ...whole, others])) : null,
    bare: isAlone && op.kind === 'RUN' ? keys(JSON.stringify(['bare', ...text, others])) : null,
    op,
    doubt,
  };
}

/** Null when it takes files that are not known. */
function inputOf({ source, selector, content }: StepInput, found: readonly number[], context: string) {
  switch (source.kind) {
    case 'vertex':
      return ['step', found[source.vertex], selector];
    case 'base':
      return ['image', source.base.reference, source.base.platform, selector];
    case 'scratch':
      return ['scratch', selector];
    case 'files':
      if (source.what !== 'context' || content === null || content === 'never') return null;
      return ['files', context, selector, content.key];
  }
}
