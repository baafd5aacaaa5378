// The archives that the ADD lines of a text would unpack, read for the bytes in them. Which file a word names is
// context/takeSources.ts, what is in an archive context/archive.ts.
import path from 'node:path';
import { type ArchiveFinding, archiveBytes } from '../context/archive';
import type { ContextSnapshot } from '../context/model';
import { namedFiles } from '../context/takeSources';
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import { isOn } from '../dockerfile/switches';
import { expandInstructionWords } from '../dockerfile/variables';
import { isCancelled, StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';

/** Unpacking more than this while somebody types would be felt. */
const mostBytes = 8 * 2 ** 30;
const mostArchives = 20;

/** By path in the context: `known` itself when nothing is new. @throws StrataError 'cancelled' */
export async function readAddedArchives(
  host: Host,
  snapshot: ContextSnapshot,
  { dockerfile, choice }: { dockerfile: Dockerfile; choice: BuildChoice },
  known: ReadonlyMap<string, ArchiveFinding>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ArchiveFinding>> {
  const found = new Map(known);
  for (const instruction of dockerfile.instructions) {
    if (instruction.keyword !== 'ADD' || !isOn(instruction, 'unpack', true)) continue;
    const { words } = expandInstructionWords(dockerfile, instruction, choice);
    for (const word of words.slice(0, -1)) {
      for (const file of namedFiles(snapshot, word)) {
        if (found.has(file) || found.size >= mostArchives) continue;
        const size = snapshot.find(file)?.size ?? 0;
        found.set(file, await readArchive(host, path.join(snapshot.root, file), size, signal));
      }
    }
  }
  return found.size === known.size ? known : found;
}

async function readArchive(
  host: Host,
  file: string,
  size: number,
  signal: AbortSignal,
): Promise<ArchiveFinding> {
  if (size > mostBytes) return { kind: 'archive', bytes: null, why: 'it is too large to be looked into' };
  try {
    return await archiveBytes(host, file, signal);
  } catch (error) {
    if (isCancelled(error) || !(error instanceof StrataError)) throw error;
    return { kind: 'archive', bytes: null, why: 'it cannot be read' };
  }
}
