// How many bytes a layer will hold, before the build: exact, or unknown with the reason. Nothing is ever estimated. What
// a COPY takes is takes.ts; which of it the layer leaves out because it lies below already is placedFiles.ts.

import type { Taken } from '../context/model';
import type { BuildChoice, Dockerfile, Instruction } from '../dockerfile/model';
import { sourcesOf } from './copySources';
import { bytesBelow, isCopiedAlone, linkedBytes } from './filesBelow';
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
  if (bytes > 0 && isCopiedFromTree(dockerfile, instruction, choice)) {
    const told = sizeOfTree(dockerfile, instruction, choice, files, taken);
    if (told) return told;
  }
  const repeated = repeatedBytes(dockerfile, instruction, choice, taken, takenBy);
  if (!repeated) return exact(bytes);
  return between(
    bytes - repeated.bytes,
    bytes,
    `line ${repeated.line} copies files to the same place, and what is still the same may not be stored again`,
  );
}

/** Null where nothing speaks against what is taken, other lines of the text left out. */
function sizeOfTree(
  dockerfile: Dockerfile,
  instruction: Instruction,
  choice: BuildChoice,
  files: ContextFacts | null,
  taken: Taken,
): PredictedSize | null {
  const { least, most } = linkedBytes(taken);
  const below = files?.filesBelow?.(instruction) ?? null;
  if (below) {
    const repeated = bytesBelow(dockerfile, instruction, choice, taken, below);
    if (repeated > 0) {
      const why = 'some of it lies there already and may not be stored again';
      return between(Math.max(0, least - repeated), most, why);
    }
    return least === most ? exact(most) : between(least, most, linkDoubt);
  }
  if (!isCopiedAlone(dockerfile, instruction, choice)) {
    return between(
      0,
      most,
      'what lies there already is not known, and the same file may not be stored again',
    );
  }
  return least === most ? null : between(0, most, linkDoubt);
}

const linkDoubt = 'files in it may be hard links of one another, and stored once';

/** Files of the context have times of their own; those of stages and images often have the very times of others. */
function isCopiedFromTree(dockerfile: Dockerfile, instruction: Instruction, choice: BuildChoice): boolean {
  return sourcesOf(dockerfile, instruction, choice).some(({ kind }) => kind === 'stage' || kind === 'image');
}

function exact(bytes: number): PredictedSize {
  return { bytes, certainty: 'exact', why: null, least: bytes, most: bytes };
}

function between(least: number, most: number, why: string): PredictedSize {
  return { ...unknown(why), least, most };
}

function unknown(why: string): PredictedSize {
  return { bytes: null, certainty: 'unknown', why, least: null, most: null };
}
