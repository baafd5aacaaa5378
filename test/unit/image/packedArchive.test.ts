import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openImage } from '../../../server/src/image/open';
import { findRow } from '../../../server/src/layers/entry';
import { LayerReader } from '../../../server/src/layers/layerReader';
import { measureImage } from '../../../server/src/layers/measureImage';
import type { LayerIndex } from '../../../server/src/layers/model';
import { readStateFile } from '../../../server/src/layers/readFile';
import { openIndexStore } from '../../../server/src/layers/store';
import { StrataError } from '../../../server/src/primitives/errors';
import type { HostFiles } from '../../../server/src/primitives/host';
import { imageHost } from '../../support/imageFixture';
import type { MemoryHost, MemoryHostOptions } from '../../support/memoryHost';

const image = { layers: [{ a: 'one' }, { b: 'two' }, { c: 'three' }] };

const packedHost = (options: MemoryHostOptions = {}) => imageHost(image, 'packed-archive', 'none', options);

/** How often the archive itself was gone through. */
function passes(host: MemoryHost): number {
  return host.calls.filter((call) => call === 'stream /images/image.tar').length;
}

async function left(host: MemoryHost): Promise<string[]> {
  return (await host.files.list('/tmp')).map(({ name }) => name);
}

test('an archive compressed as a whole is gone through once, whatever is asked of it', async () => {
  const { host, reference } = await packedHost();
  const opened = await openImage(host, reference);
  const { measured, indexes } = await measureImage(host, opened, { findings: true });
  assert.equal(measured.visibleBytes, 11);
  for (const [i, path] of ['a', 'b', 'c'].entries()) {
    const bytes = await readStateFile(host, opened.layers, indexes as LayerIndex[], 2, path);
    assert.equal(Buffer.from(bytes!).toString(), ['one', 'two', 'three'][i]);
  }
  assert.equal(passes(host), 1);
  assert.deepEqual(measured.problems, []);
  await opened.close();
  assert.deepEqual([host.openFiles, await left(host)], [0, []]);
});

test('what is unpacked of it lies in a temporary folder of ours, not beside it', async () => {
  const { host, reference } = await packedHost();
  const opened = await openImage(host, reference);
  for (const { blob } of opened.layers) {
    assert.match(blob!.region!.path, /^\/tmp\/strata-\d+\/image\.tar$/);
    assert.equal(blob!.origin, '/images/image.tar');
  }
  await opened.close();
});

test('the indexes of its layers are kept under the name that the person gave', async () => {
  const { host, reference } = await packedHost();
  const store = openIndexStore(host, '/cache');
  const keptFiles = (): string[] => [...host.disk.keys()].filter((path) => path.endsWith('.idx')).sort();
  let before: string[] = [];
  for (let i = 0; i < 2; i++) {
    const opened = await openImage(host, reference);
    await measureImage(host, opened, { store: i === 0 ? store : openIndexStore(host, '/cache') });
    await opened.close();
    if (i === 0) before = keptFiles();
  }
  assert.equal(before.length, 3);
  assert.deepEqual(keptFiles(), before);
});

for (const [what, code, refused, passesBefore] of [
  ['the disk is too small', 'no-space', 'second create', 2],
  ['no temporary folder can be made', 'unreadable', 'makeTemporary', 1],
  ['no file can be written there', 'unreadable', 'create', 1],
] as const)
  test(`where ${what}, each layer is unpacked when it is read, which is said`, async () => {
    let writes = 0;
    const refuse = (operation: keyof HostFiles): Error | null => {
      const nth = operation === 'create' && ++writes > 1 ? `second ${operation}` : operation;
      return nth === refused ? new StrataError(code, 'It is refused.') : null;
    };
    const { host, reference } = await packedHost({ refuse });
    const opened = await openImage(host, reference);
    assert.deepEqual(await left(host), []);
    const { measured } = await measureImage(host, opened);
    assert.equal(measured.visibleBytes, 11);
    assert.match(measured.problems.join(), /compressed as a whole and could not be unpacked/);
    assert.equal(passes(host), passesBefore + 3);
    await opened.close();
    assert.equal(host.openFiles, 0);
  });

test('what an editor read of it stays at hand when it is closed', async () => {
  const { host, reference } = await packedHost();
  const opened = await openImage(host, reference);
  const { indexes } = await measureImage(host, opened);
  const reader = new LayerReader(host);
  const [layer, index] = [opened.layers[1]!, indexes[1]!];
  const row = findRow(index, 'b');
  assert.equal(Buffer.from(await reader.read(layer, index, row)).toString(), 'two');
  await opened.close();
  assert.equal(Buffer.from(reader.kept(index, row)!).toString(), 'two');
});

test('a bomb is not unpacked to the disk', async () => {
  // 513 MiB and more than 32 times what is stored.
  const zeros = new Uint8Array(2 ** 20);
  const { host, reference, fixtures } = await imageHost({ layers: [{ a: 'one' }] }, 'packed-archive');
  const padding = Buffer.concat(Array.from({ length: 700 }, () => gzipSync(zeros, { level: 1 })));
  host.disk.set('/images/image.tar', Buffer.concat([host.disk.get('/images/image.tar')!, padding]));
  const opened = await openImage(host, reference);
  assert.equal(opened.id, fixtures[0]!.id);
  assert.equal(opened.layers[0]!.blob!.region, null);
  assert.deepEqual([host.openFiles, await left(host)], [0, []]);
  await opened.close();
});

test('a damaged one, one without an image and one that is cancelled leave nothing behind', async () => {
  const { host, reference } = await packedHost({ chunkBytes: 50 });
  const whole = host.disk.get('/images/image.tar')!;
  for (const bytes of [whole.subarray(0, -9), gzipSync(Buffer.alloc(1024))]) {
    host.disk.set('/images/image.tar', bytes);
    await assert.rejects(openImage(host, reference), { code: 'unreadable' });
    assert.deepEqual([host.openFiles, await left(host)], [0, []]);
  }
  host.disk.set('/images/image.tar', whole);
  const stop = new AbortController();
  const opening = openImage(host, reference, { signal: stop.signal });
  stop.abort();
  await assert.rejects(opening, /cancel|abort/i);
  assert.deepEqual([host.openFiles, await left(host)], [0, []]);
});
