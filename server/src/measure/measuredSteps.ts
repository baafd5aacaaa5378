// Sizes of steps as recorded builds measured them, by the keys of forecast/stageChains.ts: a step has a size only where the
// very step was built. A base is the one that its name stood for then.
import type { BuildRecord } from '../build/model';
import { parseDockerfile } from '../dockerfile/parse';
import { shippedChain } from '../dockerfile/stageGraph';
import { readArguments } from '../forecast/builderArguments';
import { type Keys, stageChains } from '../forecast/stageChains';
import { mapLayers } from '../mapping/mapLayers';
import { recordedContext } from './buildPlan';

export interface StepSize {
  /** Unpacked. */
  bytes: number;
  /** The build that measured it: absolute path of its Dockerfile, and when it began (ISO 8601). */
  dockerfile: string;
  started: string;
}

/** Where several builds measured a step, the newest one counts. Pure; never throws. */
export function measuredSteps(
  builds: readonly { file: string; record: BuildRecord }[],
  keys: Keys,
): Map<number, StepSize> {
  const sizes = new Map<number, StepSize>();
  const oldestFirst = builds.toSorted((a, b) => Date.parse(a.record.started) - Date.parse(b.record.started));
  for (const { file, record } of oldestFirst) {
    const { image, choice, text, started, cache, note } = record;
    // What must be known beside a record's figures (a base that was replaced) cannot be said beside each of these.
    if (!image || note !== null) continue;
    const dockerfile = parseDockerfile(text);
    const { lines, baseLayers } = mapLayers(dockerfile, record, image, choice);
    const contents = new Map(
      cache?.contents.map(({ instruction, key }) => [instruction, { key, parts: null }]),
    );
    const { chains } = stageChains(
      [
        {
          name: `${file} ${record.id}`,
          dockerfile,
          choice,
          context: recordedContext(file, record),
          contentOf: (instruction) => contents.get(instruction) ?? null,
          named: readArguments(cache?.extraArguments ?? []).folders,
        },
      ],
      keys,
    );
    const put = (key: number, layers: readonly number[]) => {
      const all = layers.map((layer) => image.layers[layer]?.unpackedBytes ?? null);
      if (all.length === 0 || all.includes(null)) return;
      const bytes = all.reduce<number>((sum, one) => sum + one!, 0);
      sizes.set(key, { bytes, dockerfile: file, started });
    };
    const target = chains.find(({ stage }) => stage === shippedChain(dockerfile, choice).at(-1));
    if (!target) continue;
    if (target.base.kind === 'image') put(target.base.key, baseLayers);
    for (const { key, instruction, doubt } of target.steps) {
      if (doubt === null) put(key, lines[instruction]?.layers ?? []);
    }
  }
  return sizes;
}
