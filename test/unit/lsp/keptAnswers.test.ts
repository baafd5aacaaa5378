// Answers that are kept: worked out once for all who wait, given up when nobody does, let go after a while.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeptAnswers, type Later, mostAbout } from '../../../server/src/lsp/keptAnswers';
import { inSlices } from '../../../server/src/lsp/slices';
import { noContents } from '../../../server/src/measure/contents';
import { isCancelled } from '../../../server/src/primitives/errors';

/** Answers under keys, with a count of how often one was worked out, and a while that passes when it is told to. */
function answers(most = 2) {
  let works = 0;
  let act = (): void => {};
  let refreshed = 0;
  const later: Later = (given) => {
    act = given;
    return { refresh: () => refreshed++ };
  };
  const kept = new KeptAnswers<string>(most, later);
  return {
    kept,
    ask: (key: string) => kept.get(key, async () => `${key}${++works}`),
    pass: () => act(),
    refreshes: () => refreshed,
  };
}

/** Work that goes on until it is given up. */
function endless() {
  let begun = 0;
  let steps = 0;
  const work = (signal: AbortSignal) => {
    begun++;
    return inSlices(
      (function* (): Generator<void, string> {
        for (;;) {
          steps++;
          // A slice passes by the clock.
          const until = performance.now() + 6;
          while (performance.now() < until);
          yield;
        }
      })(),
      signal,
    );
  };
  return { work, begun: () => begun, steps: () => steps };
}

const cancelled = (error: unknown) => isCancelled(error);

test('an answer is worked out once, and again when others were asked for since', async () => {
  const { ask } = answers(2);
  assert.deepEqual([await ask('a'), await ask('b'), await ask('a')], ['a1', 'b2', 'a1']);
  // The one asked for longest ago is b.
  assert.deepEqual([await ask('c'), await ask('a'), await ask('b')], ['c3', 'a1', 'b4']);
});

test('answers are let go after a while in which nobody asked', async () => {
  const { ask, pass, refreshes } = answers();
  await ask('a');
  await ask('a');
  assert.equal(refreshes(), 1);
  pass();
  assert.equal(await ask('a'), 'a2');
  pass();
  assert.equal(await ask('a'), 'a3');
});

test('an answer that failed is worked out anew', async () => {
  const { kept, ask } = answers();
  await assert.rejects(
    kept.get('a', () => Promise.reject(new Error('refused'))),
    /refused/,
  );
  assert.equal(await ask('a'), 'a1');
});

test('work is given up when the last one who waits leaves, and not before', async () => {
  const { kept, ask } = answers();
  const { work, begun, steps } = endless();
  const [first, second] = [new AbortController(), new AbortController()];
  const one = kept.get('a', work, first.signal);
  const other = kept.get('a', work, second.signal);
  first.abort();
  await assert.rejects(one, cancelled);
  const before = steps();
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  assert.ok(steps() > before, 'it goes on for the other one');
  second.abort();
  await assert.rejects(other, cancelled);
  await new Promise(setImmediate);
  const last = steps();
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  assert.deepEqual([steps(), begun()], [last, 1]);
  assert.equal(await ask('a'), 'a1');
});

test('who is cancelled already gets no answer, and an answer that is there outlives who asked', async () => {
  const { kept, ask } = answers();
  const gone = new AbortController();
  gone.abort();
  await assert.rejects(
    kept.get('a', async () => 'late', gone.signal),
    cancelled,
  );
  const abort = new AbortController();
  assert.equal(await kept.get('b', async () => 'there', abort.signal), 'there');
  abort.abort();
  assert.equal(await ask('b'), 'there');
});

test('many answers about a small image are kept, two about a very large one', () => {
  const contentsOf = (count: number) => ({ ...noContents, indexes: [null, { count }] }) as never;
  assert.deepEqual([mostAbout(noContents, 8), mostAbout(contentsOf(500_000), 8)], [64, 5]);
  assert.equal(mostAbout(contentsOf(50_000_000), 8), 2);
});
