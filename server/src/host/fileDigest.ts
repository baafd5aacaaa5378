// sha256 of a file. Small files are read by blocking calls in slices, large ones by awaited reads.
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as promises from 'node:fs/promises';
import { type Digest, sha256 } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import { turn } from './blockingTurns';

const smallBytes = 256 * 1024;
const chunkBytes = 1024 * 1024;
/** A file may grow by this while it is read; what never ends, as some of /proc, is refused. */
const mostGrown = 64 * 1024 * 1024;
/** A link or a pipe that took the file's place meanwhile is refused, not followed and not waited for. */
const flags = fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0) | (fs.constants.O_NOFOLLOW ?? 0);

/** One buffer for all: it is only used between two awaits. */
const small = Buffer.allocUnsafeSlow(smallBytes);

/** Throws what the system says, or StrataError('unreadable') when it is no regular file. */
export async function digestFile(
  file: string,
  signal?: AbortSignal,
): Promise<{ digest: Digest; size: number }> {
  await turn();
  if (signal?.aborted) throw new StrataError('cancelled', `Reading ${file} was cancelled.`);
  return digestSmall(file) ?? digestLarge(file, signal);
}

/** Null for a file that does not fit the buffer. */
function digestSmall(file: string): { digest: Digest; size: number } | null {
  const descriptor = fs.openSync(file, flags);
  try {
    if (!fs.fstatSync(descriptor).isFile()) throw noFile(file);
    let size = 0;
    while (size < smallBytes) {
      const read = fs.readSync(descriptor, small, size, smallBytes - size, null);
      if (read === 0) {
        return { digest: sha256(small.subarray(0, size)), size };
      }
      size += read;
    }
    return null;
  } finally {
    fs.closeSync(descriptor);
  }
}

async function digestLarge(file: string, signal?: AbortSignal): Promise<{ digest: Digest; size: number }> {
  const handle = await promises.open(file, flags);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw noFile(file);
    const hash = createHash('sha256');
    const chunk = Buffer.allocUnsafe(chunkBytes);
    for (let size = 0; ; ) {
      if (signal?.aborted) throw new StrataError('cancelled', `Reading ${file} was cancelled.`);
      const { bytesRead } = await handle.read(chunk, 0, chunkBytes, null);
      if (bytesRead === 0) return { digest: `sha256:${hash.digest('hex')}`, size };
      hash.update(chunk.subarray(0, bytesRead));
      size += bytesRead;
      if (size > stats.size + mostGrown)
        throw new StrataError('unreadable', `Could not read ${file}: it has no end.`);
    }
  } finally {
    await handle.close();
  }
}

function noFile(file: string): StrataError {
  return new StrataError('unreadable', `Could not read ${file}: it is no regular file.`);
}
