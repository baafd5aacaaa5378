// One blob of a registry as a layer's bytes: streamed, taken up again where a connection breaks, and at its end compared
// with its digest and its length. Nothing is asked for before somebody reads.
import { createHash } from 'node:crypto';
import { StrataError } from '../primitives/errors';
import type { NetworkAnswer } from '../primitives/network';
import { readListing } from './layerListing';
import type { LayerBlob } from './model';
import type { Descriptor } from './ociIndex';
import { readBody } from './registryBody';
import type { Registry } from './registryRequests';

/** Of `range`: tables of contents have a few MiB. */
const maxRangeBytes = 64 * 2 ** 20;
/** Characters of a table of contents that stays in memory. */
const maxKeptListing = 8 * 2 ** 20;
/** How often a broken transfer is taken up again; each time it must have brought something. */
const maxResumes = 5;

export function registryBlob(registry: Registry, { digest, size, listing }: Descriptor): LayerBlob {
  const path = `blobs/${digest}`;
  const from = registry.name.host;
  const blob: LayerBlob = {
    region: null,
    async *open(signal) {
      const hash = createHash('sha256');
      let length = 0;
      let answer = await registry.get(path, {}, signal);
      for (let resumes = 0; ; resumes++) {
        const before = length;
        try {
          for await (const chunk of answer.body) {
            length += chunk.length;
            if (size !== null && length > size) throw wrongLength(`more than ${size}`);
            hash.update(chunk);
            yield chunk;
          }
          break;
        } catch (error) {
          const isBroken = error instanceof StrataError && error.code === 'unreadable';
          const isShort = size !== null && length < size;
          if (!isBroken || !isShort || length === before || resumes >= maxResumes) throw error;
          const rest = await part(length, size, signal);
          if (!rest) throw error;
          answer = rest;
        }
      }
      if (size !== null && length < size) throw wrongLength(`${length} of ${size}`);
      if (`sha256:${hash.digest('hex')}` !== digest) {
        throw new StrataError('unreadable', `${from} gave other bytes for ${digest} than its digest says.`);
      }
    },
    async range(offset, length, signal) {
      if (length <= 0) return new Uint8Array(0);
      if (length > maxRangeBytes) throw new Error(`${length} bytes are too many for a part of a layer`);
      const answer = await part(offset, offset + length, signal);
      if (!answer) throw new StrataError('unsupported', `${from} does not give parts of a layer.`);
      return readBody(answer, length, from);
    },
  };
  if (listing && size !== null) {
    let kept: string | null = null;
    blob.listing = async (signal) => {
      const text = kept ?? (await readListing(blob, size, listing, signal));
      // It is asked for again by who reads a file.
      if (text !== null && text.length <= maxKeptListing) kept = text;
      return text;
    };
  }
  return blob;

  /** The bytes from `start` up to `end` or the end of the blob; null where the registry gives anything else. */
  async function part(start: number, end: number, signal?: AbortSignal): Promise<NetworkAnswer | null> {
    const answer = await registry.get(path, { range: `bytes=${start}-${end - 1}` }, signal);
    const given = /^bytes (\d+)-(\d+)\//.exec(answer.headers.get('content-range') ?? '');
    if (answer.status === 206 && Number(given?.[1]) === start && Number(given?.[2]) < end) return answer;
    await answer.discard();
    return null;
  }

  function wrongLength(count: string): StrataError {
    return new StrataError('unreadable', `${from} gave ${count} bytes of ${digest}.`, 'Try again.');
  }
}
