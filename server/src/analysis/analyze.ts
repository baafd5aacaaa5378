// The one door between the core and its shells: a Dockerfile and what is known of its builds become an Analysis.
// Pure and quick enough for each keystroke; never throws on any text.
import type { BashParser } from '../dockerfile/bash';
import type { BuildChoice, Dockerfile, Instruction, Stage } from '../dockerfile/model';
import { defaultChoice } from '../dockerfile/model';
import { parseDockerfile } from '../dockerfile/parse';
import { reachableStages, shippedChain } from '../dockerfile/stageGraph';
import type { LineForecast } from '../forecast/cache';
import type { CacheHistory } from '../forecast/cacheHistory';
import { type ForecastTotals, forecastTotals } from '../forecast/cost';
import { predictSize } from '../forecast/sizes';
import type { ContextFacts } from '../forecast/takes';
import { effectOf } from '../forecast/whichLayers';
import type { MeasuredImage } from '../image/model';
import { type CarriedLine, carryForward } from '../mapping/carryForward';
import { cacheTotals } from '../mapping/mapLayers';
import { sum } from '../primitives/sum';
import { runRules } from '../rules/rule';
import { type ForecastInputs, forecastLines } from './forecastInputs';
import type { Knowledge } from './knowledge';
import { nothingKnown } from './knowledge';
import { viewLayer, viewTotals } from './layerViews';
import type { Analysis, ForecastView, InstructionView, LayerView, StageView } from './model';
import { pastLines } from './pastLines';
import { ruleContext } from './ruleContext';

export interface AnalyzeOptions {
  /** Shown as `dockerfile` in the result. */
  name?: string;
  choice?: BuildChoice;
  /** Rules that are switched off. */
  rulesOff?: ReadonlySet<string>;
  /** Reads RUN text as shell; without it a simpler reader serves, and fewer merges are found. */
  shell?: BashParser | null;
  /** Without it, nothing is said of the next build's cache. */
  forecast?: ForecastInputs | null;
  /** The recorded builds, for rules that speak of several; those of the forecast when it is absent. */
  history?: CacheHistory | null;
}

/** Analyses a text. For a document that is asked about often, parse once and call `analyzeParsed`. */
export function analyze(
  text: string,
  knowledge: Knowledge = nothingKnown,
  options: AnalyzeOptions = {},
): Analysis {
  return analyzeParsed(parseDockerfile(text), knowledge, options);
}

/** The same on a parsed Dockerfile. */
export function analyzeParsed(
  dockerfile: Dockerfile,
  knowledge: Knowledge = nothingKnown,
  options: AnalyzeOptions = {},
): Analysis {
  const choice = options.choice ?? knowledge.record?.choice ?? defaultChoice;
  const chain = shippedChain(dockerfile, choice);
  const reachable = reachableStages(dockerfile, choice);
  const carried = knowledge.built && knowledge.mapping ? carryForward(knowledge.built, dockerfile) : [];
  const forecast = options.forecast ?? null;
  const next = forecast ? forecastLines(dockerfile, choice, forecast) : [];
  const files = forecast?.files ?? null;
  const look: Look = { dockerfile, knowledge, choice, carried, image: knowledge.image, next, files };
  const stages = dockerfile.stages.map((stage) => viewStage(look, stage, chain, reachable));
  const image = knowledge.image;
  const context = ruleContext(dockerfile, choice, knowledge, carried);
  const history = options.history ?? forecast?.history ?? null;
  const found = runRules({
    ...context,
    ...pastLines(dockerfile, choice, history, knowledge.built, carried),
    context: files?.snapshot ?? null,
    shell: options.shell ?? null,
    off: options.rulesOff ?? new Set(),
  });
  const explained = new Set(found.flatMap((finding) => finding.explains ?? []));
  return {
    schema: 1,
    dockerfile: options.name ?? 'Dockerfile',
    image: image && {
      reference: image.reference,
      id: image.id,
      platform: image.platform,
      layers: image.layers.length,
      unpackedBytes: sum(image.layers.map((layer) => layer.unpackedBytes)),
      compressedBytes: sum(image.layers.map((layer) => layer.compressedBytes)),
    },
    build: viewBuild(knowledge),
    stages,
    baseLayers: (knowledge.mapping?.baseLayers ?? []).flatMap((index) => viewLayer(image, index)),
    next: forecast && forecast.history.builds > 0 ? nextBuild(look, stages) : null,
    unmapped: (knowledge.mapping?.unmapped ?? []).flatMap(({ layer, why }) =>
      viewLayer(image, layer).map((view) => ({ layer: view, why })),
    ),
    totals: viewTotals(image),
    findings: found.map(({ explains: _, ...finding }) => finding),
    problems: [
      ...dockerfile.problems.filter((problem) => problem.line === null || !explained.has(problem.line)),
      ...(image?.problems ?? []).map((message) => ({ line: null, message })),
      ...(knowledge.mapping?.disagreements ?? []).map((message) => ({ line: null, message })),
    ],
  };
}

interface Look {
  dockerfile: Dockerfile;
  knowledge: Knowledge;
  choice: BuildChoice;
  carried: CarriedLine[];
  image: MeasuredImage | null;
  /** What the next build will do, by instruction; empty when nothing was asked of it. */
  next: readonly (LineForecast | null)[];
  files: ContextFacts | null;
}

function viewStage(look: Look, stage: Stage, chain: number[], reachable: ReadonlySet<number>): StageView {
  const instructions = [stage.from, ...stage.instructions].map((index) =>
    viewInstruction(look, look.dockerfile.instructions[index]!),
  );
  const { base } = stage;
  const shippedBase = chain[0] === stage.index && base.kind === 'image' && standsMeasured(instructions[0]);
  const baseLayers = shippedBase ? look.knowledge.mapping?.baseLayers : undefined;
  const layers = baseLayers?.flatMap((index) => viewLayer(look.image, index));
  return {
    index: stage.index,
    name: stage.name,
    line: stage.line,
    endLine: stage.endLine,
    shipped: chain.includes(stage.index),
    reachable: reachable.has(stage.index),
    base: {
      kind: base.kind,
      reference: baseReference(look.dockerfile, stage),
      layers: layers && layers.length > 0 ? layers.length : base.kind === 'scratch' ? 0 : null,
      unpackedBytes:
        base.kind === 'scratch'
          ? 0
          : layers && layers.length > 0
            ? sum(layers.map((layer) => layer.unpackedBytes))
            : null,
    },
    instructions,
  };
}

function standsMeasured(from: InstructionView | undefined): boolean {
  return from?.standing === 'measured';
}

function baseReference(dockerfile: Dockerfile, stage: Stage): string | null {
  switch (stage.base.kind) {
    case 'image':
      return stage.base.reference;
    case 'stage':
      return dockerfile.stages[stage.base.stage]?.name ?? String(stage.base.stage);
    case 'unknown':
      return stage.base.text || null;
    default:
      return null;
  }
}

function viewInstruction(look: Look, instruction: Instruction): InstructionView {
  const { dockerfile, knowledge, choice } = look;
  const carried = look.carried[instruction.index];
  const facts = carried?.from == null ? null : (knowledge.mapping?.lines[carried.from] ?? null);
  const measured = carried?.state === 'same' ? facts : null;
  const standing = !carried ? 'none' : carried.state === 'same' ? 'measured' : carried.state;
  const layers = measured ? measured.layers.flatMap((i) => viewLayer(look.image, i)) : [];
  const earlier = standing === 'stale' && facts ? facts.layers.flatMap((i) => viewLayer(look.image, i)) : [];
  return {
    index: instruction.index,
    line: instruction.line,
    endLine: instruction.endLine,
    keyword: instruction.keyword,
    text: instruction.text,
    effect: effectOf(dockerfile, instruction, knowledge.rules, choice),
    forecast: viewForecast(look, instruction, carried, measured ? layers : earlier),
    layers,
    cache: measured?.cache ?? 'unknown',
    durationMs: measured?.durationMs ?? null,
    evidence: measured?.evidence ?? 'none',
    standing,
    dependsOn: standing === 'stale' ? (carried?.dependsOn ?? null) : null,
    before: earlier,
    why: carried && carried.state !== 'same' ? carried.because : (measured?.why ?? null),
    error: measured?.error ?? null,
    unshipped: measured?.unshipped ?? null,
  };
}

/** How big, from the context as it is now or else as measured before; and whether the cache will have it. */
function viewForecast(
  look: Look,
  instruction: Instruction,
  carried: CarriedLine | undefined,
  before: readonly LayerView[],
): ForecastView {
  const next = look.next[instruction.index] ?? null;
  const future = {
    cache: next?.cache ?? ('unknown' as const),
    because: next ? next.because : (carried?.because ?? ''),
    cause: next?.cause ?? null,
  };
  const size = predictSize(look.dockerfile, instruction, look.choice, look.files);
  const bounds = { least: size.least, most: size.most, sizeWhy: size.why };
  if (size.certainty === 'exact') return { bytes: size.bytes, certainty: 'exact', ...bounds, ...future };
  const bytes = before.length > 0 ? sum(before.map((layer) => layer.unpackedBytes)) : null;
  return { bytes, certainty: bytes === null ? 'unknown' : 'measured-before', ...bounds, ...future };
}

/** What the next build will do and cost, as far as the lines were measured. */
function nextBuild({ next, knowledge, carried }: Look, stages: readonly StageView[]): ForecastTotals {
  const lines = new Map(stages.flatMap(({ instructions }) => instructions.map((view) => [view.index, view])));
  const costs = next.map((_, index) => {
    const from = carried[index]?.from ?? null;
    const facts = from === null ? null : (knowledge.mapping?.lines[from] ?? null);
    return { bytes: lines.get(index)?.forecast.bytes ?? null, durationMs: facts?.durationMs ?? null };
  });
  return forecastTotals(next, costs);
}

function viewBuild({ record, mapping }: Knowledge): Analysis['build'] {
  if (!record || !mapping) return null;
  const { cacheable, cached } = cacheTotals(mapping);
  return {
    builder: [record.builder.kind, record.builder.version].filter(Boolean).join(' '),
    started: record.started,
    durationMs: record.durationMs,
    cacheableSteps: cacheable,
    cachedSteps: cached,
    outcome: record.outcome,
    platform: record.choice.platform,
    note: record.note,
  };
}
