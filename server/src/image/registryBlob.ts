// One blob of a registry as a layer's bytes: streamed, and at its end compared with its digest and its length. Nothing
// is asked for before somebody reads.
import { createHash } from 'node:crypto';
import { StrataError } from '../primitives/errors';
import type { LayerBlob } from './model';
import type { Descriptor } from './ociIndex';
import { readBody } from './registryBody';
import type { Registry } from './registryRequests';

/** Of `range`: tables of contents have a few MiB. */
const maxRangeBytes = 64 * 2 ** 20;

export function registryBlob(registry: Registry, { digest, size }: Descriptor): LayerBlob {
  const path = `blobs/${digest}`;
  const from = registry.name.host;
  return {
    region: null,
    async *open(signal) {
      const answer = await registry.get(path, {}, signal);
      const hash = createHash('sha256');
      let length = 0;
      for await (const chunk of answer.body) {
        length += chunk.length;
        if (size !== null && length > size) throw wrongLength(`more than ${size}`);
        hash.update(chunk);
        yield chunk;
      }
      if (size !== null && length < size) throw wrongLength(`${length} of ${size}`);
      if (`sha256:${hash.digest('hex')}` !== digest) {
        throw new StrataError('unreadable', `${from} gave other bytes for ${digest} than its digest says.`);
      }
    },
    async range(offset, length, signal) {
      if (length <= 0) return new Uint8Array(0);
      if (length > maxRangeBytes) throw new Error(`${length} bytes are too many for a part of a layer`);
      const last = offset + length - 1;
      const answer = await registry.get(path, { range: `bytes=${offset}-${last}` }, signal);
      const given = /^bytes (\d+)-(\d+)\//.exec(answer.headers.get('content-range') ?? '');
      if (answer.status !== 206 || Number(given?.[1]) !== offset || Number(given?.[2]) > last) {
        await answer.discard();
        throw new StrataError('unsupported', `${from} does not give parts of a layer.`);
      }
      return readBody(answer, length, from);
    },
  };

  function wrongLength(count: string): StrataError {
    return new StrataError('unreadable', `${from} gave ${count} bytes of ${digest}.`, 'Try again.');
  }
}
