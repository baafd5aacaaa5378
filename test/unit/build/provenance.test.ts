import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Provenance } from '../../../server/src/build/model';
import { parseProvenance } from '../../../server/src/build/provenance';
import { createRawjsonReader } from '../../../server/src/build/rawjson';
import { fixture, readAll } from './drawSteps';

/** `step1 20 file <- step0 (2 layers)`. */
function draw(provenance: Provenance | null): string {
  assert.ok(provenance);
  return provenance.steps
    .map(({ id, lines, op, inputs, layers }) => {
      const range = lines === null ? '-' : lines[0] === lines[1] ? `${lines[0]}` : lines.join('-');
      const from = inputs.length > 0 ? ` <- ${inputs.join(', ')}` : '';
      return `${id} ${range} ${op}${from}${layers ? ` (${layers.length} layers)` : ''}`;
    })
    .join('\n');
}

const steps = `step0 - source (1 layers)
step1 20 file <- step0 (2 layers)
step2 3 file <- step0
step3 - source
step4 4 file <- step2, step3
step5 5 exec <- step4
step6 6 file <- step5, step3
step7 7-11 exec <- step6
step8 21 file <- step7 (1 layers)
step9 21 merge <- step1, step8 (3 layers)
step10 22 file <- step9, step3 (4 layers)
step11 23-24 exec <- step10 (5 layers)
step12 - none <- step11`;

const metadata = JSON.parse(fixture('buildx-metadata.json'));
const predicate = metadata['buildx.build.provenance'];

test('the metadata file of buildx 0.38.2 (SLSA v0.2)', () => {
  const provenance = parseProvenance(metadata);
  assert.equal(draw(provenance), steps);
  assert.equal(provenance?.version, '0.2');
  assert.equal(provenance?.filename, 'Dockerfile');
  assert.equal(provenance?.dockerfile, fixture('context/Dockerfile'));
  assert.match(provenance?.steps[0]?.source ?? '', /^oci-layout:\/\/docker\.io\/library\/base@sha256:/);
  assert.equal(provenance?.steps[3]?.source, 'local://context');
  const layer = provenance?.steps[1]?.layers?.[1];
  assert.match(layer?.digest ?? '', /^sha256:/);
  assert.ok((layer?.bytes ?? 0) > 0);
  assert.equal(layer?.mediaType, 'application/vnd.oci.image.layer.v1.tar+gzip');
});

test('the statement in an attested image (SLSA v1)', () => {
  const { blobs } = JSON.parse(fixture('buildx-attested-layout.json'));
  const statement = Object.values<Record<string, unknown>>(blobs).find((blob) => 'predicate' in blob);
  const provenance = parseProvenance(statement);
  assert.equal(draw(provenance), steps);
  assert.equal(provenance?.version, '1');
  assert.equal(provenance?.dockerfile, fixture('context/Dockerfile'));
});

test('the bare predicate', () => {
  assert.equal(draw(parseProvenance(predicate)), steps);
});

test('of several platforms the asked one, else the first', () => {
  const other = { ...predicate, buildConfig: { llbDefinition: [{ id: 'arm' }] } };
  const both = {
    'buildx.build.provenance/linux/amd64': predicate,
    'buildx.build.provenance/linux/arm64': other,
  };
  assert.equal(parseProvenance(both, 'linux/arm64')?.steps[0]?.id, 'arm');
  assert.equal(parseProvenance(both, 'linux/s390x')?.steps[0]?.id, 'step0');
  assert.equal(parseProvenance(both)?.steps[0]?.id, 'step0');
});

test('digests join the steps of the progress', () => {
  const reader = createRawjsonReader();
  readAll(reader, fixture('buildx-rawjson.jsonl'));
  const seen = new Set(reader.steps().map(({ digest }) => digest));
  const named = parseProvenance(metadata)?.steps.filter(({ op }) => op !== 'none');
  assert.ok(named?.every(({ digest }) => seen.has(digest)));
});

test('an engine without a build history has none', () => {
  assert.equal(parseProvenance(JSON.parse(fixture('engine-buildx-metadata.json'))), null);
});

test('mode=min tells no steps', () => {
  assert.equal(parseProvenance({ ...predicate, buildConfig: undefined }), null);
});

test('any other value is none, and half of one is half of one', () => {
  for (const value of [null, undefined, 7, 'x', [], {}, { predicate: null }, { buildDefinition: [] }]) {
    assert.equal(parseProvenance(value), null);
  }
  const key = 'https://mobyproject.org/buildkit@v1#metadata';
  const hostile = {
    buildConfig: {
      llbDefinition: [null, 7, { id: 7 }, { id: 'step0', op: { Op: null }, inputs: [null, 'step9:1'] }],
      digestMapping: { nonsense: 'step0', ['__proto__']: 'step0' },
    },
    metadata: {
      [key]: {
        source: {
          infos: [{ language: 'Dockerfile', data: 7, filename: {} }],
          locations: {
            step0: { locations: [{ ranges: [{ start: { line: -1 }, end: { line: 1e300 } }] }, null] },
          },
        },
        layers: { 'step0:0': [[{ digest: 'sha256:short', size: -1 }]] },
      },
    },
  };
  assert.deepEqual(parseProvenance(hostile), {
    version: '0.2',
    dockerfile: null,
    filename: null,
    steps: [
      { id: 'step0', digest: null, lines: null, op: 'none', source: null, inputs: ['step9'], layers: null },
    ],
  });
});

test('layers without blobs have no bytes, and a chain with a hole is none', () => {
  const key = 'https://mobyproject.org/buildkit@v1#metadata';
  const mediaType = 'application/vnd.docker.image.rootfs.diff.tar';
  const layersOf = (...sizes: number[]) => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const chain = sizes.map((size) => ({ mediaType, digest, size }));
    const told = {
      buildConfig: { llbDefinition: [{ id: 'step0', op: {} }] },
      metadata: { [key]: { layers: { 'step0:0': [chain] } } },
    };
    return parseProvenance(told)?.steps[0]?.layers?.map(({ bytes }) => bytes) ?? null;
  };
  // As Docker Engine 29 tells with a graph driver.
  assert.deepEqual(layersOf(-1, -1), [null, null]);
  assert.deepEqual(layersOf(7), [7]);
  assert.equal(layersOf(7, -2), null);
});

test('a location in another source is not a line of the Dockerfile', () => {
  const key = 'https://mobyproject.org/buildkit@v1#metadata';
  const at = (line: number, sourceIndex?: number) => ({
    sourceIndex,
    ranges: [{ start: { line }, end: { line } }],
  });
  const document = {
    buildConfig: { llbDefinition: [{ id: 'a' }] },
    metadata: {
      [key]: {
        source: {
          infos: [{ language: 'Text' }, { language: 'Dockerfile' }],
          locations: { a: { locations: [at(3), at(7, 1), at(9, 1)] } },
        },
      },
    },
  };
  assert.deepEqual(parseProvenance(document)?.steps[0]?.lines, [7, 9]);
});
