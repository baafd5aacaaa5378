// The part of the images benchmark that runs inside one process of the Node that is measured: threads, memory of an
// index, and the questions that are asked of it. Started by images.bench.ts, answers with one line of JSON.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createIndexer } from '../server/src/host/indexThreads';
import { createNodeHost } from '../server/src/host/nodeHost';
import { openImage } from '../server/src/image/open';
import { diffLayer, diffStates } from '../server/src/layers/diff';
import { encodeIndex, indexBytes } from '../server/src/layers/indexFormat';
import { measureImage } from '../server/src/layers/measureImage';
import type { LayerIndex } from '../server/src/layers/model';
import { openIndexStore } from '../server/src/layers/store';
import { openTree } from '../server/src/layers/tree';
import { wasteOf } from '../server/src/layers/waste';
import { openSyncDecoder, type SyncFormat } from '../server/src/primitives/zlibHandle';
import { plainDiff, plainLayer, plainState, plainTotals } from './dataPlain';
import { interleaved, interleavedAsync } from './measure';

const host = createNodeHost();

export interface InsideFigures {
  entries: number;
  memoryBytes: number;
  objectBytes: number;
  diskBytes: number;
  /** ms by what was measured */
  times: Record<string, number>;
}

async function indexesOf(file: string, dist: string, threads: number): Promise<LayerIndex[]> {
  const indexer = createIndexer(host, path.join(dist, 'indexWorker.js'), { threads });
  const image = await openImage(host, file);
  try {
    const { indexes } = await measureImage(host, image, { indexer });
    if (indexes.includes(null)) throw new Error(`${file}: ${image.problems.join(' ')}`);
    return indexes as LayerIndex[];
  } finally {
    await image.close();
    await indexer.close();
  }
}

/** Whole image with one thread and with two, threads started anew. */
export function threadFigures(file: string, dist: string, rounds: number): Promise<Record<string, number>> {
  return interleavedAsync(rounds, {
    one: () => indexesOf(file, dist, 1),
    two: () => indexesOf(file, dist, 2),
  });
}

/** Questions asked of the image in memory, each beside the obvious way. */
export async function insideFigures(file: string, dist: string, rounds: number): Promise<InsideFigures> {
  const indexes = await indexesOf(file, dist, 2);
  const entries = indexes.reduce((sum, { count }) => sum + count, 0);
  const stored = indexes.map(encodeIndex);
  const loads = await loadFigures(indexes, rounds);
  const before = heapBytes();
  const plain = indexes.map(plainLayer);
  const objectBytes = heapBytes() - before;
  const last = indexes.length - 1;
  const half = Math.ceil(indexes.length / 2);
  const times = interleaved(rounds, {
    totals: () => openTree(indexes, last, 'merged'),
    plainTotals: () => plainTotals(plain),
    diff: () => diffStates(indexes.slice(0, half), indexes),
    plainDiff: () => plainDiff(plain.slice(0, half), plain),
    diffLayer: () => diffLayer(indexes, last - 1),
    plainDiffLayer: () => plainDiff(plain.slice(0, last - 1), plain.slice(0, last)),
    waste: () => wasteOf(indexes),
    plainWaste: () => plainState(plain),
  });
  return {
    entries,
    memoryBytes: indexes.reduce((sum, index) => sum + indexBytes(index), 0),
    objectBytes,
    diskBytes: stored.reduce((sum, bytes) => sum + bytes.length, 0),
    times: { ...times, ...loads },
  };
}

async function loadFigures(indexes: readonly LayerIndex[], rounds: number): Promise<Record<string, number>> {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-bench-store-'));
  try {
    for (const index of indexes) await openIndexStore(host, folder).put(index);
    const files = readdirSync(folder, { recursive: true })
      .map((name) => path.join(folder, String(name)))
      .filter((name) => name.endsWith('.idx'));
    return await interleavedAsync(rounds, {
      load: async () => {
        const store = openIndexStore(host, folder);
        for (const { diffId } of indexes) if (!(await store.get(diffId))) throw new Error('not kept');
      },
      readFiles: async () => files.map((file) => readFileSync(file)),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** Unpacks blobs and drops what comes out: zlib driven without waiting, as fast as this Node can. */
export function inflateAlone(blobs: readonly string[], format: SyncFormat): void {
  const windowBytes = 2 ** 18;
  const output = new Uint8Array(windowBytes);
  for (const blob of blobs) {
    const input = readFileSync(blob);
    const decoder = openSyncDecoder(format);
    if (!decoder) throw new Error(`This Node does not unpack ${format} without waiting.`);
    for (let at = 0, full = true; at < input.length || full; ) {
      const bytes = input.subarray(at, at + windowBytes);
      decoder.write(bytes, 0, output, 0, false);
      at += bytes.length - decoder.inputLeft;
      full = decoder.outputLeft === 0;
      // Behind the last frame nothing moves any more.
      if (decoder.inputLeft === bytes.length && decoder.outputLeft === output.length && bytes.length > 0)
        break;
    }
    decoder.close();
  }
}

/** `--inside WHAT ARGUMENT…` of images.bench.ts: prints its answer as JSON. */
export async function inside([what, ...words]: string[]): Promise<void> {
  const [file = '', dist = '', rounds = ''] = words;
  if (what === 'inflate') inflateAlone(words.slice(1), file as SyncFormat);
  else if (what === 'threads') console.log(JSON.stringify(await threadFigures(file, dist, Number(rounds))));
  else if (what === 'figures') console.log(JSON.stringify(await insideFigures(file, dist, Number(rounds))));
}
