// What the steps of a line say of the cache. On whole builds: test/live/mapping.test.ts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BuildRecord, BuildStep } from '../../../server/src/build/model';
import { newStep } from '../../../server/src/build/stepName';
import { defaultChoice } from '../../../server/src/dockerfile/model';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { cacheFacts } from '../../../server/src/mapping/cacheFacts';

/** `hit`, `ran` or `given up` for each step of a line, and when it began. */
function check(line: string, steps: [name: string, how: string, startedMs?: number][], expected: string) {
  const told = steps.map(
    ([name, how, startedMs = 0]): BuildStep => ({
      ...newStep(`[2/2] ${name}`),
      cached: how === 'hit',
      startedMs: how === 'never' ? null : startedMs,
      durationMs: how === 'never' ? null : how === 'hit' ? 0 : 1000,
      error: how === 'given up' ? 'context canceled' : null,
    }),
  );
  const dockerfile = parseDockerfile(`FROM base\n${line}\n`);
  const [, fact] = cacheFacts(dockerfile, null, new Map([[1, told]]), new Set(), defaultChoice);
  assert.equal(`${fact!.cache} ${fact!.durationMs}`, expected);
}

test('a download asks the server in each build; the copy after it tells whether the line came from the cache', () => {
  const add = 'ADD http://127.0.0.1/x /x';
  const download = [add, 'ran', 1] as [string, string, number];
  check(add, [download, [add, 'hit', 2]], 'hit null');
  check(add, [[add, 'hit', 3], download, [add, 'ran', 2]], 'hit null');
  check(add, [[add, 'ran', 2], download], 'miss 2000');
  // The base changed: what was downloaded before is copied anew.
  check(
    add,
    [
      [add, 'ran', 2],
      [add, 'hit', 1],
    ],
    'miss 1000',
  );
  check(`${add} --link`, [download, [add, 'hit', 2], [`LINK ${add}`, 'ran', 3]], 'miss 2000');
  // The download failed, and nothing was copied.
  check(add, [[add, 'never'], download], 'unknown null');
});

test('the copy and the merge of COPY --link count together', () => {
  const copy = 'COPY --link a /';
  check(
    copy,
    [
      [copy, 'hit'],
      [`LINK ${copy}`, 'hit'],
    ],
    'hit null',
  );
  check(
    copy,
    [
      [copy, 'ran'],
      [`LINK ${copy}`, 'hit'],
    ],
    'miss 1000',
  );
});

test('a step that never began or was given up tells nothing', () => {
  check('RUN x', [['RUN x', 'never']], 'unknown null');
  check('RUN x', [['RUN x', 'given up']], 'unknown null');
});

test('a line without a step says why the steps of its stage could not be tied', () => {
  const why = "The builder's steps fit this stage in more than one way.";
  const dockerfile = parseDockerfile('FROM base AS one\nRUN a\nFROM base\nRUN b\nCOPY --from=one a a\n');
  const step = { ...newStep('[stage-1 2/3] RUN b'), cached: true };
  const facts = cacheFacts(dockerfile, null, new Map([[3, [step]]]), new Set(), defaultChoice, (stage) =>
    stage === 0 ? why : null,
  );
  assert.deepEqual(
    facts.map((fact) => [fact.cache, fact.why]),
    [
      ['not-cacheable', null],
      ['unknown', why],
      ['not-cacheable', null],
      ['hit', null],
      ['unknown', null],
    ],
  );
});

test('in a build that failed, a hit is believed where a later line of the stage was begun', () => {
  const dockerfile = parseDockerfile('FROM base\nRUN a\nRUN b\nRUN c\n');
  const step = (name: string, cached: boolean, error: string | null = null) => ({
    ...newStep(name),
    ...{ cached, startedMs: 1, durationMs: cached ? 0 : 5, error },
  });
  const steps = new Map([
    [1, [step('[2/4] RUN a', true)]],
    [2, [step('[3/4] RUN b', false, 'exit code: 3')]],
    [3, [step('[4/4] RUN c', true)]],
  ]);
  const failed = { outcome: 'failed', builder: { rules: 'buildkit' }, failure: null } as BuildRecord;
  assert.deepEqual(
    cacheFacts(dockerfile, failed, steps, new Set(), defaultChoice).map(({ cache }) => cache),
    ['not-cacheable', 'hit', 'miss', 'unknown'],
  );
  const built = { ...failed, outcome: 'built' } as BuildRecord;
  assert.equal(cacheFacts(dockerfile, built, steps, new Set(), defaultChoice)[3]!.cache, 'hit');
});
