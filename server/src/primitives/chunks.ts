// Bytes that are at hand as a stream, and a small stream as bytes. How long a stream may be is for the caller.

/** A stream of one chunk. */
export async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** All bytes of a stream, copied: a chunk may only be lent. */
export async function joinChunks(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of chunks) parts.push(Uint8Array.from(part));
  return Buffer.concat(parts);
}
