// Variables as a person asks for them: one word, the environment of a line, the words of an instruction. How words are
// read is lex.ts; which variables are in force is environment.ts.
import { type Expansion, evaluate, frameAt } from './environment';
import { knownValues } from './frame';
import { isPlain } from './globals';
import { lex } from './lex';
import type { Lookup } from './lexer';
import type { BuildChoice, Dockerfile, Instruction } from './model';

export interface ExpandedWord {
  /** Quotes and escapes processed; the text as it was when `error` is set. */
  value: string;
  /** Variables without a value that left a hole: `$x`, not `${x:-y}`. */
  missing: string[];
  /** All variables that were looked up in vain. */
  absent: string[];
  /** Why BuildKit would refuse the word, a clause for a person: an open quote, an unknown modifier, a `${x:?…}`. */
  error: string | null;
}

/** Expands one word as BuildKit does, with all its modifiers. Never throws. */
export function expandWord(text: string, lookup: Lookup, escapeChar: string): ExpandedWord {
  const result = lex(text, { lookup, escape: escapeChar });
  return {
    value: result.error === null ? result.value : text,
    missing: [...result.missing],
    absent: [...result.absent],
    error: result.error,
  };
}

/**
 * The variables that an instruction sees, as far as they are known before the build: global ARGs for FROM and before it,
 * else what the stages below, ONBUILD triggers and the lines above in its stage set. The environment of an image is not in it.
 */
export function environmentAt(
  dockerfile: Dockerfile,
  instructionIndex: number,
  choice: BuildChoice,
): ReadonlyMap<string, string> {
  return knownValues(frameAt(dockerfile, instructionIndex, choice));
}

/**
 * The words of an instruction as the build will see them. Instructions that BuildKit does not expand (RUN, CMD,
 * ENTRYPOINT, SHELL, HEALTHCHECK, ONBUILD, MAINTAINER) keep theirs. An ARG shows the value that it takes.
 */
export function expandInstructionWords(
  dockerfile: Dockerfile,
  instruction: Instruction,
  choice: BuildChoice,
): Expansion {
  // A trigger bears the index of its ONBUILD; what it will see is the business of another build.
  const own = dockerfile.instructions[instruction.index] === instruction;
  const expansion = own ? evaluate(dockerfile, choice).expansions[instruction.index] : null;
  const certain = own || instruction.words.every((word) => isPlain(word, dockerfile.escape));
  return expansion ?? { words: instruction.words, missing: [], certain, error: null, bodies: [] };
}
