// The network of a MemoryHost: a server played by a function, its answers handed out in chunks and counted until they
// are read or discarded.
import { StrataError } from '../../server/src/primitives/errors';
import type { HostNetwork } from '../../server/src/primitives/network';
import type { MemoryHost, MemoryHostOptions } from './memoryHost';

/** Of a body, where nothing else is asked for. */
const defaultChunkBytes = 65_536;

/** What a host's requests are kept in and counted by. */
type NetworkState = Pick<MemoryHost, 'requests' | 'openAnswers' | 'bytesRead'>;

export function memoryNetwork(options: MemoryHostOptions, host: NetworkState): HostNetwork {
  const { chunkBytes = defaultChunkBytes } = options;
  return {
    async request(url, request = {}) {
      host.requests.push(`${request.method ?? 'GET'} ${url}`);
      if (request.signal?.aborted) throw new StrataError('cancelled', `Reading ${url} was cancelled.`);
      if (!options.network)
        throw new StrataError('unreadable', `Could not read ${url}: there is no such host.`);
      const { status = 200, headers = {}, body = '' } = await options.network(url, request);
      host.openAnswers++;
      let open = true;
      const discard = async (): Promise<void> => {
        if (open) host.openAnswers--;
        open = false;
      };
      async function* chunks(): AsyncGenerator<Uint8Array> {
        try {
          if (typeof body !== 'string' && Symbol.asyncIterator in body) yield* body;
          else {
            const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
            for (let at = 0; at < bytes.length; at += chunkBytes) {
              if (request.signal?.aborted)
                throw new StrataError('cancelled', `Reading ${url} was cancelled.`);
              const chunk = bytes.slice(at, at + chunkBytes);
              host.bytesRead += chunk.length;
              yield chunk;
            }
          }
        } finally {
          await discard();
        }
      }
      return {
        status,
        headers: { get: (name) => headers[name.toLowerCase()] ?? null },
        body: chunks(),
        discard,
      };
    },
  };
}
