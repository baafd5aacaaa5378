// What each line of an edited Dockerfile took when it was last built: bytes of its layer, ms of its step. Lines are followed
// through the edit; one that is new has no past.
import type { BuildRecord } from '../build/model';
import type { Dockerfile } from '../dockerfile/model';
import type { LineCost } from '../forecast/cost';
import { carryForward } from '../mapping/carryForward';
import { sum } from '../primitives/sum';
import { knowledgeOfRecord } from './knowledge';

/** Builds that are asked: a line that came from the cache in all of them keeps its duration unknown. */
const mostBuilds = 8;

/** By instruction index. `records`: newest first. */
export function pastCosts(dockerfile: Dockerfile, records: readonly BuildRecord[]): LineCost[] {
  const costs: LineCost[] = dockerfile.instructions.map(() => ({ bytes: null, durationMs: null }));
  for (const record of records.slice(0, mostBuilds)) {
    const { built, mapping, image } = knowledgeOfRecord(record);
    if (!built || !mapping) continue;
    for (const [index, carried] of carryForward(built, dockerfile).entries()) {
      const line = carried.from === null ? undefined : mapping.lines[carried.from];
      const cost = costs[index];
      if (!line || !cost) continue;
      cost.durationMs ??= line.durationMs;
      if (cost.bytes !== null || !image || line.layers.length === 0) continue;
      cost.bytes = sum(line.layers.map((layer) => image.layers[layer]?.unpackedBytes ?? null));
    }
  }
  return costs;
}
