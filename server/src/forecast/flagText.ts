// The value of a flag with its variables put in, and whether it is certain before the build.
import { isPlain } from '../dockerfile/globals';
import type { BuildChoice, Dockerfile, Instruction } from '../dockerfile/model';
import { environmentAt, expandWord } from '../dockerfile/variables';
import { type Told, told } from './told';

export function expandFlag(
  dockerfile: Dockerfile,
  instruction: Instruction,
  text: string,
  choice: BuildChoice,
): Told {
  if (isPlain(text, dockerfile.escape)) return told(text);
  const environment = environmentAt(dockerfile, instruction.index, choice);
  const { value, absent, error } = expandWord(text, (name) => environment.get(name), dockerfile.escape);
  return error === null && absent.length === 0 ? told(value) : told(text, false);
}
