import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { wasCancelled } from '../../../server/src/build/progress';
import { createRawjsonReader } from '../../../server/src/build/rawjson';
import { drawSteps, fixture, readAll } from './drawSteps';

const line = (value: unknown) => JSON.stringify(value);
const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms).toISOString().replace('Z', '123456Z');
const vertex = (fields: object) =>
  line({ vertexes: [{ digest: 'sha256:a', name: '[2/2] RUN x', ...fields }] });
const log = (text: string, digest = 'sha256:a') =>
  line({
    logs: [{ vertex: digest, stream: 1, data: Buffer.from(text).toString('base64'), timestamp: at(1500) }],
  });

function stepOf(...lines: string[]) {
  const reader = createRawjsonReader();
  for (const text of lines) assert.ok(reader.take(text));
  const [step] = reader.steps();
  assert.ok(step);
  return step;
}

describe('recorded from buildx 0.38.2 and BuildKit 0.34.2', () => {
  test('a first build: each step ran', () => {
    const { drawn, words } = readAll(createRawjsonReader(), fixture('buildx-rawjson.jsonl'));
    assert.equal(
      drawn.split('\n').sort().join('\n'),
      `build 1/6 WORKDIR ran
build 2/6 COPY ran
build 3/6 RUN ran
build 4/6 COPY ran
build 5/6 RUN ran
stage-2 1/5 WORKDIR ran
stage-2 2/5 COPY ran
stage-2 2/5 LINK COPY ran
stage-2 3/5 COPY ran
stage-2 4/5 RUN ran`,
    );
    assert.deepEqual(words, []);
  });

  test('a second build: all is cached, in no order of the file', () => {
    const reader = createRawjsonReader();
    const { drawn } = readAll(reader, fixture('buildx-rawjson-second.jsonl'));
    assert.ok(
      drawn.split('\n').every((step) => step.endsWith('cached')),
      drawn,
    );
    const [copy, merge] = reader.steps().filter(({ number, stage }) => stage === 'stage-2' && number === 2);
    assert.ok(copy?.group);
    assert.equal(copy?.group, merge?.group);
  });

  test('a failing build: the error, what it printed, and the words behind the objects', () => {
    const { drawn, words } = readAll(createRawjsonReader(), fixture('buildx-rawjson-fail.jsonl'));
    assert.match(drawn, /^3\/4 RUN failed: process .* exit code: 3 \| before \| trouble$/m);
    assert.equal(words.at(-1)?.slice(0, 23), 'ERROR: failed to build:');
    assert.ok(words.includes('Dockerfile.fail:4'));
  });

  test('Docker Engine 20.10 through buildx: what was never reached waits', () => {
    const { drawn } = readAll(createRawjsonReader(), fixture('engine-buildx-rawjson-missing.jsonl'));
    assert.equal(
      drawn,
      `1/3 FROM cached
2/3 COPY failed: "/missing.txt" not found: not found
3/3 RUN waits`,
    );
  });
});

test('intervals are summed, overlaps once', () => {
  const { startedMs, durationMs } = stepOf(
    vertex({}),
    vertex({ started: at(1000) }),
    vertex({ started: at(1000), completed: at(1200) }),
    vertex({ started: at(1100) }),
    vertex({ started: at(1100), completed: at(1300) }),
    vertex({ started: at(5000) }),
    vertex({ started: at(5000), completed: at(5500) }),
  );
  assert.equal(startedMs, Date.UTC(2026, 0, 1) + 1000);
  assert.equal(durationMs, 800);
});

test('a step that runs again has no duration until it ends', () => {
  const { durationMs } = stepOf(
    vertex({ started: at(1000), completed: at(1200) }),
    vertex({ started: at(2000) }),
  );
  assert.equal(durationMs, null);
});

test('the last state counts: thought cached, then run', () => {
  const cached = vertex({ started: at(1000), completed: at(1000), cached: true });
  assert.equal(stepOf(cached).cached, true);
  assert.equal(stepOf(cached).durationMs, 0);
  assert.equal(stepOf(cached, vertex({ started: at(1500), completed: at(1600) })).cached, false);
});

test('a step cancelled because another one failed is told apart', () => {
  const error =
    'process "/bin/sh -c sleep 2" did not complete successfully: exit code: 137: context canceled';
  const step = stepOf(vertex({ started: at(1000), completed: at(1200), error }));
  assert.equal(wasCancelled(step), true);
  assert.equal(wasCancelled({ ...step, error: 'exit code: 1' }), false);
});

test('the last 40 lines are kept, put together from pieces, without colours and progress bars', () => {
  const lines = Array.from({ length: 100 }, (_, n) => `line ${n}\n`).join('');
  const step = stepOf(
    vertex({ started: at(1) }),
    log(lines.slice(0, 333)),
    log(lines.slice(333)),
    log('10%\r\u001b[32m20%\u001b[0m\r'),
  );
  assert.equal(step.lastLines.length, 40);
  assert.deepEqual(step.lastLines.slice(-2), ['line 99', '20%']);
});

test('lines that are no progress are handed back', () => {
  const reader = createRawjsonReader();
  for (const text of [
    '',
    'ERROR: x',
    '{',
    '{}',
    '{"errors":[{"code":"DENIED"}]}',
    '[]',
    'null',
    '{"vertexes":7}',
  ]) {
    assert.equal(reader.take(text), false, text);
  }
  for (const hostile of [
    '{"vertexes":[7,null,{"digest":7},{"name":"x"},[]]}',
    '{"logs":[{"vertex":"sha256:none","data":"aGk="},{"vertex":1,"data":{}}]}',
    '{"vertexes":[{"digest":"sha256:b","name":7,"started":"soon","completed":{},"cached":"yes","progressGroup":[]}]}',
    '{"statuses":[{"id":"x"}]}',
  ]) {
    assert.equal(reader.take(hostile), true, hostile);
  }
  assert.equal(drawSteps(reader.steps()), '');
  assert.equal(reader.steps()[0]?.startedMs, null);
  assert.equal(reader.steps()[0]?.cached, false);
});

test('more vertexes than any build has are dropped', () => {
  const reader = createRawjsonReader();
  for (let batch = 0; batch < 30; batch++) {
    const vertexes = Array.from({ length: 1_000 }, (_, n) => ({ digest: `sha256:${batch}-${n}`, name: 'x' }));
    reader.take(line({ vertexes }));
  }
  assert.equal(reader.steps().length, 20_000);
});

test('a person reads the progress as plain text', () => {
  const printed: string[] = [];
  const reader = createRawjsonReader((text) => printed.push(text));
  reader.take(vertex({}));
  reader.take(vertex({ started: at(1000) }));
  reader.take(log('hello\nworld\n'));
  reader.take(
    line({
      vertexes: [
        { digest: 'sha256:b', name: '[1/2] FROM x', started: at(0), completed: at(0), cached: true },
      ],
    }),
  );
  reader.take(vertex({ started: at(1000), completed: at(2234) }));
  assert.equal(
    printed.join('\n'),
    `#1 [2/2] RUN x
#1 0.500 hello
#1 0.500 world

#2 [1/2] FROM x
#2 CACHED

#1 [2/2] RUN x
#1 DONE 1.2s`,
  );
});

test('steps handed out do not change afterwards', () => {
  const reader = createRawjsonReader();
  reader.take(vertex({ started: at(1000) }));
  const [before] = reader.steps();
  reader.take(vertex({ started: at(1000), completed: at(1200) }));
  reader.take(log('more\n'));
  assert.equal(before?.durationMs, null);
  assert.deepEqual(before?.lastLines, []);
});
