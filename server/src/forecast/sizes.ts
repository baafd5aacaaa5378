// How many bytes a layer will hold, before the build: exact, or unknown with the reason. Nothing is ever estimated. What
// a COPY takes is takes.ts; which of it the layer leaves out because it lies below already is placedFiles.ts.
import type { BuildChoice, Dockerfile, Instruction } from '../dockerfile/model';
import { repeatedBytes } from './placedFiles';
import { type ContextFacts, takeWith } from './takes';

export interface PredictedSize {
  /** Sum of the regular files' sizes; null when unknown. */
  bytes: number | null;
  certainty: 'exact' | 'unknown';
  /** Why it is unknown, or why the build would fail here: a clause for a person; null when exact. */
  why: string | null;
  /** Bounds in bytes, both ends included; null when there are none. The two are the same when it is exact. */
  least: number | null;
  most: number | null;
}

/** The size of the layer that an instruction makes. A WORKDIR makes directories and no file: 0. */
export function predictSize(
  dockerfile: Dockerfile,
  instruction: Instruction,
  choice: BuildChoice,
  files: ContextFacts | null = null,
): PredictedSize {
  const { keyword } = instruction;
  if (instruction.stage === null) return unknown('it stands before the first FROM');
  if (keyword === 'WORKDIR') return exact(0);
  if (keyword === 'RUN') return unknown('what a command writes is known only after it ran');
  if (keyword !== 'COPY' && keyword !== 'ADD') return unknown('it makes no layer');
  const takenBy = (one: Instruction) => takeWith(dockerfile, one, choice, files);
  const taken = takenBy(instruction);
  const { bytes, why } = taken;
  if (bytes === null) return unknown(why ?? 'it is not known');
  const repeated = repeatedBytes(dockerfile, instruction, choice, taken, takenBy);
  if (!repeated) return exact(bytes);
  return {
    ...unknown(
      `line ${repeated.line} copies files to the same place, and what is still the same may not be stored again`,
    ),
    least: bytes - repeated.bytes,
    most: bytes,
  };
}

function exact(bytes: number): PredictedSize {
  return { bytes, certainty: 'exact', why: null, least: bytes, most: bytes };
}

function unknown(why: string): PredictedSize {
  return { bytes: null, certainty: 'unknown', why, least: null, most: null };
}
