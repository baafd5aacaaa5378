// Which line made which layer, on real builders. The Dockerfiles in mapping/cases.ts say it themselves: `#= path` below a
// line names a file that only this line's layer holds (`path=text`: with this content), so that the truth is read from
// the layers' own tars. `#= (layer)` is a layer without a file of its own: the one above the line before.
// `#= classic: …` is for that builder's rules alone. A line without a mark makes no layer.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BuildRecord, BuildRules } from '../../server/src/build/model';
import { type BuildChoice, defaultChoice } from '../../server/src/dockerfile/model';
import { parseDockerfile } from '../../server/src/dockerfile/parse';
import { cacheTotals, mapLayers } from '../../server/src/mapping/mapLayers';
import type { Mapping } from '../../server/src/mapping/model';
import { currentEngineMissing } from '../support/currentEngine';
import { skipReason } from '../support/daemons';
import { buildahMissing } from '../support/podman';
import { type Bench, startBench } from './mapping/bench';
import { type MappingCase, mappingCases } from './mapping/cases';
import { checkEvidence, type KnownBuild, recordOf } from './mapping/evidence';
import type { OpenedImage } from './mapping/images';
import { setups } from './mapping/setups';
import { trapCases } from './mapping/trapCases';

const skip = { docker: skipReason(currentEngineMissing()), podman: skipReason(buildahMissing()) };

for (const setup of setups) {
  describe(`mapping on ${setup.name}`, { skip: setup.group === 'podman' ? skip.podman : skip.docker }, () => {
    let bench: Bench;
    before(async () => {
      bench = await startBench(setup);
    });
    after(async () => {
      await bench?.registry?.stop();
      await bench?.downloads.stop();
      await bench?.daemon.stop();
      if (bench) fs.rmSync(bench.folder, { recursive: true, force: true });
    });

    for (const one of mappingCases) {
      if (!setup.buildsTraps && trapCases.includes(one)) continue;
      if (one.only && !one.only.includes(setup.group)) continue;
      if (one.notClassic && setup.rules === 'classic') continue;
      if (one.notCurrentClassic && setup.rules === 'classic' && setup.daemon === 'current dockerd') continue;
      test(one.name, () => checkMapping(bench, one));
    }

    if (!setup.isMerged) test('a build that fails', () => checkFailure(bench));
  });
}

/** Builds a case and compares what is said of its lines with what is in its layers. Then builds it again. */
async function checkMapping(bench: Bench, one: MappingCase) {
  const { rules, recording } = bench.setup;
  const format = rules === 'buildah' && one.hasTriggers ? ['--format', 'docker'] : [];
  const extraArguments = [...format, ...(one.extraArguments ?? [])];
  const bases = Object.keys(one.bases ?? {});
  let baseLayers = /^FROM scratch$/m.test(one.dockerfile) ? 0 : 1;
  for (const [name, dockerfile] of Object.entries(one.bases ?? {})) {
    const built = await bench.build(dockerfile, defaultChoice, [], format);
    assert.equal(built.outcome, 'built', JSON.stringify(built.failure));
    await bench.keepAsBase(name, built);
    baseLayers = (await bench.open(built)).layers.length;
  }
  const buildArgs = Object.fromEntries(
    Object.entries(one.buildArgs ?? {}).map(([name, value]) => [
      name,
      value.replace('{base}', bench.nameOf('base')),
    ]),
  );
  // buildah does not find `middle` by `Middle`, as the others do [1.28.2].
  const target = (rules === 'buildah' ? one.target?.toLowerCase() : one.target) ?? null;
  const choice: BuildChoice = { target, platform: null, buildArgs };
  const record = await bench.build(one.dockerfile, choice, bases, extraArguments);
  assert.equal(record.outcome, 'built', JSON.stringify(record.failure));
  const image = await bench.open(record);
  if (bench.setup.isMerged) return checkMerged(record, image);
  const dockerfile = parseDockerfile(record.text);
  // As written: a base that is pulled has another name in the text that was built.
  const written = parseDockerfile(one.dockerfile).instructions.map(({ text }) => text);
  const indexes = (leaves?: { lines: string[] }) => leaves?.lines.map((line) => written.indexOf(line)) ?? [];
  const build: KnownBuild = {
    name: one.name,
    text: record.text,
    choice,
    rules,
    steps: record.steps,
    provenance: record.provenance,
    history: image.history,
    layers: image.layers.map(({ index, diffId, blobDigest }) => ({ index, diffId, blobDigest })),
    baseLayers,
    truth: truthOf(record.text, image, rules, baseLayers),
    stepsLeave: indexes(one.stepsLeave),
    historyLeaves: indexes(one.historyLeaves),
  };
  const mapping = checkEvidence(build);
  keepForUnitTests(build, recording);

  // The same again comes from the cache, and makes the same layers.
  const again = await bench.build(one.dockerfile, choice, bases, extraArguments);
  const second = mapLayers(
    dockerfile,
    recordOf({ ...build, steps: again.steps, provenance: again.provenance }),
    image,
    choice,
  );
  const draw = (of: Mapping) =>
    of.lines.map((line) => `${dockerfile.instructions[line.instruction]!.text}: ${line.cache}`).join('; ');
  const { cacheable, cached } = cacheTotals(second);
  assert.equal(cached, cacheable, `second build: ${draw(second)}`);
  assert.equal(cacheTotals(mapping).cacheable, cacheable, `first: ${draw(mapping)}; second: ${draw(second)}`);
  const unknown = mapping.lines.filter(
    ({ cache, why, instruction }) =>
      cache === 'unknown' && why === null && (build.provenance || !build.stepsLeave.includes(instruction)),
  );
  assert.equal(unknown.length, 0, draw(mapping));
}

/** One layer holds what all lines of a stage did: a line may have it only if nothing else is in it. */
function checkMerged(record: BuildRecord, image: OpenedImage) {
  const { instructions } = parseDockerfile(record.text);
  const marks = marksOf(record.text, 'buildah').map((own) => own.filter((mark) => mark !== '(layer)'));
  for (const from of [record, null]) {
    const mapping = mapLayers(parseDockerfile(record.text), from, image, record.choice);
    for (const { instruction, layers, evidence } of mapping.lines) {
      const note = `${instructions[instruction]!.text} => ${layers.join()} by ${evidence}`;
      for (const layer of layers) {
        const others = marks.flatMap((own, line) => (line === instruction ? [] : own));
        assert.ok(!others.some((mark) => holdersOf(mark, image).includes(layer)), note);
      }
      for (const mark of layers.length > 0 ? marks[instruction]! : []) {
        assert.ok(
          holdersOf(mark, image).some((layer) => layers.includes(layer)),
          note,
        );
      }
    }
    for (const { why } of mapping.unmapped) assert.ok(why.length > 0);
    // Nothing is looked up: what ran, ran.
    if (from) assert.equal(cacheTotals(mapping).cached, 0);
  }
}

/**
 * With STRATA_RECORD_MAPPING=test/fixtures/mapping the builds are kept there, a line each, for the unit tests. Progress
 * is left out as far as mapping does not read it.
 */
function keepForUnitTests(build: KnownBuild, recording: string | null) {
  const folder = process.env.STRATA_RECORD_MAPPING;
  if (!folder || !recording) return;
  fs.mkdirSync(folder, { recursive: true });
  const steps = build.steps
    .filter(({ keyword, onBuild }) => keyword !== null || onBuild)
    .map((step) => ({ ...step, lastLines: [] }));
  fs.appendFileSync(path.join(folder, `${recording}.jsonl`), `${JSON.stringify({ ...build, steps })}\n`);
}

/** Of a build that fails: what came from the cache, what ran, where it failed, and what was never reached. */
async function checkFailure(bench: Bench) {
  const beginning = 'FROM base AS tried\nLABEL a=b\nRUN echo first >> /tried\n';
  const first = await bench.build(`${beginning}RUN true\n`, defaultChoice, []);
  assert.equal(first.outcome, 'built', JSON.stringify(first.failure));
  const text = `${beginning}RUN echo second && \\\n    exit 3\nRUN echo never\nCOPY package.txt /\n`;
  const record = await bench.build(text, defaultChoice, []);
  assert.equal(record.outcome, 'failed');
  const mapping = mapLayers(parseDockerfile(record.text), record, null, defaultChoice);
  const metadata = bench.setup.rules === 'buildkit' ? 'not-cacheable' : 'hit';
  assert.deepEqual(
    mapping.lines.map(({ cache }) => cache),
    ['not-cacheable', metadata, 'hit', 'miss', 'unknown', 'unknown'],
  );
  assert.deepEqual(
    mapping.lines.flatMap(({ error }, index) => (error === null ? [] : index)),
    [3],
  );
  assert.ok(mapping.lines.every(({ layers, evidence }) => layers.length === 0 && evidence === 'none'));
}

/** For each instruction of the text the layers that the marks below it name. */
function truthOf(text: string, image: OpenedImage, rules: BuildRules, baseLayers: number): number[][] {
  let last = baseLayers - 1;
  return marksOf(text, rules).map((marks) =>
    marks.map((mark) => {
      const holders = mark === '(layer)' ? [last + 1] : holdersOf(mark, image);
      assert.equal(holders.length, 1, `layers that hold ${mark}: ${holders.join()}`);
      last = holders[0]!;
      return last;
    }),
  );
}

/** For each instruction the marks below it that hold for a builder. */
function marksOf(text: string, rules: BuildRules): string[][] {
  const lines = text.split('\n');
  return parseDockerfile(text).instructions.map(({ endLine, keyword }) => {
    const marks: string[] = [];
    for (let at = endLine; lines[at]?.startsWith('#= '); at++) {
      const [, only, mark = ''] = /^#= (?:(buildkit|classic|buildah): )?(.*?)\s*$/.exec(lines[at]!) ?? [];
      if (only !== undefined && !rulesOfMark(only).includes(rules)) continue;
      // buildah makes no layer for WORKDIR: the next line that makes one has its folder.
      if (keyword === 'WORKDIR' && mark === '(layer)' && rules === 'buildah') continue;
      marks.push(mark);
    }
    return marks;
  });
}

/** What BuildKit makes a layer of by kind, buildah does too. */
function rulesOfMark(mark: string): string[] {
  return mark === 'buildkit' ? ['buildkit', 'buildah'] : [mark];
}

function holdersOf(mark: string, image: OpenedImage): number[] {
  const [file = '', content] = mark.split('=');
  return image.layers
    .filter(
      ({ files }) =>
        files.has(file) && (content === undefined || files.get(file) === content.replaceAll('\\n', '\n')),
    )
    .map(({ index }) => index);
}
