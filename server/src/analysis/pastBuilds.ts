// Records of builds as the forecast reads them: parsed, with what each line's step did. No judgement on the next build.
import type { BuilderIdentity, BuildRecord, BuildRules, BuildStep, RecordedBase } from '../build/model';
import { stageBases } from '../dockerfile/bases';
import type { Dockerfile } from '../dockerfile/model';
import { parseDockerfile } from '../dockerfile/parse';
import { shippedChain } from '../dockerfile/stageGraph';
import type { Vertex } from '../forecast/cacheGraph';
import type { PastBuild } from '../forecast/cacheHistory';
import type { StepOutcome } from '../forecast/cacheModel';
import { tieSteps } from '../mapping/lineSteps';
import { mapLayers } from '../mapping/mapLayers';

/** Oldest first, whatever the order of the records; of one build's platforms, the first of them last. */
export function pastBuilds(records: readonly BuildRecord[]): PastBuild[] {
  return [...records]
    .reverse()
    .sort((a, b) => Date.parse(a.started) - Date.parse(b.started))
    .map(pastBuild);
}

const records = new WeakMap<PastBuild, BuildRecord>();

/** The record that a build was read from; null for one that was not read here. */
export function recordOf(build: PastBuild): BuildRecord | null {
  return records.get(build) ?? null;
}

function pastBuild(record: BuildRecord): PastBuild {
  const { builder, choice, outcome } = record;
  const dockerfile = parseDockerfile(record.text);
  const isWhole = outcome === 'built';
  const { steps } = tieSteps(dockerfile, record.steps, builder.rules, choice, isWhole);
  const own = (instruction: number, part: Vertex['part']) =>
    (steps.get(instruction) ?? []).filter((step) => !step.onBuild && step.linkMerge === (part === 'merge'));
  const build: PastBuild = {
    dockerfile,
    choice,
    rules: builder.rules,
    cache: record.cache ? { ...record.cache, bases: withLayers(record, dockerfile) } : null,
    outcome: (instruction, part) => outcomeOf(own(instruction, part), isWhole, builder.rules),
    duration(instruction) {
      const ran = own(instruction, 'step').filter(({ cached, durationMs }) => !cached && durationMs !== null);
      return ran.length === 0 ? null : ran.reduce((total, { durationMs }) => total + durationMs!, 0);
    },
    triggered: new Set(
      dockerfile.stages.flatMap(({ index, from }) =>
        (steps.get(from) ?? []).some((step) => step.onBuild) ? [index] : [],
      ),
    ),
    store: storeOf(builder),
  };
  records.set(build, record);
  return build;
}

/** The bases, with the layers of the one that the image stands on. */
function withLayers(record: BuildRecord, dockerfile: Dockerfile): RecordedBase[] {
  const { image, choice, cache } = record;
  const bases = cache?.bases ?? [];
  const root = shippedChain(dockerfile, choice)[0];
  const stage = root === undefined ? undefined : dockerfile.stages[root];
  const base = root === undefined ? undefined : stageBases(dockerfile, choice)[root];
  if (!image || !stage || base?.kind !== 'image') return bases;
  const { baseLayers } = mapLayers(dockerfile, record, image, choice);
  const isStack = baseLayers.every((layer, at) => layer === at);
  const chain = isStack ? (image.layers[baseLayers.length - 1]?.chainId ?? null) : null;
  const platform = stage.platform ?? choice.platform ?? '';
  return bases.map((one) =>
    one.reference === base.reference && one.platform === platform ? { ...one, chain } : one,
  );
}

/** Equal for builders that share one cache. A record that travels with a project names no instance: it is of another. */
export function storeOf({ kind, rules, instance, driver }: BuilderIdentity): string {
  // The engine's own BuildKit is the same, whoever asks it.
  const engine = kind === 'docker' || driver === 'docker';
  return JSON.stringify(engine ? ['engine', rules] : [kind, rules, instance]);
}

/**
 * In a build that fails BuildKit calls cached, too, what lies below the step that failed and was never asked for
 * (solver/progress.go, vertexStream.append) [T: BuildKit 0.34].
 */
function outcomeOf(steps: readonly BuildStep[], isWhole: boolean, rules: BuildRules): StepOutcome {
  if (steps.length === 0) return isWhole ? 'unknown' : 'none';
  if (steps.every(({ cached }) => cached)) return isWhole || rules !== 'buildkit' ? 'hit' : 'passed';
  const isDone = steps.every(
    ({ cached, durationMs, error }) => error === null && (cached || durationMs !== null),
  );
  return isDone ? 'ran' : 'none';
}
