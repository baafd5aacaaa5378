// Which instructions make a layer, by the rules of the builder and the text alone. How large a layer will be is sizes.ts;
// whether it comes from the cache is not asked here.
import type { BuildRules } from '../build/model';
import type { BuildChoice, Dockerfile, Instruction } from '../dockerfile/model';
import { workdirs } from './workdir';

/**
 * `layer`: a layer of its own, perhaps an empty one. `metadata`: an entry in the history without a layer.
 * `base`: brings the layers of what FROM names. `none`: leaves nothing in this image.
 */
export type Effect = 'layer' | 'metadata' | 'base' | 'none';

export interface CertainEffect {
  effect: Effect;
  /** False when it depends on what the build finds; `effect` is the likelier one then. */
  certain: boolean;
}

/** What an instruction leaves in an image that its stage is part of; the likelier answer where it is not certain. */
export function effectOf(
  dockerfile: Dockerfile,
  instruction: Instruction,
  rules: BuildRules,
  choice: BuildChoice,
): Effect {
  return certainEffectOf(dockerfile, instruction, rules, choice).effect;
}

/** The same, with whether it is certain. */
export function certainEffectOf(
  dockerfile: Dockerfile,
  instruction: Instruction,
  rules: BuildRules,
  choice: BuildChoice,
): CertainEffect {
  if (!instruction.known || instruction.stage === null) return { effect: 'none', certain: true };
  switch (instruction.keyword) {
    case 'FROM':
      return { effect: 'base', certain: true };
    case 'ONBUILD':
      return { effect: 'none', certain: true };
    case 'RUN':
    case 'COPY':
    case 'ADD':
      // The classic builder keeps a layer only when something changed; BuildKit and buildah always do.
      return { effect: 'layer', certain: rules !== 'classic' };
    case 'WORKDIR':
      return workdirEffect(dockerfile, instruction, rules, choice);
    default:
      return { effect: 'metadata', certain: true };
  }
}

function workdirEffect(
  dockerfile: Dockerfile,
  instruction: Instruction,
  rules: BuildRules,
  choice: BuildChoice,
): CertainEffect {
  if (rules === 'buildah') return { effect: 'metadata', certain: true };
  const workdir = workdirs(dockerfile, choice)[instruction.index];
  if (!workdir) return { effect: 'layer', certain: false };
  if (workdir.isRoot === null) {
    // A variable most often names a directory; `.` and `..` of an image most often are the root.
    const stepsOnly = /^[./\s]*$/.test(instruction.rest);
    return { effect: stepsOnly ? 'metadata' : 'layer', certain: false };
  }
  return workdir.isRoot
    ? { effect: 'metadata', certain: true }
    : { effect: 'layer', certain: rules !== 'classic' };
}
