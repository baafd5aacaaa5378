// Whatever is being read of an image, wherever it lies and however it is packed: after an abort next to nothing more is
// read, and nothing stays open. That is what makes it prompt, on any machine. Threads: test/unit/host/indexThreads.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openImage } from '../../../server/src/image/open';
import { measureImage } from '../../../server/src/layers/measureImage';
import type { LayerIndex } from '../../../server/src/layers/model';
import { readStateFile } from '../../../server/src/layers/readFile';
import { isCancelled } from '../../../server/src/primitives/errors';
import type { Host } from '../../../server/src/primitives/host';
import { type ImageLiteral, imageHost } from '../../support/imageFixture';
import { noise } from '../../support/measuredBuild';
import type { MemoryHost } from '../../support/memoryHost';
import { playedRegistry } from '../../support/playedRegistry';

const files = (layer: number) =>
  Object.fromEntries(
    Array.from({ length: 60 }, (_, i) => [`d${layer}/f${i}`, noise(700, layer * 100 + i)] as const),
  );
const literal: ImageLiteral = { layers: [files(0), files(1), files(2)] };

const chunkBytes = 2048;
/** Of what was on its way, and where a chunk behind it was asked for already. */
const mostStepsAfter = 2;
const moments = 25;

const sources: Record<string, () => Promise<{ host: MemoryHost; reference: string }>> = {
  'plain parts of a file': () => imageHost(literal, 'docker-archive', 'none', { chunkBytes }),
  'gzip blobs': () => imageHost(literal, 'oci', 'gzip', { chunkBytes }),
  'zstd blobs': () => imageHost(literal, 'oci', 'zstd', { chunkBytes }),
  'an archive compressed as a whole': () => imageHost(literal, 'packed-archive', 'none', { chunkBytes }),
  'what an engine saves': () => imageHost(literal, 'docker-daemon', 'none', { chunkBytes }),
  'a registry': async () => {
    const { host } = await playedRegistry(literal, { chunkBytes });
    return { host, reference: 'docker://registry.example/app:1' };
  },
};

/** The host, which tells each part of a file or an answer that is handed out. */
function watched(host: MemoryHost, onStep: () => void): Host {
  async function* told(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      onStep();
      yield chunk;
    }
  }
  return {
    ...host,
    files: {
      ...host.files,
      stream: (path, options) => told(host.files.stream(path, options)),
      async open(path) {
        const file = await host.files.open(path);
        return {
          ...file,
          read(position, length) {
            onStep();
            return file.read(position, length);
          },
        };
      },
    },
    network: {
      async request(url, request) {
        const answer = await host.network.request(url, request);
        return { ...answer, body: told(answer.body) };
      },
    },
  };
}

/** Opens an image, indexes its layers and reads a file of each. */
async function readAll(host: Host, reference: string, signal: AbortSignal): Promise<void> {
  const image = await openImage(host, reference, { signal });
  try {
    const { indexes } = await measureImage(host, image, { signal });
    for (const layer of [2, 0, 1]) {
      const path = `d${layer}/f${10 * layer + 5}`;
      const bytes = await readStateFile(host, image.layers, indexes as LayerIndex[], 2, path, { signal });
      assert.ok(Buffer.from(noise(700, layer * 100 + 10 * layer + 5)).equals(bytes!));
    }
  } finally {
    await image.close();
  }
}

async function leftOf(host: MemoryHost): Promise<unknown[]> {
  return [host.openFiles, host.openAnswers, ...(await host.files.list('/tmp'))];
}

describe('an abort at any moment ends the reading of', () => {
  for (const [what, make] of Object.entries(sources)) {
    test(what, async () => {
      let all = 0;
      const whole = await make();
      await readAll(
        watched(whole.host, () => all++),
        whole.reference,
        new AbortController().signal,
      );
      assert.deepEqual(await leftOf(whole.host), [0, 0]);
      assert.ok(all > 5, `${all} steps are too few`);
      for (let i = 0; i < moments; i++) {
        const moment = 1 + Math.floor(((all - 1) * i) / (moments - 1));
        const stop = new AbortController();
        const { host, reference } = await make();
        let steps = 0;
        const tapped = watched(host, () => {
          // In the middle of a step, and between two of them.
          if (++steps !== moment) return;
          if (i % 2 === 0) stop.abort();
          else queueMicrotask(() => stop.abort());
        });
        const error = await readAll(tapped, reference, stop.signal).then(
          () => null,
          (thrown: Error) => thrown,
        );
        const isStopped = isCancelled(error) || error?.name === 'AbortError';
        // With the last steps on their way, all is done.
        assert.ok(
          isStopped || (error === null && moment >= all - mostStepsAfter),
          `${moment} of ${all}: ${error}`,
        );
        assert.ok(
          steps - moment <= mostStepsAfter,
          `${steps - moment} steps after an abort at ${moment} of ${all}`,
        );
        assert.deepEqual(await leftOf(host), [0, 0], `left after an abort at ${moment} of ${all}`);
      }
    });
  }
});
