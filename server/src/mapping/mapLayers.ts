// Ties an image's layers and a build's cache facts to the lines of the text that was built: gathers what each source of
// evidence says and merges it. Decides itself only what a record proves of an image; never counts history onto lines.
import type { BuildRecord, BuildRules, BuildStep } from '../build/model';
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import { reachableStages } from '../dockerfile/stageGraph';
import type { HistoryEntry } from '../image/model';
import { type HistoryTies, tieByHistory } from './byHistory';
import { tieByProvenance } from './byProvenance';
import { tieByStepImages } from './byStepImages';
import { tieBySteps } from './bySteps';
import { cacheFacts } from './cacheFacts';
import { type Chain, chainOf } from './chain';
import { firedChain } from './firedChain';
import { rulesOfHistory } from './historyText';
import { type LineSteps, noSteps, tieSteps } from './lineSteps';
import { mergeTies } from './mergeTies';
import type { Mapping } from './model';
import { joinProvenance, type ProvenanceSteps } from './provenanceSteps';
import { whyOpen } from './stageSteps';
import { type MappedImage, noTies, type Tie, type Ties } from './ties';
import { unshippedSizes } from './unshippedSizes';

/**
 * @param dockerfile the text that was built, parsed
 * @param record the build; null to tie an image by its history alone
 * @param image null when the build left none that is known: then only cache facts and errors are told
 *
 * Pure; never throws. Without a record the image is read as built from this text: whether lines directly below FROM
 * were taken out since, or triggers of the base fired, its history cannot tell; their layers count as the base's.
 */
export function mapLayers(
  dockerfile: Dockerfile,
  record: BuildRecord | null,
  image: { history: HistoryEntry[]; layers: MappedImage['layers'] } | null,
  choice: BuildChoice,
): Mapping {
  const rules = record ? record.builder.rules : rulesFor(dockerfile, image, choice);
  const isComplete = record?.outcome === 'built';
  const steps: LineSteps = record ? tieSteps(dockerfile, record.steps, rules, choice, isComplete) : noSteps;
  const joined = record?.provenance ? joinProvenance(dockerfile, record.provenance) : null;
  const byLine = stepsByLine(record, joined, steps);
  const without = stepless(dockerfile, steps, byLine);
  const open = (stage: number) => whyOpen(steps.stages.get(stage));
  const facts = cacheFacts(dockerfile, record, byLine, without, choice, open);
  const chain = firedChain(chainOf(dockerfile, choice, rules), rules, steps, (part) =>
    image ? historyFits(dockerfile, part, image, choice, rules) : false,
  );
  const merged = image ? tieImage({ dockerfile, record, image, choice, rules, chain, steps, joined }) : null;

  const makers = new Set(
    chain.items.filter(({ emission }) => emission.layer !== 'never').map(({ line }) => line),
  );
  const reachable = reachableStages(dockerfile, choice);
  const unshipped =
    record && isComplete ? unshippedSizes(dockerfile, joined, choice, rules, steps.steps) : noUnshipped;
  return {
    lines: dockerfile.instructions.map((instruction, index) => {
      const { cache, durationMs, error, why } = facts[index]!;
      const tie = merged?.lines.get(index);
      const unknown = merged && !tie && makers.has(index) ? merged.why : null;
      const notShipped =
        image &&
        !tie &&
        isMaker(instruction.keyword) &&
        !makers.has(index) &&
        !isShipped(chain, instruction.stage);
      return {
        instruction: index,
        layers: tie?.layers ?? [],
        evidence: tie?.evidence ?? 'none',
        why:
          tie?.note ??
          unknown ??
          why ??
          (notShipped && reachable.has(instruction.stage ?? -1)
            ? (unshipped.get(index)?.why ?? 'Its stage is not in the image, only what is copied from it.')
            : null),
        cache,
        durationMs,
        error,
        ...(unshipped.has(index) ? { unshipped: unshipped.get(index) } : {}),
      };
    }),
    baseLayers: merged?.baseLayers ?? [],
    unmapped: merged?.unmapped ?? [],
    disagreements: merged?.disagreements ?? [],
  };
}

const noUnshipped: ReturnType<typeof unshippedSizes> = new Map();

/** How many lines could have come from the cache in that build, as far as it told, and how many did. */
export function cacheTotals(mapping: Mapping): { cacheable: number; cached: number } {
  const count = (cache: string) => mapping.lines.filter((line) => line.cache === cache).length;
  return { cacheable: count('hit') + count('miss'), cached: count('hit') };
}

interface Task {
  dockerfile: Dockerfile;
  record: BuildRecord | null;
  image: MappedImage;
  choice: BuildChoice;
  rules: BuildRules;
  chain: Chain;
  steps: LineSteps;
  /** Of the record; null without a provenance of this text. */
  joined: ProvenanceSteps | null;
}

function tieImage({ dockerfile, record, image, choice, rules, chain, steps, joined }: Task) {
  const notes: string[] = [];
  const recorded = record?.image?.layers.map(({ diffId }) => diffId) ?? null;
  const isRecorded = recorded !== null && recorded.join() === image.layers.map(({ diffId }) => diffId).join();
  const isOther = recorded !== null && !isRecorded;
  if (isOther)
    notes.push('The image is not the one that the recorded build made: lines are tied by its history alone.');
  const usable = isOther ? null : record;
  const history = tieByHistory({
    dockerfile,
    chain,
    choice,
    rules,
    image,
    isExact: usable !== null,
    triggers: usable ? triggersOf(chain, steps) : null,
  });
  const byProvenance =
    usable?.provenance && rules === 'buildkit' ? tieByProvenance(joined, chain, image, isRecorded) : noTies;
  const bySteps = !usable
    ? noTies
    : rules === 'buildkit'
      ? agreeing(dockerfile, chain, tieBySteps(dockerfile, chain, steps, image), history, notes)
      : tieByStepImages(dockerfile, chain, steps.steps, image, rules);
  return mergeTies(dockerfile, chain, image, [byProvenance, bySteps, history], notes);
}

/** What the steps say of a line counts only where the history does not name another instruction for that layer. */
function agreeing(
  dockerfile: Dockerfile,
  chain: Chain,
  ties: Ties,
  history: HistoryTies,
  notes: string[],
): Ties {
  const against: number[] = [];
  let compared = 0;
  chain.items.forEach(({ line, isTrigger }, item) => {
    const layer = isTrigger ? undefined : ties.lines.get(line)?.layers[0];
    if (layer === undefined) return;
    compared++;
    if (history.fits(item, layer) === 'no') against.push(line);
  });
  if (against.length === 0) return ties;
  const numbers = against.map((line) => dockerfile.instructions[line]!.line);
  notes.push(
    `The builder's steps and the image's history name different instructions for the layer of line ${numbers.join(', ')}; the steps were not followed there.`,
  );
  if (against.length * 2 > compared)
    return { ...noTies, why: "The builder's steps do not fit the history of the image." };
  const lines = new Map<number, Tie>(ties.lines);
  for (const line of against) lines.delete(line);
  return { ...ties, lines };
}

/** How much the ONBUILD triggers of the root's base left below the first line, as the builder told. */
function triggersOf(
  { root }: Chain,
  { steps, stages, fired }: LineSteps,
): { count: number; of: 'entries' | 'layers' } | null {
  if (!root) return null;
  const entries = fired.get(root.stage.index);
  if (entries !== undefined) return { count: entries, of: 'entries' };
  const told = stages.get(root.stage.index)?.triggers;
  if (told != null) return { count: told, of: 'layers' };
  const name = steps.get(root.stage.from)?.find((step) => step.onBuild && step.number === null)?.name ?? '';
  const count = /^# Executing (\d+) build trigger/.exec(name)?.[1];
  return count === undefined ? null : { count: Number(count), of: 'entries' };
}

/**
 * The steps of each line: by the digests that the provenance ties to it, else by stage and number. The latter name more
 * where they agree: a download of ADD has no place in the provenance.
 */
function stepsByLine(
  record: BuildRecord | null,
  joined: ProvenanceSteps | null,
  tied: LineSteps,
): Map<number, BuildStep[]> {
  if (!record || !joined) return tied.steps;
  const byDigest = new Map(
    record.steps.flatMap((step) => (step.digest === null ? [] : [[step.digest, step] as const])),
  );
  const found = new Map(tied.steps);
  for (const [line, steps] of joined.byLine) {
    const own = steps.flatMap(({ digest }) => (digest === null ? [] : (byDigest.get(digest) ?? [])));
    const numbered = new Set(found.get(line));
    if (own.length > 0 && !own.every((step) => numbered.has(step))) found.set(line, own);
  }
  return found;
}

/** WORKDIRs that turned out to be on `/`: the steps of their stage are known, and none is theirs. */
function stepless(
  { instructions }: Dockerfile,
  { stages }: LineSteps,
  byLine: ReadonlyMap<number, readonly BuildStep[]>,
): Set<number> {
  const found = instructions.filter(({ index, keyword, stage }) => {
    const numbered = stages.get(stage ?? -1)?.numbered;
    return (
      keyword === 'WORKDIR' && numbered && !byLine.has(index) && !numbered.some((one) => one.index === index)
    );
  });
  return new Set(found.map(({ index }) => index));
}

/** Without a record the history tells who built; failing that, the builder whose texts fit as a whole. */
function rulesFor(dockerfile: Dockerfile, image: MappedImage | null, choice: BuildChoice): BuildRules {
  const told = image && rulesOfHistory(image.history);
  if (!image || told) return told ?? 'buildkit';
  const fitting = (['buildkit', 'classic', 'buildah'] as const).filter((rules) => {
    return historyFits(dockerfile, chainOf(dockerfile, choice, rules), image, choice, rules);
  });
  return fitting.length === 1 ? fitting[0]! : 'buildkit';
}

function historyFits(
  dockerfile: Dockerfile,
  chain: Chain,
  image: MappedImage,
  choice: BuildChoice,
  rules: BuildRules,
): boolean {
  return tieByHistory({ dockerfile, chain, choice, rules, image, isExact: false, triggers: null }).isWhole;
}

function isShipped(chain: Chain, stage: number | null): boolean {
  return stage !== null && chain.stages.includes(stage);
}

function isMaker(keyword: string): boolean {
  return keyword === 'RUN' || keyword === 'COPY' || keyword === 'ADD' || keyword === 'WORKDIR';
}
