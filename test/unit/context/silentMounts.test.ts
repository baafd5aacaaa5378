// What does not answer: a walk tells so and goes on living; the bound is reached once, not at each change.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rescan, walkContext } from '../../../server/src/context/walk';
import { type MemoryHost, memoryHost } from '../../support/memoryHost';

const request = {
  root: '/ctx',
  dockerfile: '/ctx/Dockerfile',
  rules: 'buildkit' as const,
  limits: { answerMs: 1 },
};

/** A host on which a listing of this folder waits until `answer` is called. */
function silentHost(
  folder: string,
  mounts: string[] = [],
): { host: MemoryHost; answer(): void; asked(): number } {
  const mountinfo = mounts.map((one) => `40 27 0:41 / ${one} rw,relatime - nfs far:/ rw\n`).join('');
  const host = memoryHost({ files: { '/ctx/a': 'a', '/ctx/mnt/b': 'b', '/proc/self/mountinfo': mountinfo } });
  const { list } = host.files;
  let answer = () => {};
  let asked = 0;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  host.files.list = async (path) => {
    if (path === folder) {
      asked++;
      await answered;
    }
    return list(path);
  };
  return { host, answer, asked: () => asked };
}

const silent = (folder: string) => `${folder} does not answer: the build context was not read.`;

test('a context that does not answer is told of, asked once, and read when it answers', async () => {
  const { host, answer, asked } = silentHost('/ctx');
  const first = await walkContext(host, request);
  assert.deepEqual([first.problems, first.complete], [[silent('/ctx')], false]);
  const again = await rescan(host, first, ['a']);
  assert.deepEqual(again.problems, [silent('/ctx')]);
  assert.equal(asked(), 1);
  assert.ok(!host.calls.some((call) => call.startsWith('readFolder')));
  answer();
  // Whoever waits for the answer first has it first.
  await host.files.list('/ctx');
  const read = await rescan(host, again, ['a']);
  assert.deepEqual([read.problems, read.entries.map(({ path }) => path)], [[], ['a', 'mnt', 'mnt/b']]);
});

test('a mount in it that does not answer is found before anything is walked', async () => {
  const { host } = silentHost('/ctx/mnt', ['/', '/ctx\\040x', '/ctx/mnt']);
  assert.deepEqual((await walkContext(host, request)).problems, [silent('/ctx/mnt')]);
  const elsewhere = silentHost('/other', ['/other']);
  assert.deepEqual((await walkContext(elsewhere.host, request)).problems, []);
});

test('a context that is too large is not walked again at each change', async () => {
  const host = memoryHost({ files: { '/ctx/a': '', '/ctx/b': '', '/ctx/c/d': '' } });
  const first = await walkContext(host, { ...request, limits: { entries: 2 } });
  assert.match(first.problems[0]!, /more than 2 files/);
  host.calls.length = 0;
  assert.equal(await rescan(host, first, ['c/d']), first);
  assert.ok(!host.calls.some((call) => call.startsWith('readFolder')));
  await host.files.writeWhole('/ctx/.dockerignore', 'a\nb\n');
  assert.equal((await rescan(host, first, ['.dockerignore'])).entries.length, 2);
});
