// Which Dockerfile past builds were of: asked once, unless the answer may still change.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownersOf } from '../../../server/src/lsp/buildOwners';
import type { Session } from '../../../server/src/lsp/session';
import { StrataError } from '../../../server/src/primitives/errors';
import { type Asked, stubHost, type Told } from '../build/stubHost';

/** Lists the builds twice: what each list told, and how many programs it started. */
async function checkTwice(
  builds: { ref: string; status?: 'completed' | 'running' }[],
  answer: (id: string, time: number) => Told | null,
  expected: [owners: (string | null)[], started: number][],
): Promise<void> {
  const asked: Asked[] = [];
  let time = 0;
  const session = { host: stubHost(({ args }) => answer(args.at(-1)!, time), { asked }) } as Session;
  const found: typeof expected = [];
  for (time = 1; time <= 2; time++) {
    const before = asked.length;
    const listed = builds.map(({ ref, status = 'completed' }) => ({ ref, status }) as const);
    const owners = await ownersOf(session, {}, listed);
    found.push([builds.map(({ ref }) => owners.get(ref) ?? null), asked.length - before]);
  }
  assert.deepEqual(found, expected);
}

const told = (id: string): Told => ({
  stdout: JSON.stringify({ Context: `work/${id}`, Dockerfile: 'Dockerfile' }),
});
const seven = Array.from({ length: 7 }, (_, at) => ({ ref: `b/b0/r${at}` }));
const theirs = seven.map((_, at) => `/work/r${at}/Dockerfile`);

test('the second list starts no program for builds that are known', () =>
  checkTwice(seven, told, [
    [theirs, 7],
    [theirs, 0],
  ]));

test('a build that came from elsewhere is known too', () =>
  checkTwice([{ ref: 'r' }], () => ({ stdout: '{"Context":"https://x.example/y.git","Dockerfile":"-"}' }), [
    [[null], 1],
    [[null], 0],
  ]));

test('what was refused is asked again', () =>
  checkTwice([{ ref: 'r' }], (id, time) => (time === 1 ? { code: 1, stderr: 'ERROR: later' } : told(id)), [
    [[null], 1],
    [['/work/r/Dockerfile'], 1],
  ]));

test('so is a build that still runs', () =>
  checkTwice([{ ref: 'r', status: 'running' }], told, [
    [['/work/r/Dockerfile'], 1],
    [['/work/r/Dockerfile'], 1],
  ]));

test('a list that is given up throws, and what it learned stays out', async () => {
  const stop = new AbortController();
  const session = { host: stubHost(() => told('r')) } as unknown as Session;
  stop.abort();
  await assert.rejects(
    ownersOf(session, { signal: stop.signal }, [{ ref: 'r', status: 'completed' }]),
    (error) => error instanceof StrataError && error.code === 'cancelled',
  );
  assert.deepEqual(
    [...(await ownersOf(session, {}, [{ ref: 'r', status: 'completed' }]))],
    [['r', '/work/r/Dockerfile']],
  );
});
