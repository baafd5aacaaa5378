import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { createIndexer } from '../../../server/src/host/indexThreads';
import { createNodeHost } from '../../../server/src/host/nodeHost';
import type { LayerBlob } from '../../../server/src/image/model';
import { sha256 } from '../../../server/src/primitives/digest';
import { isCancelled } from '../../../server/src/primitives/errors';
import { zstdStored } from '../../support/imageFiles';
import { layerTar } from '../../support/imageFixture';
import { indexOfTar } from '../../support/layerIndexes';
import { rawHeader, rawTar } from '../../support/rawTar';

const folder = mkdtempSync(path.join(tmpdir(), 'strata-threads-'));
after(() => rmSync(folder, { recursive: true }));
const host = createNodeHost();
const workerPath = path.join(folder, 'indexWorker.js');
const bundled = build({
  absWorkingDir: process.env.STRATA_ROOT ?? process.cwd(),
  entryPoints: ['server/src/host/indexWorker.ts'],
  outfile: workerPath,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'warning',
});

let files = 0;
/** The bytes in a file, with others before and behind. */
function blobOf(bytes: Uint8Array): LayerBlob {
  const file = path.join(folder, `blob${files++}`);
  writeFileSync(file, Buffer.concat([Buffer.alloc(700, 1), bytes, Buffer.alloc(300, 2)]));
  const region = { path: file, offset: 700, length: bytes.length };
  return { region, open: (signal) => host.files.stream(file, { offset: 700, length: bytes.length, signal }) };
}

test('threads index what one thread indexes, in every compression, many at a time', async () => {
  await bundled;
  const indexer = createIndexer(host, workerPath, { threads: 2 });
  try {
    const tars = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        layerTar({ 'etc/a': 'x'.repeat(i * 40_000), [`f${i}`]: 'y', '.wh.z': '' }),
      ),
    );
    const jobs = tars.flatMap((tar) =>
      [tar, gzipSync(tar), zstdStored(tar)].map((bytes) => ({ tar, blob: blobOf(bytes) })),
    );
    const indexes = await Promise.all(jobs.map(({ tar, blob }) => indexer.index(blob, sha256(tar))));
    for (const [i, index] of indexes.entries()) assert.deepEqual(index, indexOfTar(jobs[i]!.tar));
  } finally {
    await indexer.close();
  }
});

test('a signal keeps no listener of a job that is done', async () => {
  await bundled;
  const indexer = createIndexer(host, workerPath, { threads: 1 });
  const { signal } = new AbortController();
  try {
    const tar = await layerTar({ f: 'y' });
    const jobs = Array.from({ length: 3 }, () =>
      indexer.index(blobOf(gzipSync(tar)), sha256(tar), { signal }),
    );
    await Promise.all(jobs);
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  } finally {
    await indexer.close();
  }
});

test('refusals cross the threads with their code, and the thread goes on', async () => {
  await bundled;
  const indexer = createIndexer(host, workerPath, { threads: 1 });
  try {
    const tar = await layerTar({ a: '1' });
    await assert.rejects(indexer.index(blobOf(Buffer.from('nonsense')), sha256(tar)), {
      name: 'StrataError',
      code: 'unreadable',
    });
    await assert.rejects(indexer.index(blobOf(Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0])), sha256(tar)), {
      code: 'unsupported',
      hint: /gzip/,
    });
    await assert.rejects(
      indexer.index(blobOf(tar), sha256(tar), { limits: { maxEntries: 0, maxPathBytes: 9 } }),
      { code: 'hostile' },
    );
    const gone = { ...blobOf(tar), region: { path: path.join(folder, 'gone'), offset: 0, length: 10 } };
    await assert.rejects(indexer.index(gone, sha256(tar)), { code: 'unreadable', message: /gone/ });
    assert.deepEqual(await indexer.index(blobOf(tar), sha256(tar)), indexOfTar(tar));
  } finally {
    await indexer.close();
  }
});

test('an abort ends a running thread within 200 ms and a waiting job at once; the rest go on', async () => {
  await bundled;
  const indexer = createIndexer(host, workerPath, { threads: 1 });
  try {
    // 100 MB of tar in 100 KB.
    const slow = gzipSync(
      Buffer.concat([rawHeader({ name: 'zeros', size: 100_000_000 }), Buffer.alloc(100_000_000)]),
    );
    const small = await layerTar({ a: '1' });
    const controller = new AbortController();
    const settled: string[] = [];
    const job = (name: string, blob: LayerBlob, signal?: AbortSignal) =>
      indexer.index(blob, sha256(small), { signal }).then(
        () => settled.push(`${name} done`),
        (error) => settled.push(`${name} ${isCancelled(error) ? 'cancelled' : error}`),
      );
    const jobs = [
      job('running', blobOf(slow), controller.signal),
      job('waiting', blobOf(slow), controller.signal),
      job('other', blobOf(small)),
    ];
    await new Promise((resolve) => setTimeout(resolve, 50));
    const aborted = Date.now();
    controller.abort();
    await Promise.all(jobs.slice(0, 2));
    assert.ok(Date.now() - aborted < 200);
    await jobs[2];
    assert.deepEqual(settled.sort(), ['other done', 'running cancelled', 'waiting cancelled']);
    await assert.rejects(
      indexer.index(blobOf(small), sha256(small), { signal: AbortSignal.abort() }),
      isCancelled,
    );
  } finally {
    await indexer.close();
  }
});

/** 8 GB of tar that takes seconds to unpack, in a few MB. */
function endless(): Record<string, Buffer> {
  const header = rawHeader({ name: 'zeros', size: 8 * 2 ** 30 });
  const megabytes = gzipSync(Buffer.alloc(16 * 2 ** 20));
  const rle = Buffer.from([0x02, 0x00, 0x10, 0x00]); // 128 KiB of zeros
  return {
    gzip: Buffer.concat([gzipSync(header), ...Array.from({ length: 512 }, () => megabytes)]),
    zstd: Buffer.concat([
      zstdStored(header),
      zstdStored(Buffer.alloc(0)).subarray(0, 6),
      ...Array.from({ length: 65_536 }, () => rle),
    ]),
  };
}

function isOpen(file: string): boolean {
  return readdirSync('/proc/self/fd').some((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`) === file;
    } catch {
      return false;
    }
  });
}

/** Fails when it does not come true in `ms`. */
async function becomesTrue(what: string, condition: () => boolean, ms: number): Promise<void> {
  const deadline = Date.now() + ms;
  while (!condition()) {
    assert.ok(Date.now() < deadline, `not in ${ms} ms: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const watchesFiles = existsSync('/proc/self/fd');

test('a job that is cancelled while it unpacks gives back its file, and the next one runs', {
  skip: watchesFiles ? false : 'this system does not show which files are open',
}, async () => {
  await bundled;
  const indexer = createIndexer(host, workerPath, { threads: 1 });
  const any = { maxBytes: 2 ** 50, maxRatio: 2 ** 50, ratioAfter: 2 ** 50 };
  try {
    for (const [format, bytes] of Object.entries(endless())) {
      const blob = blobOf(bytes);
      const controller = new AbortController();
      const { signal } = controller;
      const job = indexer.index(blob, sha256('any'), { signal, decompressLimits: any });
      const refused = assert.rejects(job, isCancelled);
      await becomesTrue(`${format} is read`, () => isOpen(blob.region!.path), 10_000);
      controller.abort();
      await refused;
      // 200 ms are promised; a machine with much else to do may take longer to end a thread.
      await becomesTrue(`${format} is closed`, () => !isOpen(blob.region!.path), 2000);
      const tar = await layerTar({ a: format });
      assert.deepEqual(await indexer.index(blobOf(tar), sha256(tar)), indexOfTar(tar));
    }
  } finally {
    await indexer.close();
  }
});

test('stored bytes are verified against their digest where they are compressed, in threads and here', async () => {
  await bundled;
  const indexer = createIndexer(host, workerPath, { threads: 1 });
  try {
    const tar = await layerTar({ 'etc/a': 'x'.repeat(40_000) });
    const wrong = sha256('something else');
    // What lies behind the last member belongs to the stored bytes.
    const padded = Buffer.concat([gzipSync(tar), Buffer.alloc(600_000)]);
    for (const bytes of [gzipSync(tar), padded, zstdStored(tar)]) {
      for (const blob of [blobOf(bytes), { ...blobOf(bytes), region: null }]) {
        const index = await indexer.index(blob, sha256(tar), { blobDigest: sha256(bytes) });
        assert.deepEqual(index, indexOfTar(tar));
        await assert.rejects(indexer.index(blob, sha256(tar), { blobDigest: wrong }), {
          name: 'StrataError',
          code: 'unreadable',
          message: `The stored bytes are not what the digest ${wrong.slice(0, 19)}… says.`,
        });
      }
    }
    for (const blob of [blobOf(tar), { ...blobOf(tar), region: null }]) {
      assert.deepEqual(await indexer.index(blob, sha256(tar), { blobDigest: wrong }), indexOfTar(tar));
    }
  } finally {
    await indexer.close();
  }
});

test('closing cancels what runs and waits', async () => {
  await bundled;
  const indexer = createIndexer(host, workerPath, { threads: 1 });
  const tar = rawTar(rawHeader({ name: 'zeros', size: 0 }));
  const slow = gzipSync(
    Buffer.concat([rawHeader({ name: 'zeros', size: 100_000_000 }), Buffer.alloc(100_000_000)]),
  );
  const jobs = [slow, tar].map((bytes) => indexer.index(blobOf(bytes), sha256(tar)));
  const outcomes = Promise.allSettled(jobs);
  await indexer.close();
  for (const outcome of await outcomes)
    assert.ok(outcome.status === 'rejected' && isCancelled(outcome.reason));
});

test('without the worker file, and for a layer that lies in no file, the work is done here', async () => {
  await bundled;
  const tar = await layerTar({ 'etc/a': 'x', b: 'y' });
  for (const indexer of [
    createIndexer(host, path.join(folder, 'nowhere.js')),
    createIndexer(host, workerPath, { threads: 1 }),
  ]) {
    const streamed: LayerBlob = { region: null, open: blobOf(gzipSync(tar)).open };
    for (const blob of [blobOf(tar), streamed]) {
      assert.deepEqual(await indexer.index(blob, sha256(tar)), indexOfTar(tar));
    }
    await indexer.close();
  }
});

test('plain layers can be indexed in this thread, the others go to threads', async () => {
  await bundled;
  const indexer = createIndexer(host, workerPath, { threads: 1, plainHere: true });
  try {
    const tar = await layerTar({ 'etc/a': 'x', b: 'y' });
    for (const bytes of [tar, gzipSync(tar), zstdStored(tar)])
      assert.deepEqual(await indexer.index(blobOf(bytes), sha256(tar)), indexOfTar(tar));
    await assert.rejects(indexer.index(blobOf(tar.subarray(0, 700)), sha256(tar)), { code: 'unreadable' });
  } finally {
    await indexer.close();
  }
});

test('plain layers that would wait long for this thread go to others, and all are told right', async () => {
  await bundled;
  const indexer = createIndexer(host, workerPath, { threads: 2, plainHere: true, patienceMs: 0 });
  const entry = (i: number): Buffer => rawHeader({ name: `d${i % 100}/f${i}`, size: 0 });
  const long = Buffer.concat([...Array.from({ length: 100_000 }, (_, i) => entry(i)), Buffer.alloc(1024)]);
  try {
    const short = await layerTar({ 'etc/a': 'x', b: 'y' });
    // In the middle of a header.
    const cut = short.subarray(0, 1200);
    const jobs = [long, short, cut, short].map((bytes) => indexer.index(blobOf(bytes), sha256(bytes)));
    const outcomes = await Promise.allSettled(jobs);
    for (const [i, tar] of [long, short, null, short].entries()) {
      const outcome = outcomes[i]!;
      if (tar === null) assert.ok(outcome.status === 'rejected' && outcome.reason.code === 'unreadable');
      else assert.deepEqual(outcome.status === 'fulfilled' && outcome.value, indexOfTar(tar));
    }
  } finally {
    await indexer.close();
  }
});

test('a plain layer in this thread leaves others their turn, and ends when it is cancelled', async () => {
  const entry = rawHeader({ name: 'a', size: 0 });
  const bytes = Buffer.concat([...Array.from({ length: 400_000 }, () => entry), Buffer.alloc(1024)]);
  const indexer = createIndexer(host, workerPath, { threads: 1, plainHere: true });
  const abort = new AbortController();
  setImmediate(() => abort.abort());
  await assert.rejects(indexer.index(blobOf(bytes), sha256('x'), { signal: abort.signal }), isCancelled);
  await indexer.close();
});
