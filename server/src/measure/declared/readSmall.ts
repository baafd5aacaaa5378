// Small text files of a project: null where there is none, a problem where it is not read. Nothing else is decided here.
import { isCancelled, StrataError } from '../../primitives/errors';
import type { Host } from '../../primitives/host';
import { readTextFile } from '../readTextFile';

/** Bytes: what declares builds is written by hand. */
const largest = 64 * 1024;

export async function readSmall(
  host: Host,
  file: string,
): Promise<{ text: string; problem: string | null } | null> {
  if ((await host.files.stat(file)) === null) return null;
  try {
    return { text: (await readTextFile(host, file, largest)).text, problem: null };
  } catch (error) {
    if (isCancelled(error) || !(error instanceof StrataError)) throw error;
    return error.code === 'not-found' ? null : { text: '', problem: error.message };
  }
}
