// `strata analyze`: the shape of its JSON, records that travel with a project, images tied to lines by history.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { cliFolder } from '../support/cliRun';
import { imageFixture, writeImages } from '../support/imageFixture';

const root = process.env.STRATA_ROOT ?? process.cwd();
const at = cliFolder();
after(() => at.remove());

interface Line {
  line: number;
  keyword: string;
  effect: string;
  layers: { index: number; unpackedBytes: number }[];
  evidence: string;
  forecast: { bytes: number | null; least: number | null; most: number | null; sizeWhy: string | null };
}
interface Report {
  schema: number;
  dockerfile: string;
  image: null | { layers: number };
  build: null | { builder: string };
  stages: { shipped: boolean; instructions: Line[] }[];
  unmapped: unknown[];
  totals: { layers: number };
}

function analyzed(...args: string[]): Report {
  const run = at.strata('analyze', ...args, '--format', 'json');
  assert.equal(run.code, 0, run.stderr);
  return JSON.parse(run.stdout) as Report;
}

test('without a build only what the text tells is told; unknown is null', () => {
  at.write('plain/Dockerfile', 'FROM debian:12\nRUN true\nCMD ["sh"]\n');
  const report = analyzed('plain/Dockerfile');
  assert.equal(report.schema, 1);
  assert.equal(report.image, null);
  assert.equal(report.build, null);
  assert.deepEqual(
    report.stages[0]!.instructions.map((one) => [one.line, one.keyword, one.effect, one.evidence]),
    [
      [1, 'FROM', 'base', 'none'],
      [2, 'RUN', 'layer', 'none'],
      [3, 'CMD', 'metadata', 'none'],
    ],
  );
});

test('the JSON has each key that the design promises', () => {
  at.write('keys/Dockerfile', 'FROM debian:12\nRUN true\n');
  const report = analyzed('keys/Dockerfile');
  assert.deepEqual(Object.keys(report).sort(), [
    'baseLayers',
    'build',
    'dockerfile',
    'findings',
    'image',
    'next',
    'problems',
    'schema',
    'stages',
    'totals',
    'unmapped',
  ]);
  const line = report.stages[0]!.instructions[1]!;
  for (const key of [
    'line',
    'endLine',
    'keyword',
    'text',
    'effect',
    'forecast',
    'layers',
    'cache',
    'durationMs',
    'evidence',
  ]) {
    assert.ok(key in line, key);
  }
});

test('an image is tied to the lines by its history, the base told apart', async () => {
  at.write('image/Dockerfile', 'FROM base:1\nRUN one\nENV A=1\nRUN two\n');
  const image = await imageFixture({
    layers: [{ 'bin/sh': 'sh' }, { one: '1' }, { two: '22' }],
    history: [
      { created_by: 'ADD rootfs.tar / # buildkit', comment: 'buildkit.dockerfile.v0' },
      { created_by: 'RUN /bin/sh -c one # buildkit', comment: 'buildkit.dockerfile.v0' },
      { created_by: 'ENV A=1', comment: 'buildkit.dockerfile.v0', empty_layer: true },
      { created_by: 'RUN /bin/sh -c two # buildkit', comment: 'buildkit.dockerfile.v0' },
    ],
  });
  for (const [file, data] of await writeImages([image], 'oci')) at.write(`image/${file}`, data);
  const report = analyzed('image/Dockerfile', '--image', 'oci:image/layout');
  assert.deepEqual(
    report.stages[0]!.instructions.map((one) => [
      one.line,
      one.layers.map((layer) => layer.index),
      one.evidence,
    ]),
    [
      [1, [], 'none'],
      [2, [1], 'history'],
      [3, [], 'history'],
      [4, [2], 'history'],
    ],
  );
});

test('an image of another Dockerfile is tied to nothing, and the reason is given', async () => {
  at.write('other/Dockerfile', 'FROM base:1\nRUN something else\n');
  const report = analyzed('other/Dockerfile', '--image', 'oci:image/layout');
  const run = report.stages[0]!.instructions[1]!;
  assert.deepEqual(run.layers, []);
  assert.equal(run.evidence, 'none');
});

test('the examples carry records of real builds that show without any builder', () => {
  for (const name of ['layers', 'article']) {
    cpSync(path.join(root, 'examples', name), path.join(at.folder, name), { recursive: true });
    const report = analyzed(`${name}/Dockerfile`);
    assert.ok(report.image);
    assert.match(report.build!.builder, /^buildx \d/);
    assert.deepEqual(report.unmapped, []);
    for (const stage of report.stages.filter((one) => one.shipped)) {
      for (const line of stage.instructions.filter((one) => one.effect === 'layer')) {
        assert.equal(line.layers.length, 1, `line ${line.line}`);
        assert.equal(line.evidence, 'provenance');
      }
    }
  }
});

test('no builder at all: exit 3, and the reason of each', () => {
  at.write('nobuilder/Dockerfile', 'FROM scratch\nCOPY Dockerfile /\n');
  const run = at.strata('build', 'nobuilder/Dockerfile', '--builder', 'docker');
  assert.equal(run.code, 3);
  assert.match(run.stderr, /docker/i);
  assert.equal(at.strata('build', 'nobuilder/Dockerfile', '--builder', 'kaniko').code, 3);
});

test('a COPY over files of an earlier one has two bounds before any build, and says why', () => {
  at.write('bounds/a', 'x'.repeat(3000));
  at.write('bounds/b', 'x'.repeat(5000));
  at.write('bounds/Dockerfile', 'FROM scratch\nCOPY a /d/\nCOPY a b /d/\n');
  const text = at.strata('analyze', 'bounds/Dockerfile').stdout;
  assert.match(text, /^ +2 +~3\.00 kB +COPY a \/d\/$/m);
  assert.match(text, /^ +3 +~5\.00 to 8\.00 kB +COPY a b \/d\/$/m);
  const [copy, over] = analyzed('bounds/Dockerfile').stages[0]!.instructions.slice(1);
  const bounds = ({ forecast }: Line) => [forecast.bytes, forecast.least, forecast.most];
  assert.deepEqual(bounds(copy!), [3000, 3000, 3000]);
  assert.deepEqual(bounds(over!), [null, 5000, 8000]);
  assert.match(over!.forecast.sizeWhy ?? '', /line 2 copies files to the same place/);
});
