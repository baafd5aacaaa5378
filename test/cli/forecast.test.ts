// `strata forecast`: the keys of its JSON, the words of its text, and the record that travels with a project.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { cliFolder } from '../support/cliRun';

const at = cliFolder();
after(() => at.remove());

const text = 'FROM base\nWORKDIR /app\nRUN one\nLABEL a=1\nRUN two\n';

function step(number: number, name: string, durationMs: number) {
  return {
    digest: null,
    name: `[${number}/4] ${name}`,
    stage: null,
    number,
    total: 4,
    platform: null,
    keyword: name.split(' ')[0],
    onBuild: false,
    linkMerge: false,
    group: null,
    cached: false,
    startedMs: 1,
    durationMs,
    error: null,
    lastLines: [],
    imageId: null,
  };
}

function recorded(folder: string): void {
  const record = {
    schema: 1,
    id: '20260101-000000-aaaa',
    text,
    dockerfile: 'Dockerfile',
    choice: { target: null, platform: null, buildArgs: {} },
    builder: { kind: 'buildx', rules: 'buildkit', version: null, engine: null, instance: null, driver: null },
    started: '2026-01-01T00:00:00.000Z',
    durationMs: 1_000,
    outcome: 'built',
    steps: [
      step(1, 'FROM base', 5),
      step(2, 'WORKDIR /app', 10),
      step(3, 'RUN one', 2_000),
      step(4, 'RUN two', 3_000),
    ],
    provenance: null,
    imageReference: null,
    imageId: null,
    image: null,
    failure: null,
    note: null,
    cache: { noCache: false, extraArguments: [], bases: [], contents: [] },
  };
  at.write(`${folder}/.strata/Dockerfile.json`, JSON.stringify({ record, layers: [] }));
}

interface Report {
  schema: number;
  steps: Record<string, unknown>[];
  totals: Record<string, unknown>;
}

function forecast(...args: string[]): Report {
  const run = at.strata('forecast', ...args, '--format', 'json');
  assert.equal(run.code, 0, run.stderr);
  return JSON.parse(run.stdout) as Report;
}

test('each line that has a step is told, with the keys of the design', () => {
  at.write('same/Dockerfile', text);
  recorded('same');
  const report = forecast('same/Dockerfile');
  assert.equal(report.schema, 1);
  assert.deepEqual(
    report.steps.map(({ line, keyword, cache }) => [line, keyword, cache]),
    [
      [2, 'WORKDIR', 'cached'],
      [3, 'RUN', 'cached'],
      [5, 'RUN', 'cached'],
    ],
  );
  assert.deepEqual(Object.keys(report.steps[0]!), [
    'line',
    'keyword',
    'stage',
    'cache',
    'because',
    'cause',
    'bytes',
    'durationMs',
  ]);
  assert.deepEqual(report.totals, {
    cached: 3,
    reruns: 0,
    depends: 0,
    unknown: 0,
    bytes: 0,
    durationMs: 0,
    isPartial: false,
  });
});

test('an edit reruns what stands on it, at the cost that was measured', () => {
  at.write('edited/Dockerfile', text.replace('RUN one', 'RUN other'));
  recorded('edited');
  const { steps, totals } = forecast('edited/Dockerfile');
  assert.deepEqual(
    steps.map(({ line, cache, because }) => [line, cache, because]),
    [
      [2, 'cached', ''],
      [3, 'reruns', 'the line changed'],
      [5, 'reruns', 'line 3 reruns'],
    ],
  );
  assert.deepEqual(steps[1]!.cause, { kind: 'instruction', path: null, attribute: null, line: 3 });
  assert.deepEqual(steps[2]!.cause, { kind: 'upstream', path: null, attribute: null, line: 3 });
  assert.equal(totals.durationMs, 5_000);
  assert.equal(totals.bytes, null);
  const { stdout } = at.strata('forecast', 'edited/Dockerfile');
  assert.match(stdout, /next build: 1 cached, 2 rerun \(~5\.0 s at least\)/);
  assert.match(stdout, /~reruns ~3\.0 s +RUN two\n +because line 3 reruns/);
});

test('without a record nothing is told, and that is said', () => {
  at.write('new/Dockerfile', text);
  const { steps } = forecast('new/Dockerfile');
  assert.deepEqual([...new Set(steps.map(({ cache }) => cache))], ['unknown']);
  assert.match(at.strata('forecast', 'new/Dockerfile').stdout, /no build of this Dockerfile is recorded/);
});

test('an unknown flag is wrong usage', () => {
  const run = at.strata('forecast', '--what');
  assert.equal(run.code, 2);
  assert.match(run.stderr, /--what/);
});

test('a COPY costs what it would take now, before any build too; what is open makes the sums the least', () => {
  at.write('copies/Dockerfile', 'FROM base\nCOPY a b /x/\nRUN one\n');
  at.write('copies/a', '12345');
  at.write('copies/b', '678');
  const { steps, totals } = forecast('copies/Dockerfile');
  assert.deepEqual(
    steps.map(({ keyword, cache, bytes }) => [keyword, cache, bytes]),
    [
      ['COPY', 'unknown', 8],
      ['RUN', 'unknown', null],
    ],
  );
  const { unknown, bytes, durationMs, isPartial } = totals;
  assert.deepEqual([unknown, bytes, durationMs, isPartial], [2, null, null, true]);
});
