// Builds that real builders made, as test/live/mapping.test.ts recorded them in test/fixtures/mapping.
import type { KnownBuild } from '../../live/mapping/evidence';
import { readFixture } from '../../support/fixtures';

/** All of one builder. */
export function recordedBuilds(builder: string): KnownBuild[] {
  return readFixture(`mapping/${builder}.jsonl`)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as KnownBuild);
}

export function recordedBuild(builder: string, name: string): KnownBuild {
  return recordedBuilds(builder).find((build) => build.name === name)!;
}
