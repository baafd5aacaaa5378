// The files of stages and images that lines copy from, and of what lies below those lines, out of the indexes that are
// kept of recorded builds. Reads the store alone: no program is run and no image is opened for it, and what was never
// indexed is not known.
import { setImmediate } from 'node:timers/promises';
import type { FileTree } from '../context/fileTree';
import type { Dockerfile, Instruction } from '../dockerfile/model';
import type { CacheHistory } from '../forecast/cacheHistory';
import { type SourceTree, sourcesOf } from '../forecast/copySources';
import { type LayerChain, type LayersAsked, layersBelow, layersOfTree } from '../forecast/stageLayers';
import type { ContextFacts } from '../forecast/takes';
import { layerFiles } from '../layers/layerFiles';
import type { LayerIndex } from '../layers/model';
import type { IndexStore } from '../layers/store';
import { StrataError } from '../primitives/errors';
import { recordedLayers } from './recordedLayers';

/** Of all trees together: each takes some 200 bytes of memory. */
const mostEntries = 600_000;
/** Somebody may be typing, ms. */
const sliceMs = 12;

export interface StagesAsked extends LayersAsked {
  history: CacheHistory;
}

const emptyTree: FileTree = { entries: [], find: () => undefined };

export class StageFiles {
  private readonly store: IndexStore | null;
  /** By DiffIDs; null for what cannot be known. */
  private trees = new Map<string, FileTree | null>();

  constructor(store: IndexStore | null) {
    this.store = store;
  }

  /** Whether `read` has something to do for this text. */
  isMissing(asked: StagesAsked): boolean {
    return this.store !== null && chainsOf(asked).some((chain) => !this.trees.has(keyOf(chain)));
  }

  /** True when something came to be known. @throws StrataError 'cancelled' */
  async read(asked: StagesAsked, signal: AbortSignal): Promise<boolean> {
    if (!this.isMissing(asked)) return false;
    // What is not asked for any more goes.
    const trees = new Map<string, FileTree | null>();
    let left = mostEntries;
    let isNews = false;
    for (const chain of chainsOf(asked)) {
      const key = keyOf(chain);
      if (trees.has(key)) continue;
      const known = this.trees.get(key);
      const tree = known === undefined ? await this.treeOf(chain, left, signal) : known;
      trees.set(key, tree);
      left -= tree?.entries.length ?? 0;
      isNews ||= known === undefined && tree !== null;
    }
    this.trees = trees;
    return isNews;
  }

  /** For the forecast of sizes. */
  facts(asked: StagesAsked): Pick<ContextFacts, 'filesOf' | 'filesBelow'> {
    const recorded = recordedLayers(asked.history);
    const find = (chain: LayerChain | null) => {
      if (chain === null) return null;
      return chain.length === 0 ? emptyTree : (this.trees.get(keyOf(chain)) ?? null);
    };
    return {
      filesOf: (tree) => find(layersOfTree(asked, recorded, tree)),
      filesBelow: (instruction) => find(layersBelow(asked, recorded, instruction.index)),
    };
  }

  private async treeOf(chain: LayerChain, left: number, signal: AbortSignal): Promise<FileTree | null> {
    const indexes: LayerIndex[] = [];
    let rows = 0;
    for (const diffId of chain) {
      const index = (await this.store?.get(diffId)) ?? null;
      if (index === null || index.problems.length > 0) return null;
      rows += index.count;
      if (rows > left) return null;
      indexes.push(index);
    }
    return inTurns(layerFiles(indexes), signal);
  }
}

function chainsOf(asked: StagesAsked): LayerChain[] {
  const recorded = recordedLayers(asked.history);
  return copiesFromTrees(asked).flatMap(([instruction, tree]) => {
    const source = layersOfTree(asked, recorded, tree);
    // Without the files that are copied, nobody asks for those below.
    if (source === null) return [];
    const below = layersBelow(asked, recorded, instruction.index);
    return [source, ...(below ? [below] : [])].filter((chain) => chain.length > 0);
  });
}

function copiesFromTrees({ dockerfile, choice }: StagesAsked): [Instruction, SourceTree][] {
  if (!hasTrees(dockerfile)) return [];
  return dockerfile.instructions.flatMap((instruction) => {
    const tree = sourcesOf(dockerfile, instruction, choice).find(
      (source) => source.kind === 'stage' || source.kind === 'image',
    );
    return tree ? [[instruction, tree as SourceTree] satisfies [Instruction, SourceTree]] : [];
  });
}

/** Whether any line of it copies from a stage or an image. */
export function hasTrees({ instructions }: Dockerfile): boolean {
  return instructions.some(
    ({ keyword, flags }) => keyword === 'COPY' && flags.some(({ name }) => name === 'from'),
  );
}

function keyOf(chain: LayerChain): string {
  return chain.join();
}

async function inTurns<T>(work: Generator<void, T>, signal: AbortSignal): Promise<T> {
  let started = performance.now();
  for (let step = work.next(); ; step = work.next()) {
    if (step.done) return step.value;
    if (performance.now() - started < sliceMs) continue;
    await setImmediate();
    if (signal.aborted) throw new StrataError('cancelled', 'Reading the layers was cancelled.');
    started = performance.now();
  }
}
