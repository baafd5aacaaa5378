// The mapping on builds that real builders made (test/fixtures/mapping, recorded by test/live/mapping.test.ts), whole
// and with evidence missing, edited or false: right or unknown, never wrong, and never more than one line for a layer.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BuildRecord } from '../../../server/src/build/model';
import type { Dockerfile } from '../../../server/src/dockerfile/model';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { mapLayers } from '../../../server/src/mapping/mapLayers';
import type { Mapping } from '../../../server/src/mapping/model';
import { checkEvidence, type KnownBuild, recordOf } from '../../live/mapping/evidence';
import { type RandomBelow, seededBelow } from '../../support/random';
import { recordedBuilds } from './recordings';

const recordings = ['buildx', 'buildkit', 'classic', 'podman'].map((name) => ({
  name,
  builds: recordedBuilds(name),
}));

for (const { name, builds } of recordings) {
  describe(`builds recorded from ${name}`, () => {
    for (const build of builds) {
      test(build.name, () => {
        checkEvidence(build);
      });
    }

    test('with evidence missing, lines are right or unknown', () => {
      for (const build of builds) {
        for (let seed = 1; seed <= 40; seed++) {
          const random = seededBelow(seed);
          const { record, image } = withLess(build, random);
          const mapping = mapLayers(parseDockerfile(build.text), record, image, build.choice);
          const note = `${build.name}, seed ${seed}`;
          checkInvariants(mapping, image.layers.length, note);
          for (const { instruction, layers } of mapping.lines) {
            if (layers.length > 0) assert.deepEqual(layers, build.truth[instruction], note);
          }
        }
      }
    });

    test('on another text than the one that was built, history alone is right or unknown', () => {
      for (const build of builds) {
        for (let seed = 1; seed <= 80; seed++) {
          const { text, origins } = edited(build, seededBelow(seed));
          const dockerfile = parseDockerfile(text);
          const mapping = mapLayers(dockerfile, null, build, build.choice);
          checkInvariants(mapping, build.layers.length, `${build.name}, seed ${seed}`);
          checkTexts(build, dockerfile, mapping, origins, `${build.name}, seed ${seed}\n${text}`);
        }
      }
    });

    test('with false evidence no layer has two lines, and nothing throws', () => {
      for (const build of builds) {
        for (let seed = 1; seed <= 40; seed++) {
          const { record, image } = withLies(build, seededBelow(seed));
          const mapping = mapLayers(parseDockerfile(build.text), record, image, build.choice);
          checkInvariants(mapping, image.layers.length, `${build.name}, seed ${seed}`);
        }
      }
    });
  });
}

type Given = { record: BuildRecord | null; image: Pick<KnownBuild, 'history' | 'layers'> };

/** Some of the evidence. Steps go as a whole: a builder that went to its end named all of them. */
function withLess(build: KnownBuild, random: RandomBelow): Given {
  const record = recordOf(build);
  if (random(3) === 0) record.steps = [];
  if (random(3) === 0) record.provenance = null;
  if (record.provenance) {
    const steps = record.provenance.steps.filter(() => random(8) > 0);
    record.provenance = {
      ...record.provenance,
      steps: steps.map((step) => ({
        ...step,
        lines: random(8) === 0 ? null : step.lines,
        layers: random(4) === 0 ? null : step.layers,
      })),
    };
  }
  const layers = build.layers.map((layer) => ({
    ...layer,
    blobDigest: random(3) === 0 ? null : layer.blobDigest,
  }));
  const history = random(4) === 0 ? [] : build.history;
  return { record: random(5) === 0 ? null : record, image: { history, layers } };
}

function withLies(build: KnownBuild, random: RandomBelow): Given {
  const record = recordOf(build);
  const shuffled = <T>(list: readonly T[]): T[] => {
    const copy = [...list];
    if (copy.length > 1 && random(2) === 0)
      copy.splice(random(copy.length), 0, ...copy.splice(random(copy.length), 1));
    if (copy.length > 1 && random(3) === 0) copy.splice(random(copy.length), 1);
    return copy;
  };
  record.steps = shuffled(record.steps).map((step) => ({
    ...step,
    number: random(6) === 0 ? random(9) : step.number,
    keyword: random(9) === 0 ? 'RUN' : step.keyword,
    onBuild: random(12) === 0 ? !step.onBuild : step.onBuild,
    stage: random(12) === 0 ? 'stage-1' : step.stage,
  }));
  if (record.provenance) {
    const last = parseDockerfile(build.text).instructions.length;
    record.provenance = {
      ...record.provenance,
      steps: shuffled(record.provenance.steps).map((step) => ({
        ...step,
        lines: random(6) === 0 ? [1 + random(last), 1 + random(last)] : step.lines,
        inputs: random(9) === 0 ? [`step${random(9)}`] : step.inputs,
        layers: step.layers && random(6) === 0 ? shuffled(step.layers) : step.layers,
      })),
    };
  }
  const history = shuffled(build.history).map((entry) => ({
    ...entry,
    emptyLayer: random(9) === 0 ? !entry.emptyLayer : entry.emptyLayer,
    createdBy: random(9) === 0 ? build.history[random(build.history.length)]!.createdBy : entry.createdBy,
    comment: random(12) === 0 ? 'buildkit.dockerfile.v0' : entry.comment,
  }));
  const layers = random(3) === 0 ? build.layers.slice(random(build.layers.length)) : build.layers;
  return {
    record: random(6) === 0 ? null : record,
    image: { history, layers: layers.map((layer, index) => ({ ...layer, index })) },
  };
}

/** One edit of the lines below a FROM. `origins`: for each instruction the one that it was, or null. */
function edited(build: KnownBuild, random: RandomBelow): { text: string; origins: (number | null)[] } {
  const { instructions, text } = parseDockerfile(build.text);
  const lines = text.split('\n');
  const parts = instructions.map(({ index, line, endLine, keyword }) => ({
    origin: index as number | null,
    text: lines.slice(line - 1, endLine).join('\n'),
    isFrom: keyword === 'FROM',
  }));
  const own = parts.flatMap((part, at) => (part.isFrom || at < firstFrom(parts) ? [] : [at]));
  const at = own[random(own.length)];
  if (at !== undefined) {
    const [part] = parts.slice(at, at + 1);
    const next = parts[at + 1];
    const kind = random(4);
    if (kind === 0) parts.splice(at, 1);
    const fresh = [
      'RUN echo never built',
      'WORKDIR $NEVER',
      'COPY never /never',
      'LABEL never=built',
      'ENV NEVER=1',
    ];
    if (kind === 1) parts.splice(at, 0, { origin: null, text: fresh[random(5)]!, isFrom: false });
    if (kind === 2)
      parts.splice(at, 1, { origin: null, text: `${part!.text.split(' ')[0]} /never/built`, isFrom: false });
    if (kind === 3 && next && !next.isFrom) parts.splice(at, 2, next, part!);
  }
  const directives = lines.slice(0, (instructions[0]?.line ?? 1) - 1);
  return {
    text: [...directives, ...parts.map((one) => one.text), ''].join('\n'),
    origins: parts.map(({ origin }) => origin),
  };
}

function firstFrom(parts: { isFrom: boolean }[]): number {
  return parts.findIndex(({ isFrom }) => isFrom);
}

/** A layer that a line is said to have made was made by this very line, or by one with the same text. */
function checkTexts(
  build: KnownBuild,
  dockerfile: Dockerfile,
  mapping: Mapping,
  origins: (number | null)[],
  note: string,
) {
  const built = parseDockerfile(build.text).instructions;
  assert.equal(mapping.lines.length, origins.length, note);
  for (const { instruction, layers } of mapping.lines) {
    for (const layer of layers) {
      const maker = build.truth.findIndex((made) => made.includes(layer));
      const told = dockerfile.instructions[instruction]!;
      if (told.keyword === 'FROM') assert.equal(origins[instruction], maker, note);
      else assert.equal(told.text, built[maker]?.text, `layer ${layer}: ${note}`);
    }
  }
}

function checkInvariants({ lines, baseLayers, unmapped }: Mapping, count: number, note: string) {
  assert.deepEqual(baseLayers, [...baseLayers.keys()], note);
  const all = [
    ...baseLayers,
    ...unmapped.map(({ layer }) => layer),
    ...lines.flatMap(({ layers }) => layers),
  ];
  assert.deepEqual(
    all.sort((a, b) => a - b),
    [...Array(count).keys()],
    `each layer once: ${note}`,
  );
  for (const { layers, evidence } of lines) assert.ok(layers.length === 0 || evidence !== 'none', note);
  for (const { why } of unmapped) assert.ok(why.length > 0, note);
}
