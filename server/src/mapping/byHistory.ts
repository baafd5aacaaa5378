// Ties layers to lines by the history in the image's config: its entries are aligned with the instructions from the end,
// by their texts, and each entry that is not empty stands for one layer. Counting alone ties nothing.
import type { BuildRules } from '../build/model';
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import { alignFromEnd } from './alignment';
import type { Chain, ChainItem } from './chain';
import { entryFits } from './historyText';
import { historyTexts } from './historyTexts';
import type { Fit } from './textPattern';
import { type MappedImage, noTies, type Tie, type Ties } from './ties';

export interface HistoryTask {
  dockerfile: Dockerfile;
  chain: Chain;
  choice: BuildChoice;
  rules: BuildRules;
  image: MappedImage;
  /** The text is the one that was built. Without, lines may have come and gone since. */
  isExact: boolean;
  /** How many entries, or layers, of the root base's ONBUILD triggers lie below the first line; null when unknown. */
  triggers: { count: number; of: 'entries' | 'layers' } | null;
}

export interface HistoryTies extends Ties {
  /** Whether the entry of a layer can be that of an item of the chain; `maybe` when the history does not tell. */
  fits(item: number, layer: number): Fit;
  /** All lines were aligned. */
  isWhole: boolean;
}

export function tieByHistory(task: HistoryTask): HistoryTies {
  const { dockerfile, chain, choice, rules, image, isExact } = task;
  const texts = historyTexts(dockerfile, chain, choice, rules);
  const { history } = image;
  const layerOf = layersOfEntries(image, isExact);
  const entryOf = new Map(
    layerOf?.flatMap((layer, entry) => (layer === null ? [] : [[layer, entry] as const])),
  );
  const fits = (item: number, layer: number): Fit => {
    const entry = entryOf.get(layer);
    return entry === undefined ? 'maybe' : entryFits(history[entry]!, texts[item]!, rules);
  };
  const nothing: HistoryTies = { ...noTies, fits, isWhole: false };
  if (history.length === 0) return { ...nothing, why: 'The image has no history.' };
  if (!layerOf) return { ...nothing, why: countsDiffer(image) };
  if (isSquashed(image)) {
    return {
      ...nothing,
      base: image.layers.length - 1,
      why: 'The build was squashed: one layer holds the work of all lines.',
    };
  }

  const places = chain.items.flatMap(({ emission }, at) => (emission.history ? [at] : []));
  const items = places.map((at) => chain.items[at]!);
  const { pairs, isWhole, why } = alignFromEnd({
    expected: items.length,
    found: history.length,
    compare: (one, entry) => {
      const told = history[entry]!;
      return mayBe(items[one]!, told.emptyLayer, rules) ? entryFits(told, texts[places[one]!]!, rules) : 'no';
    },
    fromStart: chain.root?.base.kind === 'scratch',
    extra: rules === 'buildkit' ? 0 : labelsAtEnd(image),
  });
  if (!isExact) dropOpenTop(items, pairs);
  const evidence = pairs.map((entry): Tie['evidence'] => (entry === null ? 'none' : 'history'));
  if (!isWhole && isExact) fillBetween(items, pairs, evidence, task);
  if (isMerged(items, pairs, task)) {
    return {
      ...nothing,
      why: 'Built without a layer for each line: one layer holds the work of all lines of a stage.',
    };
  }

  const lines = new Map<number, Tie>();
  items.forEach((item, one) => {
    const entry = pairs[one] ?? null;
    if (entry === null) return;
    const layer = layerOf[entry] ?? null;
    const before = lines.get(item.line)?.layers ?? [];
    const unchanged = layer === null && item.emission.layer === 'by-result';
    lines.set(item.line, {
      layers: layer === null ? before : [...before, layer],
      evidence: evidence[one]!,
      note: unchanged ? 'It changed no file, and the classic builder makes no layer then.' : null,
    });
  });
  const first = pairs[0] ?? null;
  // Where lines may have gone since, what lies below the first may be theirs.
  if (items.length > 0 && (first === null || !(isWhole || isExact))) return { ...nothing, lines, why };
  const below = first ?? history.length;
  let base = layerOf.slice(0, below).filter((layer) => layer !== null).length;
  const triggers = triggersBelow(task, layerOf.slice(0, below));
  if (triggers.length > 0 && chain.root) {
    lines.set(chain.root.stage.from, { layers: triggers, evidence: 'history', note: null });
    base -= triggers.length;
  }
  return { lines, base, why, fits, isWhole };
}

/**
 * For each entry its layer; null for an empty one. Null as a whole if the counts differ, unless the image is of this
 * very build: then what is missing is missing in the base (BuildKit repairs the counts only when it exports:
 * exporter/containerimage/writer.go, normalizeLayersAndHistory).
 */
function layersOfEntries({ history, layers }: MappedImage, isExact: boolean): (number | null)[] | null {
  const told = history.filter(({ emptyLayer }) => !emptyLayer).length;
  if (told > layers.length || (told < layers.length && !isExact)) return null;
  let next = layers.length - told;
  return history.map(({ emptyLayer }) => (emptyLayer ? null : next++));
}

function countsDiffer({ history, layers }: MappedImage): string {
  const told = history.filter(({ emptyLayer }) => !emptyLayer).length;
  return `The history tells of ${told} layers, the image has ${layers.length}.`;
}

/** Each `--label` of the command line adds an entry at the end; not with BuildKit. Lines may have written some of them. */
function labelsAtEnd({ history }: MappedImage): number {
  const last = history.findLastIndex(({ createdBy }) => !/#\(nop\) +LABEL /.test(createdBy));
  return history.length - 1 - last;
}

/** `docker build --squash` (moby daemon/images/image_squash.go) empties all entries and adds one of its own. */
function isSquashed({ history }: MappedImage): boolean {
  const { createdBy, comment } = history.at(-1)!;
  return createdBy === '' && /^(?:merge sha256:|create new from )/.test(comment);
}

/** Buildah commits a stage as one layer with --layers=false; which entries are empty says nothing of the lines then. */
function mayBe({ emission }: ChainItem, isEmpty: boolean, rules: BuildRules): boolean {
  if (rules === 'buildah' || emission.layer === 'by-result' || emission.layer === 'unknown') return true;
  return isEmpty === (emission.layer === 'never');
}

function isMerged(items: ChainItem[], pairs: (number | null)[], { rules, image }: HistoryTask): boolean {
  return (
    rules === 'buildah' &&
    items.some(({ emission }, at) => {
      const entry = image.history[pairs[at] ?? -1];
      return (
        entry !== undefined &&
        emission.layer !== 'unknown' &&
        entry.emptyLayer !== (emission.layer === 'never')
      );
    })
  );
}

/**
 * A WORKDIR on a path that the text does not tell fits any WORKDIR. Above the first line that fits for what it is, it may
 * have been written since, and its entry may be the base's.
 */
function dropOpenTop(items: ChainItem[], pairs: (number | null)[]) {
  const isOpen = ({ workdir }: ChainItem) => workdir?.path.every((part) => part === null) ?? false;
  for (let at = 0; at < items.length && isOpen(items[at]!); at++) pairs[at] = null;
}

/**
 * Lines whose text is not as expected, between lines that are: as many entries as lines are those of the lines. Only for
 * the text that was built, in which no line can have come or gone.
 */
function fillBetween(
  items: ChainItem[],
  pairs: (number | null)[],
  evidence: Tie['evidence'][],
  { image: { history }, rules }: HistoryTask,
) {
  let entry = history.length;
  let at = items.length;
  for (let known = items.length - 1; known >= 0; known--) {
    const partner = pairs[known] ?? null;
    if (partner === null) continue;
    const gap = at - known - 1;
    if (gap > 0 && entry - partner - 1 === gap) {
      const fitting = Array.from({ length: gap }, (_, i) => i + 1).every((step) =>
        mayBe(items[known + step]!, history[partner + step]!.emptyLayer, rules),
      );
      for (let step = 1; fitting && step <= gap; step++) {
        pairs[known + step] = partner + step;
        evidence[known + step] = 'order';
      }
    }
    at = known;
    entry = partner;
  }
}

/** The layers of the root base's triggers: the entries, or as many layers, directly below the first line. */
function triggersBelow({ triggers }: HistoryTask, below: (number | null)[]): number[] {
  if (!triggers || triggers.count === 0) return [];
  const layers = (triggers.of === 'entries' ? below.slice(-triggers.count) : below).flatMap(
    (layer) => layer ?? [],
  );
  return triggers.of === 'entries' ? layers : layers.slice(-triggers.count);
}
