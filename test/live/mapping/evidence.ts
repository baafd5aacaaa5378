// What a build told and what its layers really hold, and the one check of the mapping against it: with all evidence,
// and with each source of it alone. Used on real builds, and on recorded ones of them (test/fixtures/mapping).
import assert from 'node:assert/strict';
import type { BuildRecord, BuildRules } from '../../../server/src/build/model';
import type { BuildChoice } from '../../../server/src/dockerfile/model';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import type { HistoryEntry } from '../../../server/src/image/model';
import { mapLayers } from '../../../server/src/mapping/mapLayers';
import type { Mapping } from '../../../server/src/mapping/model';
import type { Digest } from '../../../server/src/primitives/digest';

export interface KnownBuild {
  name: string;
  text: string;
  choice: BuildChoice;
  rules: BuildRules;
  steps: BuildRecord['steps'];
  provenance: BuildRecord['provenance'];
  history: HistoryEntry[];
  layers: { index: number; diffId: Digest; blobDigest: Digest | null }[];
  baseLayers: number;
  /** By instruction the layers that it made, read from the layers themselves. */
  truth: number[][];
  /** Instructions that this source alone may leave unknown. */
  stepsLeave: number[];
  historyLeaves: number[];
}

export function recordOf(build: KnownBuild): BuildRecord {
  const { text, choice, rules, steps, provenance, history, layers } = build;
  return {
    schema: 1,
    id: build.name,
    text,
    dockerfile: 'Dockerfile',
    choice,
    builder: { kind: 'docker', rules, version: null, engine: null, instance: null, driver: null },
    started: '2026-01-01T00:00:00.000Z',
    durationMs: 0,
    outcome: 'built',
    steps,
    provenance,
    imageReference: null,
    imageId: null,
    image: {
      reference: '',
      id: `sha256:${'0'.repeat(64)}`,
      platform: 'linux/amd64',
      history,
      layers: layers.map((layer) => ({
        ...layer,
        chainId: layer.diffId,
        compressedBytes: null,
        unpackedBytes: null,
        engineBytes: null,
        added: null,
        modified: null,
        removed: null,
        wastedBytes: null,
      })),
      visibleBytes: null,
      waste: [],
      problems: [],
    },
    failure: null,
    note: null,
  };
}

/** Compares the mapping with the truth: from everything that is known, then from each source of evidence alone. */
export function checkEvidence(build: KnownBuild): Mapping {
  const { layers, history, baseLayers, rules, provenance, truth, stepsLeave, historyLeaves } = build;
  const own = Array.from({ length: layers.length - baseLayers }, (_, at) => baseLayers + at);
  assert.deepEqual(
    truth.flat().sort((a, b) => a - b),
    own,
    'the marks tell a line for each layer',
  );
  const record = recordOf(build);
  const dockerfile = parseDockerfile(build.text);
  const image = { history, layers };
  const map = (from: BuildRecord | null, of: typeof image = image) =>
    mapLayers(dockerfile, from, of, build.choice);

  const mapping = map(record);
  compare('all evidence', build, mapping);
  assert.deepEqual(mapping.unmapped, []);
  assert.deepEqual(mapping.disagreements, []);
  assert.deepEqual(mapping.baseLayers, [...layers.keys()].slice(0, baseLayers));
  const hasSteps = rules === 'buildkit' || build.steps.some(({ imageLayers }) => imageLayers != null);
  const strongest = provenance ? 'provenance' : hasSteps ? 'steps' : 'history';
  for (const { instruction, layers: tied, evidence } of mapping.lines) {
    if (tied.length === 0 || (!provenance && stepsLeave.includes(instruction))) continue;
    assert.equal(evidence, strongest, `evidence of ${dockerfile.instructions[instruction]!.text}`);
  }

  compare('steps and history', build, map({ ...record, provenance: null }));
  if (provenance) {
    const silent = { ...record, steps: [] };
    compare('provenance alone', build, map(silent, { ...image, history: [] }));
    // As in an engine's own store, which has no blobs.
    const places = layers.map((layer) => ({ ...layer, blobDigest: null }));
    compare('provenance by places', build, map(silent, { layers: places, history: [] }));
  }
  if (hasSteps) {
    const silent = { ...record, provenance: null };
    compare('steps alone', build, map(silent, { ...image, history: [] }), stepsLeave);
  }
  compare('history alone', build, map(null), historyLeaves);
  return mapping;
}

/** @param mayBeUnknown instructions that may have no layers where the truth has some */
function compare(source: string, build: KnownBuild, mapping: Mapping, mayBeUnknown: number[] = []) {
  const { instructions } = parseDockerfile(build.text);
  const draw = (layers: number[], index: number) =>
    `${instructions[index]!.text.split('\n')[0]} => ${layers.join()}`;
  const told = mapping.lines.map(({ layers }, index) =>
    draw(layers.length === 0 && mayBeUnknown.includes(index) ? build.truth[index]! : layers, index),
  );
  const why = [mapping.disagreements, mapping.unmapped, mapping.lines.map((line) => line.why)];
  assert.deepEqual(told, build.truth.map(draw), `${source}: ${JSON.stringify(why)}`);
}
