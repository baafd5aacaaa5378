// How many bytes a layer will hold where the text alone decides it. Files of the build context are not looked at: what
// needs them is unknown here, never estimated.
import { readHeredoc } from '../dockerfile/heredoc';
import type { BuildChoice, Dockerfile, Heredoc, Instruction } from '../dockerfile/model';
import { expandInstructionWords } from '../dockerfile/variables';
import { blankWords } from '../dockerfile/words';

export interface PredictedSize {
  /** Sum of the regular files' sizes; null when unknown. */
  bytes: number | null;
  certainty: 'exact' | 'unknown';
}

const unknown: PredictedSize = { bytes: null, certainty: 'unknown' };

/** The size of the layer that an instruction makes: exact for a WORKDIR (0) and for files written as heredocs. */
export function predictSize(
  dockerfile: Dockerfile,
  instruction: Instruction,
  choice: BuildChoice,
): PredictedSize {
  if (instruction.stage === null) return unknown;
  // A WORKDIR makes directories and no file.
  if (instruction.keyword === 'WORKDIR') return { bytes: 0, certainty: 'exact' };
  if (instruction.keyword === 'COPY' || instruction.keyword === 'ADD') {
    const bytes = heredocBytes(dockerfile, instruction, choice);
    return bytes === null ? unknown : { bytes, certainty: 'exact' };
  }
  return unknown;
}

/** Null unless every source is a heredoc whose body is known to the byte. */
function heredocBytes(dockerfile: Dockerfile, instruction: Instruction, choice: BuildChoice): number | null {
  const { heredocs, flags, json, rest } = instruction;
  const sources = json ? [] : blankWords(rest).slice(0, -1);
  if (heredocs.length === 0 || sources.length === 0 || heredocs.some(({ terminated }) => !terminated))
    return null;
  // An --exclude can leave a heredoc out by its name; COPY --from takes none.
  if (flags.some(({ name }) => name === 'exclude' || name === 'from')) return null;
  const { words, bodies, certain, error } = expandInstructionWords(dockerfile, instruction, choice);
  if (!certain || error !== null) return null;
  // Sources of one name are one file, with the body of the last (parseSourcesAndDest).
  const files = new Map<string, string>();
  for (const source of sources) {
    const head = readHeredoc(source);
    const body = head && typeof head !== 'string' ? bodyOf(head.name, heredocs, bodies) : null;
    if (!head || typeof head === 'string' || body === null) return null;
    files.set(head.name, body);
  }
  // Several files onto a path that may be no directory: which of them stays is for the base to say.
  if (files.size > 1 && !words.at(-1)!.endsWith('/')) return null;
  let bytes = 0;
  for (const body of files.values()) bytes += Buffer.byteLength(body, 'utf8');
  return bytes;
}

function bodyOf(name: string, heredocs: readonly Heredoc[], bodies: readonly string[]): string | null {
  const index = heredocs.findLastIndex((heredoc) => heredoc.name === name);
  return index < 0 ? null : (bodies[index] ?? heredocs[index]!.body);
}
