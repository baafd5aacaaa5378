import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indexBytes } from '../../../server/src/layers/indexFormat';
import { openIndexStore } from '../../../server/src/layers/store';
import { sha256 } from '../../../server/src/primitives/digest';
import { StrataError } from '../../../server/src/primitives/errors';
import { layerIndexes } from '../../support/layerIndexes';
import { memoryHost } from '../../support/memoryHost';

const many = (count: number): Promise<Awaited<ReturnType<typeof layerIndexes>>> =>
  layerIndexes(Array.from({ length: count }, (_, i) => ({ [`file${i}`]: 'x'.repeat(i + 1) })));

test('what is put is found again, in memory and by another store on the same disk', async () => {
  const host = memoryHost();
  const [index] = await many(1);
  const store = openIndexStore(host, '/cache');
  assert.equal(await store.get(index!.diffId), null);
  await store.put(index!);
  assert.equal(await store.get(index!.diffId), index);
  assert.deepEqual([...host.disk.keys()], [`/cache/index/v2/${index!.diffId.slice(7)}.idx`]);
  assert.deepEqual(await openIndexStore(host, '/cache').get(index!.diffId), index);
});

test('whether an index is kept is told without reading it', async () => {
  const host = memoryHost();
  const [kept, other] = await many(2);
  const store = openIndexStore(host, '/cache');
  await store.put(kept!);
  for (const [at, one] of [store, openIndexStore(host, '/cache')].entries()) {
    host.calls.length = 0;
    assert.deepEqual([await one.has(kept!.diffId), await one.has(other!.diffId)], [true, false]);
    assert.ok(!host.calls.some((call) => /^read/.test(call)), `store ${at}: ${host.calls.join()}`);
  }
  assert.equal(await openIndexStore(host, null).has(kept!.diffId), false);
});

test('a damaged file is no index, and goes', async () => {
  const host = memoryHost();
  const [index] = await many(1);
  await openIndexStore(host, '/cache').put(index!);
  const [path] = host.disk.keys();
  host.disk.set(path!, host.disk.get(path!)!.slice(0, 100));
  const store = openIndexStore(host, '/cache');
  assert.equal(await store.get(index!.diffId), null);
  assert.equal(host.disk.size, 0);
  await store.put(index!);
  assert.deepEqual(await openIndexStore(host, '/cache').get(index!.diffId), index);
});

test('the disk is bounded, and what was used longest ago goes first', async () => {
  const host = memoryHost();
  const indexes = await many(10);
  const store = openIndexStore(host, '/cache');
  await store.put(indexes[0]!);
  const bytes = [...host.disk.values()][0]!.length;
  const small = openIndexStore(host, '/cache', { maxBytes: bytes * 5, memoryBytes: 0 });
  for (const index of indexes.slice(0, 5)) await small.put(index);
  await small.get(indexes[0]!.diffId);
  await small.put(indexes[5]!);
  const kept: number[] = [];
  for (const [i, { diffId }] of indexes.entries())
    if (host.disk.has(`/cache/index/v2/${diffId.slice(7)}.idx`)) kept.push(i);
  assert.ok(kept.includes(0) && kept.includes(5) && !kept.includes(1), kept.join());
  for (const index of indexes) await small.put(index);
  const total = [...host.disk.values()].reduce((sum, file) => sum + file.length, 0);
  assert.ok(total <= bytes * 5, `${total} of ${bytes * 5}`);
});

test('memory is bounded too', async () => {
  const host = memoryHost();
  const indexes = await many(4);
  const store = openIndexStore(host, null, { memoryBytes: indexBytes(indexes[0]!) * 2.5 });
  for (const index of indexes.slice(0, 2)) await store.put(index);
  await store.get(indexes[0]!.diffId);
  await store.put(indexes[2]!);
  assert.equal(await store.get(indexes[0]!.diffId), indexes[0]);
  assert.equal(await store.get(indexes[1]!.diffId), null);
  assert.equal(await store.get(indexes[2]!.diffId), indexes[2]);
  assert.deepEqual(host.calls, []);
});

test('an index larger than the disk may hold is kept in memory only', async () => {
  const host = memoryHost();
  const [index] = await many(1);
  const store = openIndexStore(host, '/cache', { maxBytes: 10 });
  await store.put(index!);
  assert.equal(host.disk.size, 0);
  assert.equal(await store.get(index!.diffId), index);
});

test('a disk that refuses makes the store forgetful, and is told once', async () => {
  for (const operation of ['read', 'writeWhole', 'list', 'touch'] as const) {
    const told: unknown[] = [];
    const full = new StrataError('no-space', 'The disk is full.');
    const host = memoryHost({ refuse: (called) => (called === operation ? full : null) });
    const [a, b] = await many(2);
    const store = openIndexStore(host, '/cache', { memoryBytes: 0, onRefused: (error) => told.push(error) });
    for (const index of [a!, b!, a!]) {
      await store.put(index);
      await store.get(index.diffId);
    }
    assert.deepEqual(told, [full], operation);
  }
});

test('cleared, it holds nothing', async () => {
  const host = memoryHost({ files: { '/cache/records/x': 'not ours' } });
  const [index] = await many(1);
  const store = openIndexStore(host, '/cache');
  await store.put(index!);
  await store.clear();
  assert.equal(await store.get(index!.diffId), null);
  assert.deepEqual([...host.disk.keys()], ['/cache/records/x']);
});

test('a text is kept on disk, and a damaged one is none', async () => {
  const host = memoryHost();
  const key = sha256('key');
  const store = openIndexStore(host, '/cache');
  assert.equal(await store.getText(key), null);
  await store.putText(key, '{"a":1}');
  assert.equal(await openIndexStore(host, '/cache').getText(key), '{"a":1}');
  const [path] = host.disk.keys();
  host.disk.set(path!, Buffer.from(Buffer.from(host.disk.get(path!)!).toString().replace('1', '2')));
  assert.equal(await store.getText(key), null);
  assert.equal(host.disk.size, 0);
});
