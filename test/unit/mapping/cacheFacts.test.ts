// What the steps of a line say of the cache. On whole builds: test/live/mapping.test.ts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BuildStep } from '../../../server/src/build/model';
import { newStep } from '../../../server/src/build/stepName';
import { defaultChoice } from '../../../server/src/dockerfile/model';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { cacheFacts } from '../../../server/src/mapping/cacheFacts';

/** `hit`, `ran` or `given up` for each step of a line, in the builder's order. */
function check(line: string, steps: [name: string, how: string][], expected: string) {
  const told = steps.map(
    ([name, how]): BuildStep => ({
      ...newStep(`[2/2] ${name}`),
      cached: how === 'hit',
      startedMs: how === 'never' ? null : 0,
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
  check(
    add,
    [
      [add, 'ran'],
      [add, 'hit'],
    ],
    'hit null',
  );
  check(
    add,
    [
      [add, 'ran'],
      [add, 'ran'],
      [add, 'hit'],
    ],
    'hit null',
  );
  check(
    add,
    [
      [add, 'ran'],
      [add, 'ran'],
    ],
    'miss 2000',
  );
  check(
    `${add} --link`,
    [
      [add, 'ran'],
      [add, 'hit'],
      [`LINK ${add}`, 'ran'],
    ],
    'miss 2000',
  );
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
