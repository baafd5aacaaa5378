// Who spent an image's bytes: each line that wrote layers, the base image as one, and the layers that are tied to no line.
// Decides on which line a budget of the whole image is shown; not whether it is exceeded (budgets.ts).
import { formatBytes, type Units } from '../primitives/bytes';
import { sum } from '../primitives/sum';

export interface BudgetLayer {
  index: number;
  unpackedBytes: number | null;
  wastedBytes: number | null;
}

/** What budgets need of an analysis; an `Analysis` is one. */
export interface BudgetSubject {
  image: object | null;
  stages: readonly {
    index: number;
    name: string | null;
    shipped: boolean;
    base: { kind: string };
    /** FROM first. */
    instructions: readonly {
      index: number;
      line: number;
      standing: 'measured' | 'stale' | 'new' | 'none';
      layers: readonly BudgetLayer[];
      /** Of a line edited since the build: what it had. */
      before: readonly BudgetLayer[];
    }[];
  }[];
  baseLayers: readonly BudgetLayer[];
  unmapped: readonly { layer: BudgetLayer }[];
  totals: {
    layers: number;
    unpackedBytes: number | null;
    wastedBytes: number | null;
    efficiency: number | null;
  };
}

export interface Spender {
  /** `line`: as it stands. `edited`: changed since the build, so it is blamed for nothing of its own. */
  kind: 'line' | 'edited' | 'base' | 'untied';
  /** Index of the instruction: of the base, its FROM; undefined where nothing is known. */
  instruction: number | undefined;
  /** 1-based. */
  line: number | null;
  stage: number | null;
  layers: readonly BudgetLayer[];
}

export function spendersOf(subject: BudgetSubject): Spender[] {
  const spenders: Spender[] = [];
  for (const stage of subject.stages) {
    for (const { index, line, standing, layers, before } of stage.instructions) {
      const edited = standing === 'stale' && layers.length === 0;
      const own = edited ? before : layers;
      if (own.length === 0) continue;
      const kind = edited ? 'edited' : 'line';
      spenders.push({ kind, instruction: index, line, stage: stage.index, layers: own });
    }
  }
  if (subject.baseLayers.length > 0) {
    const root = subject.stages.find(({ shipped }) => shipped);
    const from = root?.instructions[0];
    const line = from?.line ?? null;
    const stage = root?.index ?? null;
    spenders.push({ kind: 'base', instruction: from?.index, line, stage, layers: subject.baseLayers });
  }
  const untied = subject.unmapped.map(({ layer }) => layer);
  if (untied.length > 0) {
    spenders.push({ kind: 'untied', instruction: undefined, line: null, stage: null, layers: untied });
  }
  return spenders;
}

/** The line that spent most, and a clause that names up to three; no words when nothing was spent. */
export function topSpenders(
  spenders: readonly Spender[],
  by: 'unpackedBytes' | 'wastedBytes',
  units: Units,
): { instruction: number | undefined; words: string } {
  const spent = spenders
    .map((spender) => ({
      spender,
      bytes: spender.layers.reduce((bytes, layer) => bytes + (layer[by] ?? 0), 0),
    }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes || (a.spender.line ?? 0) - (b.spender.line ?? 0));
  const names = spent
    .slice(0, 3)
    .map(({ spender, bytes }) => `${nameOf(spender)} ${formatBytes(bytes, units)}`);
  return {
    instruction: spent[0]?.spender.instruction,
    words: names.length > 0 ? `most: ${names.join(', ')}` : '',
  };
}

/**
 * As dive's highestUserWastedPercent: all that is wasted, by what lies above the base image. Where the base is not known
 * it is the first layer, as dive always has it (dive/image/analysis.go).
 */
export function wastedShare(subject: BudgetSubject, spenders: readonly Spender[]): number | null {
  const wasted = subject.totals.wastedBytes;
  const all = spenders.flatMap(({ kind, layers }) => layers.map((layer) => ({ ...layer, kind })));
  const scratch = subject.stages.find((stage) => stage.shipped)?.base.kind === 'scratch';
  const isBase = (layer: { kind: string; index: number }) =>
    subject.baseLayers.length > 0 ? layer.kind === 'base' : !scratch && layer.index === 0;
  const own = all.filter((layer) => !isBase(layer)).map(({ unpackedBytes }) => unpackedBytes);
  const bytes = sum(own);
  if (wasted === null || bytes === null) return null;
  return wasted === 0 || own.length === 0 ? 0 : wasted / bytes;
}

function nameOf({ kind, line, layers }: Spender): string {
  if (kind === 'base') return 'the base image';
  if (kind === 'untied') return layers.length === 1 ? 'a layer of no known line' : 'layers of no known line';
  return `line ${line}`;
}
