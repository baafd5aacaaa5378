// A small answer as a whole, bounded whatever its length is said to be.
import { StrataError } from '../primitives/errors';
import type { NetworkAnswer } from '../primitives/network';

/**
 * @param what names the answer in errors
 * Throws StrataError('hostile') when it has more than `most` bytes.
 */
export async function readBody(answer: NetworkAnswer, most: number, what: string): Promise<Uint8Array> {
  const tooLong = (): StrataError =>
    new StrataError('hostile', `${what} answered with more than ${most} bytes, too many for what was asked.`);
  if (Number(answer.headers.get('content-length') ?? 0) > most) {
    await answer.discard();
    throw tooLong();
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body) {
    length += chunk.length;
    if (length > most) throw tooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}
